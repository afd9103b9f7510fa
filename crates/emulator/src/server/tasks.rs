//! `POST /midjourney/tasks`: looking tasks up, one or several. Free, and without a token.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::bend::Exchange;
use super::connection::Wire;
use super::{Service, reply};
use crate::fault::{Fault, Target};
use crate::token::Token;
use crate::wire::error::Refusal;
use crate::wire::request::Lookup;
use crate::wire::response;
use crate::work::Run;
use crate::work::job::Job;

pub(crate) const PATH: &str = "/midjourney/tasks";

pub(crate) async fn tasks(
    State(service): State<Arc<Service>>,
    Extension(wire): Extension<Wire>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let run = service.run();
    let faults = run.rules.claim(PATH, Target::Tasks, |_| true);
    let exchange = Exchange {
        target: Target::Tasks,
        run,
        wire,
        faults,
        token: Token::of(&headers).ok(),
    };
    let response = match answer(&service, &exchange, &body).await {
        Ok(response) => response,
        Err(refusal) => exchange.refuse(&refusal),
    };
    exchange.send(response).await
}

async fn answer(
    service: &Arc<Service>,
    exchange: &Exchange,
    body: &[u8],
) -> Result<Response, Refusal> {
    if let Some(response) = exchange.precede().or_else(|| exchange.error_to_bend()) {
        return Ok(response);
    }
    let lookup = Lookup::parse(body)?;
    if let Some(response) = exchange.replace_any().await {
        return Ok(response);
    }
    let run = &exchange.run;
    let body = match lookup {
        Lookup::One { id, trace_id } => {
            let found = service
                .tasks(run, id.as_slice(), trace_id.as_slice())
                .await
                .into_iter()
                .next();
            match found {
                Some(job) => response::record(run, &job).to_string(),
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
                run.store
                    .newest_first()
                    .into_iter()
                    .filter(|job| run.shows(job))
                    .collect()
            } else {
                service
                    .tasks(
                        run,
                        &ids.unwrap_or_default(),
                        &trace_ids.unwrap_or_default(),
                    )
                    .await
            };
            if exchange.has(&Fault::BatchReversed) {
                found.reverse();
            }
            response::batch(run, &found, offset, limit)
        }
    };
    Ok(reply::json(StatusCode::OK, body))
}

/// What a kept task is looked for by.
#[derive(Clone, Debug)]
enum Key {
    Task(String),
    Trace(String),
    Image(u64),
}

impl Service {
    /// The tasks of these ids and traces that are to be seen, each once, in the order asked.
    async fn tasks(&self, run: &Run, ids: &[String], trace_ids: &[String]) -> Vec<Arc<Job>> {
        let by_id = ids.iter().cloned().map(Key::Task);
        let by_trace = trace_ids.iter().cloned().map(Key::Trace);
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for key in by_id.chain(by_trace) {
            let Some(job) = self.find(run, key).await else {
                continue;
            };
            if run.shows(&job) && seen.insert(job.task_id.clone()) {
                found.push(job);
            }
        }
        found
    }

    /// The job whose result has this id; an unfinished frame is not a result.
    pub(crate) async fn result_of(&self, run: &Run, image_id: u64) -> Option<Arc<Job>> {
        self.find(run, Key::Image(image_id))
            .await
            .filter(|job| job.result_id() == Some(image_id))
    }

    /// The job whose picture has this id, finished or not.
    pub(crate) async fn pictured(&self, run: &Run, image_id: u64) -> Option<Arc<Job>> {
        self.find(run, Key::Image(image_id)).await
    }

    /// Looks in memory, then in the state folder.
    async fn find(&self, run: &Run, key: Key) -> Option<Arc<Job>> {
        let known = match &key {
            Key::Task(id) => run.store.by_task(id),
            Key::Trace(id) => run.store.by_trace(id),
            Key::Image(id) => run.store.by_image(*id),
        };
        if known.is_some() || self.config.state_folder.is_none() {
            return known;
        }
        let config = Arc::clone(&self.config);
        let read = tokio::task::spawn_blocking(move || {
            let folder = config.state_folder.as_ref()?;
            match key {
                Key::Task(id) => folder.by_task(&id),
                Key::Trace(id) => folder.by_trace(&id),
                Key::Image(id) => folder.by_image(id),
            }
        });
        let job = read.await.ok().flatten()?;
        Some(run.store.adopt(Arc::new(job)))
    }
}
