//! What the API answers: a picture, an acknowledgement, a task's record and a batch of records.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A result, or an unfinished frame.
#[derive(Serialize)]
pub(crate) struct ImageBody<'a> {
    pub(crate) actions: Vec<&'static str>,
    pub(crate) success: bool,
    pub(crate) task_id: &'a str,
    pub(crate) image_id: String,
    pub(crate) progress: u8,
    pub(crate) image_url: String,
    pub(crate) image_width: u32,
    pub(crate) image_height: u32,
    pub(crate) raw_image_url: String,
    pub(crate) raw_image_width: u32,
    pub(crate) raw_image_height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sub_image_urls: Option<Vec<String>>,
}

/// The answer to a submission that does not wait.
#[derive(Serialize)]
pub(crate) struct Acknowledgement<'a> {
    pub(crate) success: bool,
    pub(crate) task_id: &'a str,
    pub(crate) trace_id: &'a str,
}

/// A task as a look-up finds it. Times are Unix seconds.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    pub(crate) id: &'a str,
    pub(crate) r#type: &'static str,
    pub(crate) trace_id: &'a str,
    pub(crate) created_at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started_at: Option<f64>,
    /// Absent while queued, null while drawing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) elapsed: Option<f64>,
    pub(crate) request: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Box<RawValue>>,
}

/// The answer to a look-up of several tasks.
#[derive(Serialize)]
pub(crate) struct Batch {
    pub(crate) items: Vec<Box<RawValue>>,
    /// All that were found, on this page or not.
    pub(crate) count: usize,
}

/// Writes an answer, without a line end.
pub(crate) fn text(value: &impl Serialize) -> String {
    // Writing fails for a map whose keys are no strings and for a `Serialize` that fails; an answer has neither.
    serde_json::to_string(value).unwrap_or_default()
}

/// Takes the text of an answer as JSON.
pub(crate) fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
