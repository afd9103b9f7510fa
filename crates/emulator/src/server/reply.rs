//! The pieces that answers are made of.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::service::Session;
use crate::wire::error::{ErrorObject, Refusal};

pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    with_type(status, "application/json", body)
}

/// A page of a gateway.
pub(crate) fn html(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let title = format!("{} {reason}", status.as_u16());
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    with_type(status, "text/html", page)
}

pub(crate) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The answer to a refused request, as the service gives it.
pub(crate) fn refusal(session: &Session, refusal: &Refusal) -> Response {
    let body = refusal.error.answer_body(&trace_of(session, refusal));
    json(status_of(&refusal.error), body.to_string())
}

/// The trace id of the answer: the task's, or one of its own.
pub(crate) fn trace_of(session: &Session, refusal: &Refusal) -> String {
    refusal
        .trace_id
        .clone()
        .unwrap_or_else(|| session.jobs.refusal_trace())
}

pub(crate) fn status_of(error: &ErrorObject) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
