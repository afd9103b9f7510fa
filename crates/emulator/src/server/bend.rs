//! How faults change an exchange: before the handler runs, and on its answer's way out.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::connection::{Connection, Ending};
use super::reply;
use super::service::Session;
use super::token::Token;
use crate::jobs::fault::{Fault, Target};
use crate::jobs::job::Job;
use crate::wire::error::Refusal;

/// A request on its connection, with the faults that strike it.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// What the request is for: a prompt's faults on pictures must not strike the answer to the prompt.
    pub(crate) target: Target,
    pub(crate) session: Arc<Session>,
    pub(crate) connection: Connection,
    pub(crate) faults: Vec<Fault>,
    pub(crate) token: Option<Token>,
}

/// The faults that struck an exchange; the gate logs them.
#[derive(Clone, Debug)]
pub(crate) struct Struck(pub(crate) Vec<String>);

impl Exchange {
    pub(crate) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    /// The answer to a refused request, in the shape that the faults ask for.
    pub(crate) fn refuse(&self, refusal: &Refusal) -> Response {
        self.refuse_with(reply::status_of(&refusal.error), refusal)
    }

    fn refuse_with(&self, status: StatusCode, refusal: &Refusal) -> Response {
        let trace_id = reply::trace_of(&self.session, refusal);
        let mut error = refusal.error.clone();
        let mut shape = None;
        for fault in &self.faults {
            match fault {
                Fault::QuoteToken => {
                    let token = self.token.as_ref().map_or("", Token::quote);
                    error.message = format!("{} (Authorization: Bearer {token})", error.message);
                }
                Fault::ErrorShape(name) => shape = Some(name.as_str()),
                _ => {}
            }
        }
        let message = error.message.as_str();
        let body = match shape {
            None => error.answer_body(&trace_id),
            Some("b") => json!({ "success": false, "error": error, "trace_id": trace_id }),
            Some("text") => json!({ "error": message }),
            Some("null") => json!({ "error": null, "trace_id": trace_id }),
            Some("list") => json!({ "error": [error] }),
            Some("missing") => json!({ "trace_id": trace_id }),
            Some("detail") => json!({ "detail": message }),
            Some("top_level") => {
                json!({ "code": error.code, "message": message, "trace_id": trace_id })
            }
            Some("kong") => json!({ "message": message }),
            Some("array") => json!([message]),
            Some(_) => return reply::with_type(status, "text/plain", message.to_owned()),
        };
        reply::json(status, body.to_string())
    }

