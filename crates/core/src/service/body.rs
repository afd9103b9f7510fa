//! A request body that knows whether it was handed to the network, and that can be withdrawn. What was never read was
//! never sent: this, and no guess from an error's kind, decides whether a paid request may be tried again.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use parking_lot::Mutex;

use crate::error::Error;

/// Not read yet.
const WAITING: u8 = 0;
/// Read, so it may be with the service.
const OUT: u8 = 1;
/// Withdrawn before it was read: it will never be sent.
const WITHDRAWN: u8 = 2;

/// What is known of an attempt that was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It may be with the service.
    Sent,
    /// It was not sent, and it never will be.
    NotSent,
}

/// One attempt's request. The HTTP library may hold the body beyond the life of the call that made it, so an attempt that is
/// given up is withdrawn first; only then is "not sent" a fact. Dropping it withdraws it.
#[derive(Debug)]
pub(crate) struct Attempt(Arc<AtomicU8>);

impl Attempt {
    /// Withdraws the request, and says whether that came too late.
    pub(crate) fn withdraw(&self) -> Fate {
        match self
            .0
            .compare_exchange(WAITING, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire)
        {
            Err(OUT) => Fate::Sent,
            _ => Fate::NotSent,
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// What became of a paid request, over all its attempts.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    latest: Mutex<Option<Arc<AtomicU8>>>,
    /// The error of the first attempt that the service may have accepted.
    accepted: Mutex<Option<Error>>,
}

impl Attempts {
    /// Begins an attempt with this content.
    pub(crate) fn begin(&self, content: Bytes) -> (Attempt, Body) {
        let state = Arc::new(AtomicU8::new(WAITING));
        *self.latest.lock() = Some(Arc::clone(&state));
        let body = Body {
            content: Some(content),
            state: Arc::clone(&state),
        };
        (Attempt(state), body)
    }

    /// The service refused the latest attempt.
    pub(crate) fn refused(&self) {
        *self.latest.lock() = None;
    }

    /// The latest attempt failed in a way that leaves open whether the service accepted it.
    pub(crate) fn may_be_accepted(&self, error: &Error) {
        self.accepted.lock().get_or_insert_with(|| error.clone());
    }

    /// The error of an attempt that leaves that open, if there was one.
    pub(crate) fn accepted(&self) -> Option<Error> {
        self.accepted.lock().clone()
    }

    /// Whether the request may be with the service.
    pub(crate) fn is_out(&self) -> bool {
        let latest = self.latest.lock();
        latest
            .as_ref()
            .is_some_and(|state| state.load(Ordering::Acquire) == OUT)
            || self.accepted.lock().is_some()
    }
}

/// The bytes of a request. It cannot be cloned by the HTTP library, so nothing below us can send it a second time.
#[derive(Debug)]
pub(crate) struct Body {
    content: Option<Bytes>,
    state: Arc<AtomicU8>,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        let Some(content) = body.content.take() else {
            return Poll::Ready(None);
        };
        // Before the bytes go out, not after: a crash in between must not read as "never sent".
        Poll::Ready(Some(
            match body
                .state
                .compare_exchange(WAITING, OUT, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => Ok(Frame::data(content)),
                Err(_) => Err(io::Error::other(
                    "the request was given up before it was sent",
                )),
            },
        ))
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(
            self.content
                .as_ref()
                .map_or(0, |content| content.len() as u64),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use http_body::Body as _;

    use super::*;

    fn read(body: &mut Body) -> Option<Result<Bytes, io::Error>> {
        match Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())),
            Poll::Pending => panic!("a body in memory is always ready"),
        }
    }

    #[test]
    fn what_was_read_is_out_and_what_was_given_up_cannot_be_read() {
        let attempts = Attempts::default();
        let (attempt, mut body) = attempts.begin(Bytes::from_static(b"{}"));
        assert!(!attempts.is_out());
        assert_eq!(read(&mut body).unwrap().unwrap(), "{}");
        assert!(attempts.is_out());
        assert_eq!(attempt.withdraw(), Fate::Sent);
        assert!(read(&mut body).is_none());

        let (attempt, mut late) = attempts.begin(Bytes::from_static(b"{}"));
        drop(attempt);
        assert!(
            read(&mut late).unwrap().is_err(),
            "an HTTP library that is slow to let go sends nothing"
        );
        assert!(!attempts.is_out());
    }
}
