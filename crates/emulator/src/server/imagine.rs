//! `POST /midjourney/imagine`: the checks, the start of the job, and the answer of a single object.
//!
//! The answer of a line for each frame is in `stream`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use serde_json::value::RawValue;
use url::Url;

use super::bend::Exchange;
use super::callback::{self, Callback};
use super::connection::Connection;
use super::service::Service;
use super::token::Token;
use super::{answers, reply, stream};
use crate::jobs::action::VARIATION_REGION;
use crate::jobs::engine::{JobRequest, Jobs, Origin};
use crate::jobs::fault::{Fault, Target};
use crate::jobs::job::{Job, Outcome};
use crate::jobs::prompt::{Prompt, is_modern};
use crate::picture::RegionMask;
use crate::wire::error::Refusal;
use crate::wire::request::{Imagine, Mode};

pub(crate) const PATH: &str = "/midjourney/imagine";
/// The largest mask that is fetched, in bytes.
const MAX_MASK: usize = 32 * 1024 * 1024;

pub(crate) async fn imagine(
    State(service): State<Arc<Service>>,
    Extension(connection): Extension<Connection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let session = service.session();
    session.jobs.ledger.note_submission();
    let faults = session.rules.claim(PATH, Target::Imagine, |_| true);
    let token = Token::of(&headers).ok();
    let mut exchange = Exchange {
        target: Target::Imagine,
        session,
        connection,
        faults,
        token,
    };
    let streamed = accepts_ndjson(&headers);
    let response = match carry_out(&service, &mut exchange, &headers, &body, streamed).await {
        Ok(response) => response,
        Err(refusal) => exchange.refuse(&refusal),
    };
    exchange.send(response).await
}

fn accepts_ndjson(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.to_ascii_lowercase().contains("application/x-ndjson"))
    })
}

async fn carry_out(
    service: &Service,
    exchange: &mut Exchange,
    headers: &HeaderMap,
    body: &[u8],
    streamed: bool,
) -> Result<Response, Refusal> {
    if let Some(response) = exchange.precede() {
        return Ok(response);
    }
    Token::check(headers, &service.config.tokens)?;
    let request = Imagine::parse(body)?;
    let mut prompt = Prompt::parse(request.prompt.as_deref().unwrap_or_default())?;
    exchange.faults.append(&mut prompt.faults);
    if let Some(response) = exchange.precede() {
        return Ok(response);
    }
    let origin = check(service, &exchange.session.jobs, &request, &prompt).await?;
    if let Some(response) = exchange.error_to_bend() {
        return Ok(response);
    }
    let ignores_async = exchange.has(&Fault::NoAsync);
    let synchronous = request.callback_url.is_none() && (!request.r#async || ignores_async);
    let job_request = JobRequest {
        action: request.action,
        mode: request.mode,
        body: echo(body)?,
        origin,
        words: prompt.text,
        seed: prompt.seed,
        split: request.split_images,
        streamed,
        synchronous,
        quoted_token: exchange
            .token
            .as_ref()
            .filter(|_| exchange.has(&Fault::QuoteToken))
            .map(|token| token.quote().to_owned()),
        faults: exchange.faults.clone(),
    };
    let session = &exchange.session;
    let job = session.jobs.submit(job_request)?;
    if let Some(url) = request.callback_url {
        let callback = Callback {
            url,
            per_frame: streamed,
        };
        let delivery = callback::deliver(
            Arc::clone(session),
            Arc::clone(&service.outbound),
            Arc::clone(&job),
            callback,
        );
        let over = session.jobs.over.clone();
        tokio::spawn(over.run_until_cancelled_owned(delivery));
    }
    if let Some(response) = exchange.replace(&job).await {
        return Ok(response);
    }
    if !synchronous {
        let status = if job.has(&Fault::Ack202) {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
        };
        return Ok(reply::json(status, answers::acknowledgement(&job)));
    }
    let deadline = job.accepted.saturating_add(request.timeout);
    if streamed {
        let answer = stream::answer(exchange, &job, deadline).await;
        return Ok(answer.unwrap_or_else(|| timed_out(exchange, &job)));
    }
    Ok(tokio::select! {
        biased;
        outcome = job.ended() => match outcome {
            Outcome::Result(frame) => reply::json(StatusCode::OK, answers::image(session, &job, frame)),
            Outcome::Failure(error) => {
                exchange.refuse(&Refusal::from(error).with_trace(&job.trace_id))
            }
        },
        () = session.jobs.clock.sleep_until(deadline) => timed_out(exchange, &job),
    })
}

/// The answer when the job takes longer than the request's `timeout`; the job runs on.
fn timed_out(exchange: &Exchange, job: &Job) -> Response {
    if exchange.has(&Fault::TimeoutAck) {
        return reply::json(StatusCode::OK, answers::acknowledgement(job));
    }
    if exchange.has(&Fault::TimeoutFrame)
        && let Some(frame) = job.newest_frame()
    {
        return reply::json(
            StatusCode::OK,
            answers::image(&exchange.session, job, frame),
        );
    }
    let refusal = Refusal::new("timeout", "the generation takes longer than the timeout");
    exchange.refuse(&refusal.with_trace(&job.trace_id))
}

/// The body of a submission as it came, for the task's record.
fn echo(body: &[u8]) -> Result<Box<RawValue>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::bad_request("the body is not valid JSON"))
}

