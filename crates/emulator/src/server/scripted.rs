//! Sends the answers of a script, whole or broken.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use futures_util::stream;

use super::bend::cut_body;
use super::connection::{Connection, Ending};
use super::script::{ScriptedReply, Then};
use super::token::Token;

impl From<Then> for Ending {
    fn from(then: Then) -> Self {
        match then {
            Then::Close => Self::Close,
            Then::Reset => Self::Reset,
            Then::Hold => Self::Hold,
        }
    }
}

/// The answer to a request with these headers.
pub(crate) fn answer(
    reply: &ScriptedReply,
    url: &str,
    request: &HeaderMap,
    connection: &Connection,
) -> Response {
    let token = Token::of(request).ok();
    let fill = |text: &str| {
        text.replace("{{url}}", url)
            .replace("{{token}}", token.as_ref().map_or("", Token::quote))
    };
    let is_streamed = reply.chunks.is_some() || reply.lines.is_some() || reply.then.is_some();
    let mut content_type = HeaderValue::from_static("application/json");
    let pieces: Vec<Bytes> = if let Some(text) = &reply.body {
        vec![fill(text).into()]
    } else if let Some(value) = &reply.json {
        vec![fill(&value.to_string()).into()]
    } else if let Some(lines) = &reply.lines {
        content_type = HeaderValue::from_static("application/x-ndjson");
        lines
            .iter()
            .map(|line| fill(&format!("{line}\n")).into())
            .collect()
    } else if let Some(base64) = &reply.body_base64 {
        vec![
            base64::engine::general_purpose::STANDARD
                .decode(base64)
                .unwrap_or_default()
                .into(),
        ]
    } else {
        reply
            .chunks
            .iter()
            .flatten()
            .map(|chunk| fill(chunk).into())
            .collect()
    };
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let ending = reply.then.map(Ending::from);

    let mut response = Response::new(Body::empty());
    let status = reply
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    if !is_streamed {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(fill(value)),
        ) {
            headers.insert(name, value);
        }
    }
    if ending.is_some() || reply.cut_after_bytes.is_some() || reply.cut_body_after_bytes.is_some() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }

    let cuts = reply.cut_body_after_bytes.is_some() || reply.cut_after_bytes.is_some();
    let after_body = ending
        .filter(|_| !cuts)
        .map(|ending| (ending, connection.clone()));
    let body = stream::unfold(
        (pieces.into_iter(), after_body),
        |(mut pieces, after_body)| async {
            // hyper flushes when a body has nothing ready: each piece is then sent by itself.
            tokio::task::yield_now().await;
            if let Some(piece) = pieces.next() {
                return Some((Ok::<_, Infallible>(piece), (pieces, after_body)));
            }
            let (ending, connection) = after_body?;
            connection.end_after_flush(ending);
            std::future::pending().await
        },
    );
    *response.body_mut() = Body::from_stream(body);
    if let Some(bytes) = reply.cut_after_bytes {
        connection.limit(bytes, ending.unwrap_or(Ending::Close));
    }
    if let Some(bytes) = reply.cut_body_after_bytes {
        response = cut_body(response, bytes, ending.unwrap_or(Ending::Close), connection);
    }
    response
}
