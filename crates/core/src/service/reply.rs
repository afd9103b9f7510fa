//! What came back: whole or in frames, complete or broken off.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use tokio::time::timeout;
use url::Url;

use super::backoff::retry_after;
use super::json_stream::{JsonStream, MAX_OBJECT, TooLong};
use super::reason::reason;
use super::text::decoded;
use crate::error::{Error, ErrorKind, Result};
use crate::model::answer::named;
use crate::model::error_body::ErrorBody;
use crate::model::fields::Fields;
use crate::token::Token;

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
    /// An encoding of the body that this client does not decode.
    encoding: Option<String>,
    /// Where a redirect leads.
    location: Option<String>,
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
            retry_after: retry_after(response.headers()),
            trace_id: header("x-request-id").map(str::to_owned),
            content_type: header(CONTENT_TYPE.as_str())
                .unwrap_or_default()
                .to_ascii_lowercase(),
            // The HTTP library takes the header away where it decodes.
            encoding: header(CONTENT_ENCODING.as_str())
                .filter(|encoding| !encoding.eq_ignore_ascii_case("identity"))
                .map(str::to_owned),
            location: header(LOCATION.as_str()).map(str::to_owned),
            body: BodyReader(response),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The answer to a free call: one JSON object, or a `decode` error. An object that is broken is what can be read of it, and
    /// has a [`Fields::problem`].
    pub(crate) async fn object(mut self, token: &Token) -> Result<Fields> {
        let mut content = BytesMut::new();
        let broken = self.body.read_all(&mut content, OBJECT_LIMIT).await;
        let trace_id = self.trace_id.map(|trace_id| token.redact_id(&trace_id));
        let text = decoded(&self.content_type, &content);
        let problem = match (broken, Fields::parse(text.as_bytes())) {
            (Some(broken), _) => broken,
            (None, Err(error)) => {
                let encoding = self.encoding.as_deref();
                let what = describe(&self.content_type, encoding, text.as_bytes(), Some(&error));
                let problem = format!("it is {what}");
                match Fields::salvage(&text, problem.clone()) {
                    Some(fields) => return Ok(fields),
                    None => problem,
                }
            }
            (None, Ok(fields)) => {
                return match ErrorBody::in_answer(&fields) {
                    Some(body) => Err(body
                        .into_http_error(self.status, token)
                        .with_trace(trace_id)),
                    None => Ok(fields),
                };
            }
        };
        Err(unreadable(&problem)
            .with_status(self.status)
            .with_trace(trace_id))
    }

    /// The error that an answer with an error status is.
    pub(crate) async fn into_error(mut self, token: &Token) -> Error {
        let mut content = BytesMut::new();
        let reading = self.body.read_all(&mut content, ERROR_BODY_LIMIT);
        // Whether all of it came is of no matter: what came is read.
        drop(timeout(ERROR_BODY, reading).await);
        let text = decoded(&self.content_type, &content);
        let content = text.as_bytes();
        let body = Fields::parse(content)
            .ok()
            .or_else(|| Fields::salvage(&text, String::new()))
            .and_then(|fields| ErrorBody::in_http_error(&fields));
        let error = match (self.status, body) {
            (407, _) => Error::new(
                ErrorKind::NotSent,
                "the proxy asks for a user and a password, and passed nothing on; they belong into the proxy's URL",
            )
            .with_status(407),
            (400.., Some(body)) => body.into_http_error(self.status, token),
            // A refusal is one whatever its body says; a gateway's page is no word on what became of the request.
            (400..500, None) => self.refusal(content, token),
            (301 | 302 | 307 | 308, _) => Error::new(
                ErrorKind::Config,
                format!(
                    "the API redirects to {}, which is not followed, and nothing was started; check `base_url`",
                    self.origin_of_redirect()
                ),
            )
            .with_status(self.status),
            _ => Error::new(
                ErrorKind::OutcomeUnknown,
                format!(
                    "the request was sent, and a gateway answered with {}",
                    describe(&self.content_type, self.encoding.as_deref(), content, None)
                ),
            )
            .with_status(self.status),
        };
        let id = |id: Option<String>| id.map(|id| token.redact_id(&id));
        error
            .with_task(id(named("task_id", content)))
            .with_trace(id(named("trace_id", content)))
            .with_trace(id(self.trace_id))
            .with_retry_after(self.retry_after)
    }

    /// The error of a refusal that is not in the API's own words.
    fn refusal(&self, content: &[u8], token: &Token) -> Error {
        let message = looks_like_html(&self.content_type, content).then(|| {
            "a web page answered, and not the API: check `base_url`, and any proxy or firewall on the way".to_owned()
        });
        let body = ErrorBody {
            message,
            ..ErrorBody::default()
        };
        body.into_http_error(self.status, token)
    }

    /// Scheme and host alone: the rest may hold a secret.
    fn origin_of_redirect(&self) -> String {
        let location = self.location.as_deref().unwrap_or_default();
        match Url::parse(location) {
            Ok(url) if url.has_host() => url.origin().ascii_serialization(),
            _ => "another path of the same host".to_owned(),
        }
    }

    /// The objects of a successful answer, which may be a single one.
    pub(crate) fn into_objects(self) -> Objects {
        Objects {
            stream: JsonStream::new(&self.content_type),
            content_type: self.content_type,
            encoding: self.encoding,
            trace_id: self.trace_id,
            body: self.body,
            ready: VecDeque::new(),
            over: None,
        }
    }
}