/// Checks what depends on the prompt's flags or on a picture, and says what the job draws from.
async fn check(
    service: &Service,
    jobs: &Jobs,
    request: &Imagine,
    prompt: &Prompt,
) -> Result<Origin, Refusal> {
    if let Some(word) = prompt.moderated_word(&service.config.moderated_words) {
        return Err(Refusal::new(
            "forbidden",
            format!("the prompt has a moderated word: {word}"),
        ));
    }
    let versions = [request.version.as_deref(), prompt.version.as_deref()];
    if versions.contains(&Some("8.1")) {
        if request.mode == Mode::Turbo || prompt.turbo {
            return Err(Refusal::bad_request(
                "version 8.1 does not support the mode `turbo`",
            ));
        }
        if request.quality.is_some() || prompt.quality.is_some() {
            return Err(Refusal::bad_request(
                "version 8.1 does not support `quality`",
            ));
        }
    }
    if request.action == "generate" {
        let Some(text) = request.prompt.clone() else {
            return Err(Refusal::bad_request(
                "`prompt` is needed for the action `generate`",
            ));
        };
        // The prompt's flag chooses the model; the field is a fall-back.
        let modern = versions
            .iter()
            .rev()
            .flatten()
            .next()
            .is_some_and(|version| is_modern(version));
        return Ok(Origin::Prompt {
            prompt: text,
            aspect: prompt.aspect.unwrap_or((1, 1)),
            modern,
        });
    }
    let action = request.action.as_str();
    let Some(image_id) = &request.image_id else {
        return Err(Refusal::bad_request(format!(
            "`image_id` is needed for the action `{action}`"
        )));
    };
    let source = match image_id.parse() {
        Ok(image_id) => jobs.result_of(image_id).await,
        Err(_) => None,
    };
    let source = source
        .map(|job| job.picture.clone())
        .ok_or_else(|| Refusal::bad_request("`image_id` names no picture made here"))?;
    if action == VARIATION_REGION {
        let Some(mask) = &request.mask else {
            return Err(Refusal::bad_request(
                "`mask` is needed for the action `variation_region`",
            ));
        };
        let mask = read_mask(service, mask).await?;
        return Ok(Origin::Region {
            source,
            mask,
            prompt: request.prompt.clone().unwrap_or_default(),
        });
    }
    if !source.offered().contains(&action) {
        return Err(Refusal::bad_request(format!(
            "the picture does not offer the action `{action}`; it offers: {}",
            source.offered().join(", ")
        )));
    }
    Ok(Origin::Action { source })
}

async fn read_mask(service: &Service, mask: &str) -> Result<RegionMask, Refusal> {
    let bytes = if mask.starts_with("http://") || mask.starts_with("https://") {
        let url =
            Url::parse(mask).map_err(|_| Refusal::bad_request("`mask` is not a valid URL"))?;
        let fetched = service.outbound.get(&url, MAX_MASK).await;
        fetched.map_err(|problem| {
            Refusal::bad_request(format!("`mask` cannot be fetched: {problem}"))
        })?
    } else {
        let decoded = base64::engine::general_purpose::STANDARD.decode(mask.trim());
        let problem = "`mask` must be an http(s) URL or plain base64 (no `data:` prefix)";
        decoded.map_err(|_| Refusal::bad_request(problem))?.into()
    };
    // Decoding a large picture takes long enough to hold up every other request.
    tokio::task::spawn_blocking(move || RegionMask::decode(&bytes))
        .await
        .map_err(|_| Refusal::bad_request("`mask` cannot be read"))?
        .map_err(|problem| Refusal::bad_request(format!("`mask` cannot be read: {problem}")))
}
