//! One TCP connection that can be broken on purpose: cut after a byte, reset, slowed to a byte at a time.
//!
//! The handler of a request plans through its [`Connection`]; [`FaultyStream`], under hyper, carries the plan out on the
//! bytes as they leave, the response's head and chunk framing included. Which fault breaks what is not decided here.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How a broken connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The peer reads what was sent, then end of file.
    Close,
    /// The peer gets a TCP reset.
    Reset,
    /// Nothing more is sent, and the connection stays open.
    Hold,
}

/// What is to happen to the bytes of the response that is about to be written.
#[derive(Debug, Default)]
struct Plan {
    /// Bytes that may still be sent, and what happens after them.
    budget: Option<(u64, Ending)>,
    /// End as soon as everything written so far has been sent.
    after_flush: Option<Ending>,
    /// The pause between two bytes.
    dribble: Option<Duration>,
    /// Whether the connection was closed or reset as planned.
    has_ended: bool,
}

/// The connection that a request came by, as the request's handler sees it.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    plan: Arc<Mutex<Plan>>,
    /// The client's address.
    pub(crate) peer: SocketAddr,
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr) -> Self {
        Self {
            plan: Arc::default(),
            peer,
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock()
    }

    /// Sends `bytes` of the response, counted from the first byte of its status line, then ends the connection.
    pub(crate) fn limit(&self, bytes: u64, ending: Ending) {
        self.plan().budget = Some((bytes, ending));
    }

    /// Ends the connection once all that the response has yielded so far has been sent. To be called from within the
    /// response's body, which then yields nothing more: hyper flushes whenever a body has nothing ready.
    pub(crate) fn end_after_flush(&self, ending: Ending) {
        self.plan().after_flush = Some(ending);
    }

    /// Whether a planned ending has closed or reset the connection.
    pub(crate) fn has_ended(&self) -> bool {
        self.plan().has_ended
    }

    /// Sends one byte at a time, with a pause between two.
    pub(crate) fn dribble(&self, pause: Duration) {
        self.plan().dribble = Some(pause);
    }
}

/// A TCP stream that obeys the plan of its [`Connection`].
#[derive(Debug)]
pub(crate) struct FaultyStream {
    tcp: TcpStream,
    connection: Connection,
    next_byte: Option<Pin<Box<Sleep>>>,
}

impl FaultyStream {
    pub(crate) fn new(tcp: TcpStream, connection: Connection) -> Self {
        Self {
            tcp,
            connection,
            next_byte: None,
        }
    }

    /// Ends the connection; hyper takes the error for a disconnected peer, and drops the stream.
    fn end(&mut self, context: &mut Context<'_>, ending: Ending) -> Poll<io::Error> {
        match ending {
            Ending::Hold => return Poll::Pending,
            Ending::Reset => {
                if let Err(error) = self.tcp.set_zero_linger() {
                    tracing::debug!(%error, "cannot reset a connection; it is closed instead");
                }
            }
            // A shutdown first, so that the bytes before it are delivered even if the peer is still sending.
            Ending::Close => drop(ready!(Pin::new(&mut self.tcp).poll_shutdown(context))),
        }
        self.connection.plan().has_ended = true;
        Poll::Ready(io::Error::new(
            io::ErrorKind::BrokenPipe,
            "ended by an emulated fault",
        ))
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let (budget, dribble) = {
            let plan = this.connection.plan();
            (plan.budget, plan.dribble)
        };
        let mut allowed = bytes.len();
        if let Some((left, ending)) = budget {
            if left == 0 {
                return this.end(context, ending).map(Err);
            }
            allowed = allowed.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if let Some(pause) = dribble {
            let next = this
                .next_byte
                .get_or_insert_with(|| Box::pin(sleep_until(Instant::now())));
            ready!(next.as_mut().poll(context));
            next.as_mut().reset(Instant::now() + pause);
            allowed = allowed.min(1);
        }
        let written = ready!(Pin::new(&mut this.tcp).poll_write(context, &bytes[..allowed]))?;
        if let Some((left, _)) = &mut this.connection.plan().budget {
            *left -= written as u64;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let faulty = {
            let plan = self.connection.plan();
            plan.budget.is_some() || plan.dribble.is_some()
        };
        if faulty {
            let first = slices
                .iter()
                .find(|slice| !slice.is_empty())
                .map_or(&[][..], |slice| &**slice);
            return self.poll_write(context, first);
        }
        Pin::new(&mut self.get_mut().tcp).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let ending = {
            let plan = this.connection.plan();
            match plan.budget {
                // A response that is exactly as long as its budget has no further write that could end it.
                Some((0, ending)) => Some(ending),
                _ => plan.after_flush,
            }
        };
        match ending {
            Some(ending) => this.end(context, ending).map(Err),
            None => Pin::new(&mut this.tcp).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}
