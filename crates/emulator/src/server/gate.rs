//! What every request passes on its way in: its body is read, it is logged, and a script may answer it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;

use super::bend::Struck;
use super::connection::Connection;
use super::service::Service;
use super::witness::Witness;
use super::{admin, imagine, reply, scripted};
use crate::wire::error::Refusal;

/// The largest body that is accepted, in bytes.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// Bytes of a larger body that are read and thrown away before the refusal: a client that still sends would lose it.
const MAX_DISCARDED: usize = 8 * MAX_BODY;

/// Reads the body of every request, so that no answer races with what is still being sent; logs the request; gives the
/// answers of the script.
pub(crate) async fn gate(
    State(service): State<Arc<Service>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let read = read_body(body).await;
    // A reset may have come while the body did.
    let session = service.session();
    let body = match read {
        Ok(Some(body)) => body,
        Ok(None) => {
            let refusal = Refusal::new("request_too_large", "the body is larger than 32 MB");
            return reply::refusal(&session, &refusal);
        }
        Err(error) => {
            tracing::debug!(%error, "the body did not arrive");
            let refusal = Refusal::bad_request("the body did not arrive in full");
            return reply::refusal(&session, &refusal);
        }
    };
    let path = head.uri.path();
    let below = path.strip_prefix(admin::PREFIX);
    if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return next.run(Request::from_parts(head, Body::from(body))).await;
    }
    let now = || session.jobs.clock.now();
    let log = &session.requests;
    let number = log.receive(&head.method, &head.uri, &head.headers, &body, now());
    let witness = Witness::new(Arc::clone(&session), number, connection.clone());
    let scripted = session.script.take(path);
    let is_scripted = scripted.is_some();
    let response = if let Some(reply) = scripted {
        if path == imagine::PATH {
            session.jobs.ledger.note_submission();
        }
        scripted::answer(&reply, &service.config.url, &head.headers, &connection)
    } else {
        next.run(Request::from_parts(head, Body::from(body))).await
    };
    log.amend(number, |entry| {
        entry.answered_at = Some(now());
        entry.status = Some(response.status().as_u16());
        entry.scripted = is_scripted;
        if let Some(Struck(faults)) = response.extensions().get() {
            entry.faults.clone_from(faults);
        }
    });
    witness.follow(response)
}

/// Reads a body, or nothing if it is too large.
async fn read_body(body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut read = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length > MAX_DISCARDED {
            return Ok(None);
        }
        if length > MAX_BODY {
            read = Vec::new();
        } else {
            read.extend_from_slice(&chunk);
        }
    }
    Ok((length <= MAX_BODY).then(|| read.into()))
}
