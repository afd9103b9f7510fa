//! The pieces that answers are made of.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use crate::fault::Fault;
use crate::token::Token;
use crate::wire::error::{ErrorObject, Refusal, answer_body};
use crate::work::Run;

pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    with_type(status, "application/json", body)
}

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

/// The answer to a refused request, in the service's own shape.
pub(crate) fn refusal(run: &Run, refusal: &Refusal) -> Response {
    bent_refusal(run, refusal, &[], None)
}

/// The answer to a refused request, in the shape that the faults of the exchange ask for.
pub(crate) fn bent_refusal(
    run: &Run,
    refusal: &Refusal,
    faults: &[Fault],
    token: Option<&Token>,
) -> Response {
    let trace_id = refusal
        .trace_id
        .clone()
        .unwrap_or_else(|| run.refusal_trace());
    let mut error = refusal.error.clone();
    let mut shape = None;
    for fault in faults {
        match fault {
            Fault::QuoteToken => {
                let token = token.map_or("", Token::quote);
                error.message = format!("{} (Authorization: Bearer {token})", error.message);
            }
            Fault::ErrorShape(name) => shape = Some(name.as_str()),
            _ => {}
        }
    }
    shaped(refusal.status, shape, &error, &trace_id)
}

/// The bodies that errors have been seen or are feared to have.
fn shaped(
    status: StatusCode,
    shape: Option<&str>,
    error: &ErrorObject,
    trace_id: &str,
) -> Response {
    use serde_json::json as value;
    let message = error.message.as_str();
    let body = match shape {
        None => answer_body(error, trace_id),
        Some("b") => value!({ "success": false, "error": error, "trace_id": trace_id }),
        Some("text") => value!({ "error": message }),
        Some("null") => value!({ "error": null, "trace_id": trace_id }),
        Some("list") => value!({ "error": [error] }),
        Some("missing") => value!({ "trace_id": trace_id }),
        Some("detail") => value!({ "detail": message }),
        Some("top_level") => {
            value!({ "code": error.code, "message": message, "trace_id": trace_id })
        }
        Some("kong") => value!({ "message": message }),
        Some("array") => value!([message]),
        Some(_) => return with_type(status, "text/plain", message.to_owned()),
    };
    json(status, body.to_string())
}

/// 429, with the seconds to wait if there are any.
pub(crate) fn retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
