//! `POST /midjourney/tasks`: looking tasks up, one or several. Free, and without a token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::bend::Exchange;
use super::connection::Connection;
use super::service::Service;
use super::token::Token;
use super::{answers, reply};
use crate::jobs::fault::{Fault, Target};
use crate::wire::error::Refusal;
use crate::wire::request::Lookup;

pub(crate) const PATH: &str = "/midjourney/tasks";

pub(crate) async fn tasks(
    State(service): State<Arc<Service>>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let session = service.session();
    let faults = session.rules.claim(PATH, Target::Tasks, |_| true);
    let exchange = Exchange {
        target: Target::Tasks,
        session,
        connection,
        faults,
        token: Token::of(&headers).ok(),
    };
    let response = match answer(&exchange, &body).await {
        Ok(response) => response,
        Err(refusal) => exchange.refuse(&refusal),
    };
    exchange.send(response).await
}

async fn answer(exchange: &Exchange, body: &[u8]) -> Result<Response, Refusal> {
    if let Some(response) = exchange.precede().or_else(|| exchange.error_to_bend()) {
        return Ok(response);
    }
    let lookup = Lookup::parse(body)?;
    if let Some(response) = exchange.replace_any().await {
        return Ok(response);
    }
    let (session, jobs) = (&exchange.session, &exchange.session.jobs);
    let body = match lookup {
        Lookup::One { id, trace_id } => {
            let found = jobs.tasks(id.as_slice(), trace_id.as_slice()).await;
            match found.first() {
                Some(job) => answers::record(session, job).to_string(),
                None if exchange.has(&Fault::Task404) => {
                    return Err(Refusal::new("task_not_found", "no such task"));
                }
                None => "{}".to_owned(),
            }
        }
        Lookup::Batch {
            ids,
            trace_ids,
            offset,
            limit,
        } => {
            let mut found = if ids.is_none() && trace_ids.is_none() {
                jobs.newest_tasks()
            } else {
                let (ids, trace_ids) = (ids.unwrap_or_default(), trace_ids.unwrap_or_default());
                jobs.tasks(&ids, &trace_ids).await
            };
            if exchange.has(&Fault::BatchReversed) {
                found.reverse();
            }
            answers::batch(session, &found, offset, limit)
        }
    };
    Ok(reply::json(StatusCode::OK, body))
}
