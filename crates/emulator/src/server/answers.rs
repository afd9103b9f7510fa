//! What is answered about a job: results, frames, acknowledgements and records, spelled as the faults of the job ask.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::service::Session;
use crate::jobs::fault::Fault;
use crate::jobs::job::{Event, Frame, Job, Outcome};
use crate::picture::View;
use crate::wire::error::ErrorObject;
use crate::wire::response::{Acknowledgement, Batch, ImageBody, Record, raw, text};

/// Links last 14 days, as the ones in the service's sample do …
const LINK_LIFE_SECONDS: u64 = 14 * 24 * 3600;
/// … and those of a repeatable run ten years, because its time stamps are fixed.
const REPEATABLE_LINK_LIFE_SECONDS: u64 = 3652 * 24 * 3600;

/// What a line of a stream, or a callback, says.
pub(crate) fn event(session: &Session, job: &Job, event: &Event) -> String {
    match event {
        Event::Frame(frame) => image(session, job, *frame),
        Event::Failed(error) => failure(job, error),
    }
}

/// A frame or the result, as a response, a line of a stream, a callback or in a record.
pub(crate) fn image(session: &Session, job: &Job, frame: Frame) -> String {
    let done = frame.is_result();
    let (raw_view, preview_view) = if done {
        (View::Raw, View::Preview)
    } else {
        let draft = |preview| View::Draft {
            progress: frame.progress,
            preview,
        };
        (draft(false), draft(true))
    };
    let recipe = &job.picture.recipe;
    let (raw_image_width, raw_image_height) = recipe.view_size(raw_view);
    let (image_width, image_height) = recipe.view_size(preview_view);
    let extension = if done { "png" } else { "webp" };
    let raw_image_url = raw_url(session, job, frame, "", extension);
    let body = ImageBody {
        actions: if done {
            job.picture.offered()
        } else {
            Vec::new()
        },
        success: true,
        task_id: &job.task_id,
        image_id: frame.image_id.to_string(),
        progress: frame.progress,
        image_url: format!("{raw_image_url}width={image_width}&height={image_height}"),
        image_width,
        image_height,
        raw_image_url,
        raw_image_width,
        raw_image_height,
        sub_image_urls: job.split.then(|| {
            let tiles = if done && recipe.is_grid() { 4 } else { 0 };
            (1..=tiles)
                .map(|tile| raw_url(session, job, frame, &format!("_{tile}"), "png"))
                .collect()
        }),
    };
    if job.faults.is_empty() {
        return text(&body);
    }
    match serde_json::to_value(&body) {
        Ok(Value::Object(members)) => text(&respell(members, frame, &job.faults)),
        _ => text(&body),
    }
}

/// A picture's URL, which ends in `&` as the service's own do.
fn raw_url(session: &Session, job: &Job, frame: Frame, suffix: &str, extension: &str) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Unix seconds of this century"
    )]
    let created = job.created as u64;
    let life = if session.jobs.clock.is_repeatable() {
        REPEATABLE_LINK_LIFE_SECONDS
    } else {
        LINK_LIFE_SECONDS
    };
    let expires = if job.has(&Fault::ExpiredUrls) {
        created.saturating_sub(3600)
    } else {
        created + life
    };
    let slash = if job.has(&Fault::DoubleSlashUrls) {
        "//"
    } else {
        "/"
    };
    format!(
        "{base}{slash}attachments/{channel}/{image_id}/{file}{suffix}.{extension}?ex={expires:x}&is={created:x}&hm={signature}&",
        base = session.config.url,
        channel = session.jobs.ids.channel(),
        image_id = frame.image_id,
        file = job.file,
        signature = session.jobs.ids.signature(frame.image_id),
    )
}

/// Spells a result as its faults ask.
fn respell(mut members: Map<String, Value>, frame: Frame, faults: &[Fault]) -> Map<String, Value> {
    const NUMBERS: [&str; 5] = [
        "progress",
        "image_width",
        "image_height",
        "raw_image_width",
        "raw_image_height",
    ];
    for fault in faults {
        match fault {
            Fault::StringNumbers => {
                for name in NUMBERS {
                    if let Some(value @ Value::Number(_)) = members.get_mut(name) {
                        *value = Value::String(value.to_string());
                    }
                }
            }
            Fault::NoSizes => NUMBERS
                .iter()
                .skip(1)
                .for_each(|name| drop(members.remove(*name))),
            Fault::NumberIds => drop(members.insert("image_id".to_owned(), frame.image_id.into())),
            Fault::SuccessMissing => drop(members.remove("success")),
            Fault::NoActions => drop(members.remove("actions")),
            Fault::UnknownActions => {
                if let Some(Value::Array(actions)) = members.get_mut("actions") {
                    actions.push("unheard_of_action".into());
                }
            }
            Fault::NoRawImage => {
                for name in ["raw_image_url", "raw_image_width", "raw_image_height"] {
                    members.remove(name);
                }
            }
            Fault::ExtraFields => {
                members.insert("hold".to_owned(), false.into());
                members.insert("job_id".to_owned(), frame.image_id.to_string().into());
                members.insert("novelty".to_owned(), json!({ "nested": [1, null, "text"] }));
            }
            _ => {}
        }
    }
    members
}