pub(crate) fn unreadable(problem: &str) -> Error {
    let message = format!("the service's answer cannot be read: {problem}");
    Error::new(ErrorKind::Decode, message)
}

/// What comes next in an answer.
#[derive(Debug)]
pub(crate) enum Next {
    Object(Fields),
    /// The answer ended as it should.
    End,
    /// The answer broke off, or says nothing readable; what was broken may still name its task.
    Broken {
        task_id: Option<String>,
        reason: String,
    },
}

/// An answer's objects, read one after the other. Dropping [`next`](Self::next) half-way loses nothing.
#[derive(Debug)]
pub(crate) struct Objects {
    content_type: String,
    encoding: Option<String>,
    pub(crate) trace_id: Option<String>,
    body: BodyReader,
    stream: JsonStream,
    /// Objects that are read and not given yet.
    ready: VecDeque<Fields>,
    /// How the answer ended, once it has.
    over: Option<Ending>,
}

#[derive(Debug)]
struct Ending {
    broken: Option<String>,
}

impl Objects {
    /// The next object. Never an error: that it breaks off is something that comes next, too, because what came before counts.
    pub(crate) async fn next(&mut self) -> Next {
        loop {
            if let Some(fields) = self.ready.pop_front() {
                return Next::Object(fields);
            }
            if let Some(ending) = &mut self.over {
                return match ending.broken.take() {
                    Some(reason) => Next::Broken {
                        task_id: self.stream.named_task(),
                        reason,
                    },
                    None => Next::End,
                };
            }
            match self.stream.next() {
                Ok(Some(fields)) => return Next::Object(fields),
                Ok(None) => {}
                Err(TooLong) => {
                    let broken = Some(format!("an object is longer than {MAX_OBJECT} bytes"));
                    self.over = Some(Ending { broken });
                    continue;
                }
            }
            match self.body.chunk().await {
                Ok(Some(chunk)) => self.stream.push(&chunk),
                ended => self.end(ended.err()),
            }
        }
    }

    /// The task that the unread part of the answer names, if it already does.
    pub(crate) fn named_so_far(&self) -> Option<String> {
        self.stream.named_task()
    }

    fn end(&mut self, broken: Option<String>) {
        self.ready.extend(self.stream.rest());
        let unreadable = self.stream.unreadable();
        let broken = broken.or_else(|| {
            Some(format!(
                "it is {}",
                describe(
                    &self.content_type,
                    self.encoding.as_deref(),
                    unreadable?,
                    None
                )
            ))
        });
        self.over = Some(Ending { broken });
    }
}

/// What an unreadable body seems to be, without repeating any of it.
fn describe(
    content_type: &str,
    encoding: Option<&str>,
    content: &[u8],
    error: Option<&serde_json::Error>,
) -> String {
    let start = content.trim_ascii_start();
    if let Some(encoding) = encoding {
        return format!("encoded as {encoding:.32}, which was not asked for");
    }
    if start.is_empty() {
        return "empty".to_owned();
    }
    if looks_like_html(content_type, content) {
        return "an HTML page".to_owned();
    }
    match (start.first(), error) {
        (Some(b'{' | b'['), Some(error)) if error.is_eof() => "JSON that breaks off".to_owned(),
        (Some(b'{'), Some(error)) => format!(
            "no valid JSON: it is wrong at line {}, column {}",
            error.line(),
            error.column()
        ),
        (Some(b'{' | b'['), _) => "JSON that breaks off or is no object".to_owned(),
        _ => "no JSON".to_owned(),
    }
}

fn looks_like_html(content_type: &str, content: &[u8]) -> bool {
    content_type.contains("html") || content.trim_ascii_start().first() == Some(&b'<')
}

#[derive(Debug)]
struct BodyReader(reqwest::Response);

impl BodyReader {
    /// The next piece, nothing at the end, or why it broke. There is no limit on silence here: a stream says nothing until
    /// drawing starts, and those who read have deadlines.
    async fn chunk(&mut self) -> Result<Option<Bytes>, String> {
        self.0
            .chunk()
            .await
            .map_err(|error| format!("the connection broke: {}", reason(&error)))
    }

    /// Reads all that comes into `content`, and says why it is not all, if it is not.
    async fn read_all(&mut self, content: &mut BytesMut, limit: usize) -> Option<String> {
        loop {
            match self.chunk().await {
                Ok(Some(chunk)) if content.len() + chunk.len() > limit => {
                    return Some(format!("it is longer than {limit} bytes"));
                }
                Ok(Some(chunk)) => content.extend_from_slice(&chunk),
                Ok(None) => return None,
                Err(broken) => return Some(broken),
            }
        }
    }
}
