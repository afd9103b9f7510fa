//! Notices a client that disconnects before its answer is complete, so that a test can see that cancelling ends the
//! exchange.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use hyper::body::SizeHint;

use super::connection::Connection;
use super::service::Session;

/// Lives as long as the exchange; dropped before the answer is complete, it notes that the client has disconnected.
#[derive(Debug)]
pub(crate) struct Witness {
    session: Arc<Session>,
    number: u64,
    connection: Connection,
    is_complete: bool,
}

impl Witness {
    pub(crate) fn new(session: Arc<Session>, number: u64, connection: Connection) -> Self {
        Self {
            session,
            number,
            connection,
            is_complete: false,
        }
    }

    /// Watches the answer's body until it is sent.
    pub(crate) fn follow(self, response: Response) -> Response {
        let length = response
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok());
        response.map(|body| {
            let mut watched = Watched {
                body,
                left: length,
                witness: self,
            };
            watched.note_end();
            Body::new(watched)
        })
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if !self.is_complete && !self.connection.has_ended() {
            let log = &self.session.requests;
            log.amend(self.number, |entry| entry.abandoned = true);
        }
    }
}

struct Watched {
    body: Body,
    /// Bytes still to come, where their number was announced: hyper does not ask such a body for its end.
    left: Option<u64>,
    witness: Witness,
}

impl Watched {
    fn note_end(&mut self) {
        self.witness.is_complete |= self.body.is_end_stream() || self.left == Some(0);
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        match &frame {
            Poll::Ready(None) => this.witness.is_complete = true,
            Poll::Ready(Some(frame)) => {
                if let (Some(left), Ok(Some(data))) = (
                    &mut this.left,
                    frame.as_ref().map(hyper::body::Frame::data_ref),
                ) {
                    *left = left.saturating_sub(data.len() as u64);
                }
                this.note_end();
            }
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
