//! `POST /midjourney/imagine`: the checks, the start of the job, and the four ways to answer.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use futures_util::stream;
use serde_json::value::RawValue;
use url::Url;

use super::bend::Exchange;
use super::connection::{Ending, Wire};
use super::{MAX_BODY, Service, reply};
use crate::action::VARIATION_REGION;
use crate::callback::{self, Callback};
use crate::fault::{Fault, Target};
use crate::picture::RegionMask;
use crate::prompt::{Prompt, is_modern};
use crate::token::Token;
use crate::wire::error::Refusal;
use crate::wire::request::Imagine;
use crate::wire::response;
use crate::work::job::{self, Event, Follower, Job, Outcome};
use crate::work::{Origin, Run, Submission};

pub(crate) const PATH: &str = "/midjourney/imagine";

pub(crate) async fn imagine(
    State(service): State<Arc<Service>>,
    Extension(wire): Extension<Wire>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let run = service.run();
    run.books.note_submission();
    let faults = run.rules.claim(PATH, Target::Imagine, |_| true);
    let token = Token::of(&headers).ok();
    let mut exchange = Exchange {
        target: Target::Imagine,
        run,
        wire,
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
    service: &Arc<Service>,
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
    let origin = check(service, &exchange.run, &request, &prompt).await?;
    if let Some(response) = exchange.error_to_bend() {
        return Ok(response);
    }
    let ignores_async = exchange.has(&Fault::NoAsync);
    let synchronous = request.callback_url.is_none() && (!request.r#async || ignores_async);
    let submission = Submission {
        action: request.action,
        mode: request.mode,
        request: echo(body)?,
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
    let job = exchange.run.submit(submission)?;
    if let Some(url) = request.callback_url {
        let callback = Callback {
            url,
            per_frame: streamed,
        };
        let outbound = Arc::clone(&service.outbound);
        let delivery = callback::deliver(Arc::clone(&exchange.run), outbound, Arc::clone(&job), callback);
        tokio::spawn(exchange.run.over.clone().run_until_cancelled_owned(delivery));
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
        return Ok(reply::json(status, response::acknowledgement(&job)));
    }
    if streamed {
        return Ok(stream_frames(exchange, &job, request.timeout).await);
    }
    let deadline = job.accepted.saturating_add(request.timeout);
    Ok(tokio::select! {
        biased;
        outcome = job::outcome(&job) => match outcome {
            Outcome::Result(frame) => reply::json(StatusCode::OK, response::image(&exchange.run, &job, frame)),
            Outcome::Failure(error) => {
                exchange.refuse(&Refusal::new(error.code, error.message).with_trace(&job.trace_id))
            }
        },
        () = exchange.run.clock.sleep_until(deadline) => timed_out(exchange, &job),
    })
}

/// The answer when the job takes longer than the request's `timeout`; the job runs on.
fn timed_out(exchange: &Exchange, job: &Job) -> Response {
    if exchange.has(&Fault::TimeoutAck) {
        return reply::json(StatusCode::OK, response::acknowledgement(job));
    }
    if exchange.has(&Fault::TimeoutFrame)
        && let Some(frame) = job.newest_frame()
    {
        return reply::json(StatusCode::OK, response::image(&exchange.run, job, frame));
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
    service: &Arc<Service>,
    run: &Arc<Run>,
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
        if request.mode == crate::Mode::Turbo || prompt.turbo {
            return Err(Refusal::bad_request(
                "version 8.1 does not support the mode `turbo`",
            ));
        }
        if request.quality.is_some() || prompt.quality.is_some() {
            return Err(Refusal::bad_request("version 8.1 does not support `quality`"));
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
        Ok(image_id) => service.result_of(run, image_id).await,
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
        let url = Url::parse(mask).map_err(|_| Refusal::bad_request("`mask` is not a valid URL"))?;
        let fetched = service.outbound.get(&url, MAX_BODY).await;
        fetched.map_err(|problem| Refusal::bad_request(format!("`mask` cannot be fetched: {problem}")))?
    } else {
        let decoded = base64::engine::general_purpose::STANDARD.decode(mask.trim());
        let problem = "`mask` must be an http(s) URL or plain base64 (no `data:` prefix)";
        decoded.map_err(|_| Refusal::bad_request(problem))?.into()
    };
    // Decoding a large picture takes long enough to hold up everybody else.
    tokio::task::spawn_blocking(move || RegionMask::decode(&bytes))
        .await
        .map_err(|_| Refusal::bad_request("`mask` cannot be read"))?
        .map_err(|problem| Refusal::bad_request(format!("`mask` cannot be read: {problem}")))
}

/// How a stream is to be spelled and broken.
#[derive(Debug, Default)]
struct StreamFaults {
    crlf: bool,
    blank_lines: bool,
    no_final_newline: bool,
    truncated: bool,
    /// After so many frames …
    stop_after: Option<u64>,
    /// … this, or an orderly end.
    stop: Option<Ending>,
}

impl StreamFaults {
    fn of(faults: &[Fault]) -> Self {
        let mut all = Self::default();
        for fault in faults {
            let (frames, stop) = match fault {
                Fault::Crlf => {
                    all.crlf = true;
                    continue;
                }
                Fault::BlankLines => {
                    all.blank_lines = true;
                    continue;
                }
                Fault::NoFinalNewline => {
                    all.no_final_newline = true;
                    continue;
                }
                Fault::TruncatedJson => {
                    all.truncated = true;
                    continue;
                }
                Fault::CutAfterFrame(frames) => (*frames, Some(Ending::Close)),
                Fault::ResetAfterFrame(frames) => (*frames, Some(Ending::Reset)),
                Fault::SilenceAfterFrame(frames) => (*frames, Some(Ending::Hold)),
                Fault::EndAfterFrame(frames) => (*frames, None),
                _ => continue,
            };
            all.stop_after = Some(frames);
            all.stop = stop;
        }
        all
    }

    /// A line with its end, as the faults want it.
    fn line(&self, mut text: String, last: bool) -> Bytes {
        if last && self.truncated {
            text.truncate(text.len() / 2);
            return text.into();
        }
        let end = if self.crlf { "\r\n" } else { "\n" };
        if !(last && self.no_final_newline) {
            text.push_str(end);
        }
        if self.blank_lines && !last {
            text.push_str(end);
        }
        text.into()
    }
}

/// A stream in progress.
struct Frames {
    run: Arc<Run>,
    wire: Wire,
    job: Arc<Job>,
    follower: Follower,
    /// The first event, which decided that there is a stream at all.
    first: Option<Event>,
    deadline: std::time::Duration,
    faults: StreamFaults,
    sent: u64,
    ended: bool,
}

/// Answers with one line per frame. The head waits for the first frame, so that what fails before it has a status.
async fn stream_frames(exchange: &Exchange, job: &Arc<Job>, timeout: std::time::Duration) -> Response {
    let run = &exchange.run;
    let deadline = job.accepted.saturating_add(timeout);
    let mut follower = Follower::new(job);
    let first = tokio::select! {
        biased;
        event = follower.next() => event,
        () = run.clock.sleep_until(deadline) => return timed_out(exchange, job),
    };
    if let Some(Event::Failed(error)) = &first {
        let refusal = Refusal::new(error.code.clone(), error.message.clone());
        return exchange.refuse(&refusal.with_trace(&job.trace_id));
    }
    let frames = Frames {
        run: Arc::clone(run),
        wire: exchange.wire.clone(),
        job: Arc::clone(job),
        follower,
        first,
        deadline,
        faults: StreamFaults::of(&exchange.faults),
        sent: 0,
        ended: false,
    };
    let lines = stream::unfold(frames, |mut frames| async {
        let line = frames.next_line().await?;
        Some((Ok::<_, std::convert::Infallible>(line), frames))
    });
    reply::with_type(StatusCode::OK, "application/x-ndjson", Body::from_stream(lines))
}

impl Frames {
    async fn next_line(&mut self) -> Option<Bytes> {
        if self.faults.stop_after == Some(self.sent) {
            let ending = self.faults.stop?;
            self.wire.end_after_flush(ending);
            return std::future::pending().await;
        }
        if self.ended {
            return None;
        }
        let event = match self.first.take() {
            Some(event) => Some(event),
            None => tokio::select! {
                biased;
                event = self.follower.next() => event,
                () = self.run.clock.sleep_until(self.deadline) => {
                    self.ended = true;
                    let error = crate::wire::error::ErrorObject {
                        code: "timeout".into(),
                        message: "the generation takes longer than the timeout".to_owned(),
                    };
                    return Some(self.faults.line(response::failure(&self.job, &error), true));
                }
            },
        };
        self.sent += 1;
        match event? {
            Event::Frame(frame) => {
                self.ended = frame.is_result();
                let text = response::image(&self.run, &self.job, frame);
                let last = self.ended || self.faults.stop_after == Some(self.sent);
                Some(self.faults.line(text, last))
            }
            Event::Failed(error) => {
                self.ended = true;
                Some(self.faults.line(response::failure(&self.job, &error), true))
            }
        }
    }
}
