//! The names of the faults, their arguments, and where each strikes when its rule names no path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The requests that a fault is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `POST /midjourney/imagine`, and through it the task that it starts.
    Imagine,
    /// `POST /midjourney/tasks`.
    Tasks,
    /// Fetching a picture.
    Picture,
}

/// Whether a fault can strike together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Decides the exchange alone: of several rules only the first is used up.
    Alone,
    /// Changes a detail, beside any others.
    Beside,
}

/// An argument of a fault, as it stands after the colon in a prompt or under `arg` in a rule.
trait Argument: Sized {
    fn read(text: Option<&str>) -> Result<Self, String>;
    fn write(&self) -> Option<Value>;
}

impl Argument for u64 {
    fn read(text: Option<&str>) -> Result<Self, String> {
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| "needs a whole number, as in `name:3`".to_owned())
    }
    fn write(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Argument for Option<u64> {
    fn read(text: Option<&str>) -> Result<Self, String> {
        text.map(|text| u64::read(Some(text))).transpose()
    }
    fn write(&self) -> Option<Value> {
        self.map(Into::into)
    }
}

impl Argument for String {
    fn read(text: Option<&str>) -> Result<Self, String> {
        text.filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| "needs a word, as in `name:word`".to_owned())
    }
    fn write(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

macro_rules! faults {
    ($( $(#[$doc:meta])* $variant:ident $(($argument:ty))? = $name:literal, $target:ident, $manner:ident; )*) => {
        /// Something that goes wrong on demand.
        ///
        /// On the wire a fault is its name in snake case, with the argument after a colon in a prompt
        /// (`--emulate cut_after_bytes:120`), and under `arg` in a rule. Byte counts of a whole response include its
        /// status line and headers; frames are counted from 1.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        #[non_exhaustive]
        pub enum Fault { $( $(#[$doc])* $variant $(($argument))?, )* }

        impl Fault {
            /// The names of all faults.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The fault's name on the wire.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $name, )* }
            }

            pub(crate) fn target(&self) -> Target {
                match self { $( Self::$variant { .. } => Target::$target, )* }
            }

            pub(crate) fn manner(&self) -> Manner {
                match self { $( Self::$variant { .. } => Manner::$manner, )* }
            }

            pub(crate) fn argument(&self) -> Option<Value> {
                match self { $( faults!(@pattern $variant argument $($argument)?) => faults!(@write argument $($argument)?), )* }
            }

            /// Reads a fault from its name and the text of its argument.
            pub(crate) fn read(name: &str, argument: Option<&str>) -> Result<Self, String> {
                let result = match name {
                    $( $name => faults!(@read $variant argument $($argument)?), )*
                    _ => return Err(format!("unknown fault `{name}`; there are: {}", Self::NAMES.join(", "))),
                };
                result.map_err(|problem| format!("fault `{name}` {problem}"))
            }
        }
    };
    (@pattern $variant:ident $binding:ident) => { Self::$variant };
    (@pattern $variant:ident $binding:ident $argument:ty) => { Self::$variant($binding) };
    (@write $binding:ident) => { None };
    (@write $binding:ident $argument:ty) => { Argument::write($binding) };
    (@read $variant:ident $text:ident) => {
        if $text.is_some() { Err("takes no argument".to_owned()) } else { Ok(Self::$variant) }
    };
    (@read $variant:ident $text:ident $argument:ty) => {
        <$argument as Argument>::read($text).map(Self::$variant)
    };
}

faults! {
    // Refused or broken before the job starts.

    /// The connection closes before a job starts; no byte is answered.
    RefuseBeforeAccept = "refuse_before_accept", Imagine, Alone;
    /// A gateway's HTML page with status 502; no job starts.
    Html502Before = "html_502_before", Imagine, Alone;
    /// 429 `too_many_requests`; with an argument, `Retry-After` that many seconds.
    RateLimit(Option<u64>) = "rate_limit", Imagine, Alone;
    /// 500 `api_error`; no job starts.
    Error500 = "error_500", Imagine, Alone;
    /// The named code with its usual status; `code:status` for another. No job starts.
    Refuse(String) = "refuse", Imagine, Alone;
    /// Status 200 with `{"success":false,"error":…}` of the named code; no job starts.
    Error200(String) = "error_200", Imagine, Alone;
    /// 402 as the pay-per-call gateway answers it; no job starts.
    PaymentRequired = "payment_required", Imagine, Alone;
    /// Errors of this exchange take another body: `b` (with `success`), `text`, `null`, `list`, `missing` (an `error`
    /// that is no object), `detail`, `top_level`, `kong`, `plain` or `array` (not a JSON object). Without another error the
    /// answer is a 500, and no job starts.
    ErrorShape(String) = "error_shape", Imagine, Beside;
    /// Error messages quote the request's bearer token. Without another error the answer is a 500, and no job starts.
    QuoteToken = "quote_token", Imagine, Beside;

    // The job runs; its answer is lost or replaced.

    /// The connection closes without a byte of answer.
    DropAfterAccept = "drop_after_accept", Imagine, Alone;
    /// The connection stays open without a byte of answer.
    Silence = "silence", Imagine, Alone;
    /// A gateway's HTML page with status 502.
    Html502 = "html_502", Imagine, Alone;
    /// 500 `api_error`; its `trace_id` finds the task.
    Error500Started = "error_500_started", Imagine, Alone;
    /// 504 `timeout`; its `trace_id` finds the task.
    Error504 = "error_504", Imagine, Alone;
    /// The response is cut after that many bytes.
    CutAfterBytes(u64) = "cut_after_bytes", Imagine, Alone;
    /// The response is cut after that many bytes of its body.
    CutBodyAfterBytes(u64) = "cut_body_after_bytes", Imagine, Alone;
    /// The connection is reset after that many bytes of the response.
    ResetAfterBytes(u64) = "reset_after_bytes", Imagine, Alone;
    /// The response stops after that many bytes; the connection stays open.
    SilenceAfterBytes(u64) = "silence_after_bytes", Imagine, Alone;
    /// The stream is cut after that frame; 0 cuts after the head.
    CutAfterFrame(u64) = "cut_after_frame", Imagine, Alone;
    /// The connection is reset after that frame.
    ResetAfterFrame(u64) = "reset_after_frame", Imagine, Alone;
    /// The stream stops after that frame; the connection stays open.
    SilenceAfterFrame(u64) = "silence_after_frame", Imagine, Alone;
    /// The stream ends in good order after that frame, although the task is not done.
    EndAfterFrame(u64) = "end_after_frame", Imagine, Alone;
    /// The response ends in good order in the middle of its JSON (the last line's, in a stream).
    TruncatedJson = "truncated_json", Imagine, Beside;
    /// The response is sent one byte at a time, each that many milliseconds after the last.
    Dribble(u64) = "dribble", Imagine, Beside;
    /// When `timeout` runs out, the newest frame is answered with status 200 in the place of the 504.
    TimeoutFrame = "timeout_frame", Imagine, Beside;
    /// When `timeout` runs out, an acknowledgement is answered with status 200 in the place of the 504.
    TimeoutAck = "timeout_ack", Imagine, Beside;

    // The task.

    /// After that frame comes a line with an `api_error`; the task fails.
    ErrorLine(u64) = "error_line", Imagine, Alone;
    /// The task fails with that code after its first frame.
    FailTask(String) = "fail_task", Imagine, Alone;
    /// The task's record is `{}` for that many milliseconds.
    LateTask(u64) = "late_task", Imagine, Beside;
    /// A synchronous call leaves no record.
    NoRecord = "no_record", Imagine, Beside;
    /// An older service: `async` is ignored.
    NoAsync = "no_async", Imagine, Beside;
    /// The acknowledgement is `{"task_id":…}` and no more.
    AckBare = "ack_bare", Imagine, Beside;
    /// The acknowledgement has status 202.
    Ack202 = "ack_202", Imagine, Beside;
    /// The first frame has this progress, in percent.
    FirstProgress(u64) = "first_progress", Imagine, Beside;
    /// The progress goes back once on the way.
    ProgressBackwards = "progress_backwards", Imagine, Beside;

    // The spelling of results and records.

    /// Sizes and progress are strings.
    StringNumbers = "string_numbers", Imagine, Beside;
    /// Sizes and progress are left out.
    NoSizes = "no_sizes", Imagine, Beside;
    /// `image_id` is a JSON number.
    NumberIds = "number_ids", Imagine, Beside;
    /// `success` is left out.
    SuccessMissing = "success_missing", Imagine, Beside;
    /// `actions` is left out.
    NoActions = "no_actions", Imagine, Beside;
    /// `actions` has a name that no document has.
    UnknownActions = "unknown_actions", Imagine, Beside;
    /// `raw_image_url` and its sizes are left out.
    NoRawImage = "no_raw_image", Imagine, Beside;
    /// Results and records carry members that are in no document.
    ExtraFields = "extra_fields", Imagine, Beside;
    /// The URLs' `ex` has passed; the pictures are still served.
    ExpiredUrls = "expired_urls", Imagine, Beside;
    /// The URLs' path has a `//`.
    DoubleSlashUrls = "double_slash_urls", Imagine, Beside;
    /// Absent members of the task's record are spelled `null`.
    RecordNulls = "record_nulls", Imagine, Beside;
    /// The task's record as an older service wrote it: ISO time stamps, `duration` for `elapsed`, a `status`.
    RecordOld = "record_old", Imagine, Beside;
    /// Lines end in `\r\n`.
    Crlf = "crlf", Imagine, Beside;
    /// Blank lines stand between the lines.
    BlankLines = "blank_lines", Imagine, Beside;
    /// The last line has no end.
    NoFinalNewline = "no_final_newline", Imagine, Beside;

    // Callbacks.

    /// Every callback comes twice.
    DuplicateCallbacks = "duplicate_callbacks", Imagine, Beside;
    /// All callbacks come when the task has ended, the last first.
    ReorderCallbacks = "reorder_callbacks", Imagine, Beside;
    /// No callback comes; with an argument, only the first so many are lost.
    LoseCallbacks(Option<u64>) = "lose_callbacks", Imagine, Beside;

    // Look-ups.

    /// An unknown task is 404 `task_not_found` rather than `{}`.
    Task404 = "task_404", Tasks, Beside;
    /// A batch comes in reverse order.
    BatchReversed = "batch_reversed", Tasks, Beside;

    // Pictures. In a prompt they strike the pictures of the task.

    /// The transfer of a picture breaks after that many bytes of it.
    PictureCut(u64) = "picture_cut", Picture, Alone;
    /// A picture answers 404.
    Picture404 = "picture_404", Picture, Alone;
    /// A picture answers 500 with HTML.
    Picture500 = "picture_500", Picture, Alone;
    /// A picture's bytes are not a picture, although the headers say so.
    PictureGarbage = "picture_garbage", Picture, Alone;
    /// Sub-images answer 403.
    SubImages403 = "sub_images_403", Picture, Beside;
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())?;
        match self.argument() {
            None => Ok(()),
            Some(Value::String(text)) => write!(formatter, ":{text}"),
            Some(other) => write!(formatter, ":{other}"),
        }
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Fault {
    type Err = String;

    /// Reads `name` or `name:argument`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None => Self::read(text, None),
            Some((name, argument)) => Self::read(name, Some(argument)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reads_what_it_writes() {
        for name in Fault::NAMES {
            let candidates = [
                (*name).to_owned(),
                format!("{name}:3"),
                format!("{name}:api_error"),
            ];
            let faults: Vec<Fault> = candidates
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect();
            assert!(!faults.is_empty(), "{name}");
            for fault in faults {
                assert_eq!(fault.to_string().parse(), Ok(fault.clone()));
                assert_eq!(fault.name(), *name);
            }
        }
    }

    #[test]
    fn a_wrong_argument_is_explained() {
        let problem = |text: &str| text.parse::<Fault>().unwrap_err();
        assert!(problem("cut_after_bytes").contains("needs a whole number"));
        assert!(problem("cut_after_bytes:-1").contains("needs a whole number"));
        assert!(problem("crlf:1").contains("takes no argument"));
        assert!(problem("fail_task").contains("needs a word"));
        assert!(problem("no_such").contains("there are: "));
    }
}