    /// The answer to a request that a fault keeps from being carried out.
    pub(crate) fn precede(&self) -> Option<Response> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::RefuseBeforeAccept => {
                self.connection.limit(0, Ending::Close);
                Some(reply::json(StatusCode::OK, "{}"))
            }
            Fault::Html502Before => Some(reply::html(StatusCode::BAD_GATEWAY)),
            Fault::RateLimit(seconds) => {
                let mut response =
                    self.refuse(&Refusal::new("too_many_requests", "too many requests"));
                if let Some(seconds) = *seconds {
                    let headers = response.headers_mut();
                    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
                Some(response)
            }
            Fault::Error500 => Some(self.refuse(&Refusal::new("api_error", "fetch failed"))),
            Fault::Refuse(code) => {
                let (code, status) = code.split_once(':').unwrap_or((code, ""));
                let refusal = Refusal::new(code.to_owned(), "emulated refusal");
                let status = status
                    .parse()
                    .unwrap_or_else(|_| reply::status_of(&refusal.error));
                Some(self.refuse_with(status, &refusal))
            }
            Fault::Error200(code) => {
                let error = json!({ "code": code, "message": "emulated failure" });
                let trace_id = self.session.jobs.refusal_trace();
                let body = json!({ "success": false, "error": error, "trace_id": trace_id });
                Some(reply::json(StatusCode::OK, body.to_string()))
            }
            Fault::PaymentRequired => {
                let body = json!({ "x402Version": 2, "accepts": [] });
                Some(reply::json(StatusCode::PAYMENT_REQUIRED, body.to_string()))
            }
            _ => None,
        })
    }

    /// An error for the faults that only change errors, where nothing else is one.
    pub(crate) fn error_to_bend(&self) -> Option<Response> {
        let asks = |fault: &Fault| match fault {
            Fault::ErrorShape(_) => true,
            // Beside a failing task the token is quoted in that failure.
            Fault::QuoteToken => !self.faults.iter().any(|other| {
                matches!(
                    other,
                    Fault::FailTask(_)
                        | Fault::ErrorLine(_)
                        | Fault::Error500Started
                        | Fault::Error504
                )
            }),
            _ => false,
        };
        self.faults
            .iter()
            .any(asks)
            .then(|| self.refuse(&Refusal::new("api_error", "fetch failed")))
    }

    /// Puts another answer in the place of a job's, where a fault asks for it; the job runs on.
    pub(crate) async fn replace(&self, job: &Job) -> Option<Response> {
        for fault in &self.faults {
            let refusal = match fault {
                Fault::Error500Started => Refusal::new("api_error", "fetch failed"),
                Fault::Error504 => Refusal::new("timeout", "the generation takes too long"),
                _ => continue,
            };
            return Some(self.refuse(&refusal.with_trace(&job.trace_id)));
        }
        self.replace_any().await
    }

    /// As [`Self::replace`], for answers that are not about a job.
    pub(crate) async fn replace_any(&self) -> Option<Response> {
        for fault in &self.faults {
            match fault {
                Fault::Html502 => return Some(reply::html(StatusCode::BAD_GATEWAY)),
                // Dropped when the client disconnects or the emulator stops.
                Fault::Silence => std::future::pending().await,
                _ => {}
            }
        }
        None
    }

    /// Breaks an answer on its way out, as the faults ask.
    pub(crate) async fn send(&self, mut response: Response) -> Response {
        let mut is_broken = false;
        for fault in &self.faults {
            match fault {
                Fault::DropAfterAccept => self.connection.limit(0, Ending::Close),
                Fault::CutAfterBytes(bytes) => self.connection.limit(*bytes, Ending::Close),
                Fault::ResetAfterBytes(bytes) => self.connection.limit(*bytes, Ending::Reset),
                Fault::SilenceAfterBytes(bytes) => self.connection.limit(*bytes, Ending::Hold),
                Fault::Dribble(milliseconds) => {
                    self.connection
                        .dribble(Duration::from_millis(*milliseconds));
                }
                Fault::CutBodyAfterBytes(bytes) => {
                    response = cut_body(response, *bytes, Ending::Close, &self.connection);
                }
                Fault::PictureCut(bytes) if self.target == Target::Picture => {
                    response = cut_body(response, *bytes, Ending::Close, &self.connection);
                }
                Fault::TruncatedJson => {
                    response = truncate(response).await;
                    continue;
                }
                _ => continue,
            }
            is_broken = true;
        }
        if is_broken {
            // The connection's plan must not strike the next exchange.
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if !self.faults.is_empty() {
            let struck = self.faults.iter().map(ToString::to_string).collect();
            response.extensions_mut().insert(Struck(struck));
        }
        response
    }
}

/// Sends this many bytes of a body, then ends the connection; the announced length stays.
pub(crate) fn cut_body(
    response: Response,
    bytes: u64,
    ending: Ending,
    connection: &Connection,
) -> Response {
    let connection = connection.clone();
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let chunks = body.into_data_stream();
    let cut = stream::unfold((chunks, bytes), move |(mut chunks, left)| {
        let connection = connection.clone();
        async move {
            if left == 0 {
                connection.end_after_flush(ending);
                return std::future::pending().await;
            }
            match chunks.next().await? {
                Ok(mut chunk) => {
                    chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    let left = left - chunk.len() as u64;
                    Some((Ok(chunk), (chunks, left)))
                }
                Err(error) => Some((Err(error), (chunks, left))),
            }
        }
    });
    Response::from_parts(head, Body::from_stream(cut))
}

/// Halves a JSON answer, which then ends without an error of HTTP. Streams halve their own last line.
async fn truncate(response: Response) -> Response {
    let (head, body) = response.into_parts();
    if body.size_hint().exact().is_none() {
        return Response::from_parts(head, body);
    }
    let bytes: Bytes = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    Response::from_parts(head, Body::from(bytes.slice(..bytes.len() / 2)))
}