/// The answer about a failed task.
pub(crate) fn failure(job: &Job, error: &ErrorObject) -> String {
    text(&error.task_body(&job.task_id, &job.trace_id))
}

/// The answer to a submission that does not wait.
pub(crate) fn acknowledgement(job: &Job) -> String {
    if job.has(&Fault::AckBare) {
        return text(&json!({ "task_id": job.task_id }));
    }
    text(&Acknowledgement {
        success: true,
        task_id: &job.task_id,
        trace_id: &job.trace_id,
    })
}

/// A task's record.
pub(crate) fn record(session: &Session, job: &Job) -> Box<RawValue> {
    let (started, finished, newest) = {
        let state = job.state();
        (state.started, state.finished, state.frames.last().copied())
    };
    let response = match job.outcome() {
        Some(Outcome::Result(frame)) => Some(image(session, job, frame)),
        Some(Outcome::Failure(error)) => Some(failure(job, &error)),
        None => newest
            .filter(|_| job.streamed)
            .map(|frame| image(session, job, frame)),
    };
    let to_milliseconds = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
    let record = text(&Record {
        id: &job.task_id,
        r#type: "imagine",
        trace_id: &job.trace_id,
        created_at: job.created,
        started_at: started,
        finished_at: started.or(finished).map(|_| json!(finished)),
        elapsed: started
            .zip(finished)
            .map(|(started, finished)| to_milliseconds(finished - started)),
        request: &job.request,
        response: response.map(raw),
    });
    let respells = |fault: &Fault| {
        matches!(
            fault,
            Fault::RecordNulls | Fault::RecordOld | Fault::ExtraFields
        )
    };
    if job.faults.iter().any(respells)
        && let Ok(members) = serde_json::from_str(&record)
    {
        return raw(text(&respell_record(members, &job.faults)));
    }
    raw(record)
}

/// Spells a record as its faults ask.
fn respell_record(mut members: Map<String, Value>, faults: &[Fault]) -> Map<String, Value> {
    for fault in faults {
        match fault {
            Fault::RecordNulls => {
                for name in [
                    "started_at",
                    "finished_at",
                    "elapsed",
                    "response",
                    "credential_id",
                ] {
                    members.entry(name).or_insert(Value::Null);
                }
            }
            Fault::RecordOld => {
                if let Some(elapsed) = members.remove("elapsed") {
                    members.insert("duration".to_owned(), elapsed);
                }
                for name in ["created_at", "started_at", "finished_at"] {
                    if let Some(seconds) = members.get(name).and_then(Value::as_f64) {
                        members.insert(name.to_owned(), iso_time(seconds).into());
                    }
                }
                let status = if members.get("finished_at").is_some_and(Value::is_string) {
                    "completed"
                } else {
                    "processing"
                };
                members.insert("status".to_owned(), status.into());
            }
            Fault::ExtraFields => {
                members.insert("_id".to_owned(), "65eda8ef65db33ef2cec3730".into());
                members.insert("email".to_owned(), "someone@example.com".into());
                members.insert("credential_id".to_owned(), Value::Null);
            }
            _ => {}
        }
    }
    members
}

/// `2024-03-10T12:34:55.250Z` of Unix seconds.
fn iso_time(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "time stamps are within the next millennia"
    )]
    let milliseconds = (seconds * 1000.0).round() as i64;
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    format!("{time:.3}")
}

/// The answer to a look-up of several tasks: all that were found, cut to the page.
pub(crate) fn batch(session: &Session, jobs: &[Arc<Job>], offset: usize, limit: usize) -> String {
    let page = jobs.iter().skip(offset).take(limit);
    text(&Batch {
        items: page.map(|job| record(session, job)).collect(),
        count: jobs.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::iso_time;

    #[test]
    fn old_records_write_times_by_the_calendar() {
        assert_eq!(iso_time(1_710_074_095.25), "2024-03-10T12:34:55.250Z");
        assert_eq!(iso_time(1_709_164_800.0), "2024-02-29T00:00:00.000Z");
        assert_eq!(iso_time(0.0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_time(1_798_761_599.999), "2026-12-31T23:59:59.999Z");
    }
}
