//! What the API answers: results, frames, acknowledgements and task records, spelled as the faults of the task ask.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::error::task_body;
use crate::fault::Fault;
use crate::picture::View;
use crate::work::Run;
use crate::work::job::{Frame, Job, Outcome};

/// Links last 14 days, as the ones in the service's sample do …
const LINK_LIFE_SECONDS: u64 = 14 * 24 * 3600;
/// … and those of a repeatable run ten years, because its time stamps are fixed.
const REPEATABLE_LINK_LIFE_SECONDS: u64 = 3652 * 24 * 3600;

#[derive(Serialize)]
struct ImageBody<'a> {
    actions: Vec<&'static str>,
    success: bool,
    task_id: &'a str,
    image_id: String,
    progress: u8,
    image_url: String,
    image_width: u32,
    image_height: u32,
    raw_image_url: String,
    raw_image_width: u32,
    raw_image_height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_image_urls: Option<Vec<String>>,
}

/// One line of JSON, without its end.
pub(crate) type JsonText = String;

fn text(value: &impl Serialize) -> JsonText {
    // Only maps with keys that are no strings, and failing `Serialize` impls, cannot be written; these have neither.
    serde_json::to_string(value).unwrap_or_default()
}

/// A frame or the result, as a response, a line of a stream, a callback or in a record.
pub(crate) fn image(run: &Run, job: &Job, frame: Frame) -> JsonText {
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
    let (raw_width, raw_height) = recipe.view_size(raw_view);
    let (width, height) = recipe.view_size(preview_view);
    let extension = if done { "png" } else { "webp" };
    let raw_url = raw_url(run, job, frame, "", extension);
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
        image_url: format!("{raw_url}width={width}&height={height}"),
        image_width: width,
        image_height: height,
        raw_image_url: raw_url,
        raw_image_width: raw_width,
        raw_image_height: raw_height,
        sub_image_urls: job.split.then(|| {
            let tiles = if done && recipe.is_grid() { 4 } else { 0 };
            (1..=tiles)
                .map(|tile| self::raw_url(run, job, frame, &format!("_{tile}"), "png"))
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

/// Ends in `&`, as the service's own do.
fn raw_url(run: &Run, job: &Job, frame: Frame, suffix: &str, extension: &str) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Unix seconds of this century"
    )]
    let created = job.created as u64;
    let life = if run.clock.is_repeatable() {
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
        base = run.config.url,
        channel = run.ids.channel(),
        image_id = frame.image_id,
        file = job.file,
        signature = run.ids.signature(frame.image_id),
    )
}

/// Spells a result as the traps of the contract have it.
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

/// What a failed task says of itself.
pub(crate) fn failure(job: &Job, error: &super::error::ErrorObject) -> JsonText {
    text(&task_body(error, &job.task_id, &job.trace_id))
}

/// The answer to a submission that does not wait.
pub(crate) fn acknowledgement(job: &Job) -> JsonText {
    if job.has(&Fault::AckBare) {
        return text(&json!({ "task_id": job.task_id }));
    }
    text(&json!({ "success": true, "task_id": job.task_id, "trace_id": job.trace_id }))
}

#[derive(Serialize)]
struct Record<'a> {
    id: &'a str,
    r#type: &'static str,
    trace_id: &'a str,
    created_at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<f64>,
    /// Absent while queued, null while drawing.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<f64>,
    request: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Box<RawValue>>,
}

/// A task's record.
pub(crate) fn record(run: &Run, job: &Job) -> Box<RawValue> {
    let (started, finished, newest) = {
        let state = job.state();
        (state.started, state.finished, state.frames.last().copied())
    };
    let response = match job.outcome() {
        Some(Outcome::Result(frame)) => Some(image(run, job, frame)),
        Some(Outcome::Failure(error)) => Some(failure(job, &error)),
        None => newest
            .filter(|_| job.streamed)
            .map(|frame| image(run, job, frame)),
    };
    let milliseconds = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
    let record = Record {
        id: &job.task_id,
        r#type: "imagine",
        trace_id: &job.trace_id,
        created_at: job.created,
        started_at: started,
        finished_at: started.or(finished).map(|_| json!(finished)),
        elapsed: started
            .zip(finished)
            .map(|(started, finished)| milliseconds(finished - started)),
        request: &job.request,
        response: response.map(raw),
    };
    let wants_respelling = |fault: &Fault| {
        matches!(
            fault,
            Fault::RecordNulls | Fault::RecordOld | Fault::ExtraFields
        )
    };
    if !job.faults.iter().any(wants_respelling) {
        return raw(text(&record));
    }
    match serde_json::from_str(&text(&record)) {
        Ok(members) => raw(text(&respell_record(members, &job.faults))),
        Err(_) => raw(text(&record)),
    }
}

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
    let (days, in_day) = (
        milliseconds.div_euclid(86_400_000),
        milliseconds.rem_euclid(86_400_000),
    );
    // The civil calendar from a day count, in years that start in March, so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, thousandth) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandth:03}Z")
}

/// Takes text that this module wrote as JSON.
fn raw(text: JsonText) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The answer to a look-up of several: all that were found, cut to the page.
pub(crate) fn batch(
    run: &Run,
    jobs: &[std::sync::Arc<Job>],
    offset: usize,
    limit: usize,
) -> JsonText {
    #[derive(Serialize)]
    struct Batch {
        items: Vec<Box<RawValue>>,
        count: usize,
    }
    let items = jobs
        .iter()
        .skip(offset)
        .take(limit)
        .map(|job| record(run, job))
        .collect();
    text(&Batch {
        items,
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
