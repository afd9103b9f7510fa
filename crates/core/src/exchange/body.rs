//! A request body that knows whether it was handed to the network. What was never read was never sent: this, and no
//! guess from an error's kind, is what decides whether a paid request may be tried again.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// Whether the request of the latest attempt may have reached the service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent(Arc<AtomicBool>);

impl Sent {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Nothing is out: before an attempt, and after the service refused one.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The bytes of a request. It cannot be cloned by the HTTP library, so nothing below us can send it a second time.
pub(crate) struct Body {
    content: Option<Bytes>,
    sent: Sent,
}

impl Body {
    pub(crate) fn new(content: Bytes, sent: Sent) -> Self {
        Self {
            content: Some(content),
            sent,
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = self.get_mut();
        Poll::Ready(body.content.take().map(|content| {
            // Before the bytes go out, not after: a crash in between must not read as "never sent".
            body.sent.0.store(true, Ordering::Release);
            Ok(Frame::data(content))
        }))
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
