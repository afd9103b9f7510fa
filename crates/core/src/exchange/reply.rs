//! What came back: whole or in frames, complete or broken off.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;
use tokio::time::timeout;

use super::{reason, retry};
use crate::error::{Complaint, Error, ErrorKind, Result};
use crate::model::{Fields, named_task};
use crate::ndjson::{Lines, MAX_LINE, TooLong};
use crate::token::Token;

/// Silence between two pieces of one answer that ends it. The silence before the first piece has no such limit: a
/// stream says nothing until drawing starts.
const IDLE: Duration = Duration::from_secs(60);

/// An error's body comes at once, and the status alone says enough when it does not.
const ERROR_BODY: Duration = Duration::from_secs(10);
const ERROR_BODY_LIMIT: usize = 256 * 1024;

/// A look-up of hundreds of tasks is megabytes, since records repeat their requests.
const OBJECT_LIMIT: usize = 64 * 1024 * 1024;

/// An HTTP answer whose body is still to be read.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    retry_after: Option<Duration>,
    /// The gateway's name for the exchange, where the body has none.
    trace_id: Option<String>,
    content_type: String,
    body: BodyReader,
}

impl Reply {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .filter(|text| !text.is_empty())
        };
        Self {
            status: response.status().as_u16(),
            retry_after: retry::retry_after(response.headers()),
            trace_id: header("x-request-id").map(str::to_owned),
            content_type: header(CONTENT_TYPE.as_str())
                .unwrap_or_default()
                .to_ascii_lowercase(),
            body: BodyReader {
                response,
                begun: false,
            },
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer to a free call: one JSON object, or a `decode` error.
    pub(crate) async fn object(mut self, token: &Token) -> Result<Fields> {
        let (content, broken) = self.body.read_all(OBJECT_LIMIT).await;
        let problem = match (broken, Fields::parse(&content)) {
            (None, Ok(fields)) => {
                return match Complaint::in_answer(&fields) {
                    Some(complaint) => Err(complaint
                        .into_http_error(self.status, token)
                        .with_trace(self.trace_id)),
                    None => Ok(fields),
                };
            }
            (Some(broken), _) => broken,
            (None, Err(_)) => format!("it is {}", describe(&self.content_type, &content)),
        };
        Err(Error::new(
            ErrorKind::Decode,
            format!("the service's answer cannot be read: {problem}"),
        )
        .with_status(self.status)
        .with_trace(self.trace_id))
    }

    /// The error that an answer with an error status is.
    pub(crate) async fn into_error(mut self, token: &Token) -> Error {
        let content = match timeout(ERROR_BODY, self.body.read_all(ERROR_BODY_LIMIT)).await {
            Ok((content, _)) => content,
            Err(_) => Bytes::new(),
        };
        let complaint = Fields::parse(&content)
            .ok()
            .and_then(|fields| Complaint::in_error_body(&fields));
        let trace_id = self.trace_id.map(|trace_id| token.strike_out(&trace_id));
        let error = match (self.status, complaint) {
            (_, Some(complaint)) if self.status >= 400 => {
                complaint.into_http_error(self.status, token)
            }
            // A refusal is one whatever its body says; a gateway's page is no word on what became of the request.
            (400..500, None) => Complaint::default().into_http_error(self.status, token),
            (300..400, _) => Error::new(
                ErrorKind::OutcomeUnknown,
                "the service redirects to another address, which is not followed; check `base_url`",
            )
            .with_status(self.status),
            _ => Error::new(
                ErrorKind::OutcomeUnknown,
                format!(
                    "the request was sent, and a gateway answered with {}",
                    describe(&self.content_type, &content)
                ),
            )
            .with_status(self.status),
        };
        error
            .with_trace(trace_id)
            .with_retry_after(self.retry_after)
    }

    /// The frames of a successful answer, which may be a single object.
    pub(crate) fn into_frames(self) -> Frames {
        Frames {
            by_line: self.content_type.contains("ndjson"),
            content_type: self.content_type,
            trace_id: self.trace_id,
            body: self.body,
            lines: Lines::default(),
            ready: VecDeque::new(),
            over: None,
        }
    }
}

/// One step in reading an answer.
#[derive(Debug)]
pub(crate) enum Frame {
    Object(Fields),
    /// The answer ended as it should.
    End,
    /// The answer broke off, or says nothing readable; what was broken may still name its task.
    Broken {
        task_id: Option<String>,
        reason: String,
    },
}

/// An answer's objects, read one after the other.
#[derive(Debug)]
pub(crate) struct Frames {
    /// NDJSON is read line by line as it comes; anything else as a whole, since one object may span lines.
    by_line: bool,
    content_type: String,
    pub(crate) trace_id: Option<String>,
    body: BodyReader,
    lines: Lines,
    ready: VecDeque<Fields>,
    /// How the answer ended, once it has.
    over: Option<Ending>,
}

#[derive(Debug)]
struct Ending {
    broken: Option<String>,
    task_id: Option<String>,
}

impl Frames {
    /// The next object. Never an error: a break is a frame, too, because what came before it counts.
    pub(crate) async fn next(&mut self) -> Frame {
        loop {
            if let Some(fields) = self.ready.pop_front() {
                return Frame::Object(fields);
            }
            if let Some(ending) = &mut self.over {
                return match ending.broken.take() {
                    Some(reason) => Frame::Broken {
                        task_id: ending.task_id.take(),
                        reason,
                    },
                    None => Frame::End,
                };
            }
            if self.by_line {
                self.read_lines().await;
            } else {
                self.read_whole().await;
            }
        }
    }

    async fn read_lines(&mut self) {
        match self.lines.next_line() {
            Ok(Some(line)) => return self.take_line(&line, None),
            Ok(None) => {}
            Err(TooLong) => {
                return self.end(
                    Some(format!("a line is longer than {MAX_LINE} bytes")),
                    None,
                );
            }
        }
        match self.body.chunk().await {
            Ok(Some(chunk)) => self.lines.push(&chunk),
            ended => {
                let ending = Ending {
                    broken: ended.err(),
                    task_id: None,
                };
                match self.lines.rest() {
                    Some(line) => self.take_line(&line, Some(ending)),
                    None => self.over = Some(ending),
                }
            }
        }
    }

    /// Takes a line; `ending` is how the answer ended when this is what stood before its end.
    fn take_line(&mut self, line: &[u8], ending: Option<Ending>) {
        if let Ok(fields) = Fields::parse(line) {
            self.ready.push_back(fields);
            self.over = ending;
        } else {
            let broken = ending.and_then(|ending| ending.broken);
            self.end(
                Some(broken.unwrap_or_else(|| "a line is no JSON object".to_owned())),
                named_task(line),
            );
        }
    }

    async fn read_whole(&mut self) {
        let (content, broken) = self.body.read_all(MAX_LINE).await;
        let mut objects = serde_json::Deserializer::from_slice(&content).into_iter::<Fields>();
        let mut whole = 0;
        while let Some(Ok(fields)) = objects.next() {
            self.ready.push_back(fields);
            whole = objects.byte_offset();
        }
        let rest = content[whole..].trim_ascii();
        match broken {
            Some(reason) => self.end(Some(reason), named_task(rest)),
            None if rest.is_empty() && whole > 0 => self.end(None, None),
            None => self.end(
                Some(format!("it is {}", describe(&self.content_type, rest))),
                named_task(rest),
            ),
        }
    }

    fn end(&mut self, broken: Option<String>, task_id: Option<String>) {
        self.over = Some(Ending { broken, task_id });
    }
}

/// What an unreadable body seems to be, without repeating any of it.
fn describe(content_type: &str, content: &[u8]) -> &'static str {
    let start = content.trim_ascii_start();
    if start.is_empty() {
        "empty"
    } else if content_type.contains("html") || start.first() == Some(&b'<') {
        "an HTML page"
    } else if matches!(start.first(), Some(b'{' | b'[')) {
        "JSON that breaks off or is no object"
    } else {
        "no JSON"
    }
}

#[derive(Debug)]
struct BodyReader {
    response: reqwest::Response,
    begun: bool,
}

impl BodyReader {
    /// The next piece, nothing at the end, or why it broke.
    async fn chunk(&mut self) -> Result<Option<Bytes>, String> {
        let chunk = self.response.chunk();
        let answer = if self.begun {
            match timeout(IDLE, chunk).await {
                Ok(answer) => answer,
                Err(_) => return Err(format!("nothing came for {} s", IDLE.as_secs())),
            }
        } else {
            chunk.await
        };
        self.begun = true;
        answer.map_err(|error| format!("the connection broke: {}", reason(&error)))
    }

    /// All that came, and why it is not all, if it is not.
    async fn read_all(&mut self, limit: usize) -> (Bytes, Option<String>) {
        let mut content = BytesMut::new();
        loop {
            match self.chunk().await {
                Ok(Some(chunk)) if content.len() + chunk.len() > limit => {
                    return (
                        content.freeze(),
                        Some(format!("it is longer than {limit} bytes")),
                    );
                }
                Ok(Some(chunk)) => content.extend_from_slice(&chunk),
                Ok(None) => return (content.freeze(), None),
                Err(broken) => return (content.freeze(), Some(broken)),
            }
        }
    }
}
