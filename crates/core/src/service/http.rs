//! One HTTP exchange with the service: a request goes out, a reply comes in, or it is known what became of the request.
//! Nothing here sends a paid request twice.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{self, HeaderValue};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;
use url::{Host, Url};

use super::backoff::Backoff;
use super::body::{Attempts, Fate};
use super::reason::reason;
use super::reply::Reply;
use super::settings::{Settings, check_environment_proxy};
use super::tls;
use crate::error::{Error, ErrorKind, Result};
use crate::model::fields::Fields;
use crate::token::Token;

/// What the client asks the service to answer with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Accept {
    Json,
    Ndjson,
}

/// An attempt that brought no reply.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) fate: Fate,
    pub(crate) reason: String,
}

/// How long one try of a free call may take.
const FREE_CALL: Duration = Duration::from_secs(30);

/// Connections are kept this long for the next request. Servers drop idle ones after five seconds and more; a paid
/// request on a connection that is just being dropped would end as "outcome unknown".
const IDLE_CONNECTION: Duration = Duration::from_secs(4);

/// The connections to the service, and those to the pictures.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) settings: Settings,
    api: OnceLock<reqwest::Client>,
    pictures: OnceLock<reqwest::Client>,
    /// For pictures that are on this machine.
    local_pictures: OnceLock<reqwest::Client>,
}

impl Http {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            api: OnceLock::new(),
            pictures: OnceLock::new(),
            local_pictures: OnceLock::new(),
        }
    }

    /// Sends one request, once. `attempts` knows whether it went out even if this future is dropped.
    pub(crate) async fn post(
        &self,
        path: &str,
        accept: Accept,
        content: Bytes,
        attempts: &Attempts,
    ) -> Result<Result<Reply, Lost>> {
        let settings = &self.settings;
        let api = ready(&self.api, || {
            let redirects = reqwest::redirect::Policy::none();
            http_client(settings, redirects, &settings.address(path))
        })?;
        let accept = match accept {
            Accept::Json => "application/json",
            Accept::Ndjson => "application/x-ndjson",
        };
        let (attempt, body) = attempts.begin(content);
        let answer = api
            .post(settings.address(path))
            .header(header::AUTHORIZATION, bearer(&settings.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept)
            .header(header::USER_AGENT, &settings.user_agent)
            .body(reqwest::Body::wrap(body))
            .send()
            .await;
        Ok(match answer {
            Ok(response) => {
                tracing::debug!(path, status = response.status().as_u16(), "answered");
                Ok(Reply::new(response))
            }
            Err(error) => {
                let lost = Lost {
                    fate: attempt.withdraw(),
                    reason: settings.token.redact(&reason(&error)),
                };
                tracing::debug!(path, fate = ?lost.fate, reason = lost.reason, "no answer");
                Err(lost)
            }
        })
    }

    /// One try of a call that costs nothing; its answer is a JSON object.
    pub(crate) async fn ask_once(&self, path: &str, question: &Bytes) -> Result<Fields> {
        let token = &self.settings.token;
        let exchange = async {
            let attempts = Attempts::default();
            let reply = self
                .post(path, Accept::Json, question.clone(), &attempts)
                .await?;
            match reply {
                Ok(reply) if reply.is_success() => reply.object(token).await,
                Ok(reply) => Err(reply.into_error(token).await),
                Err(lost) if lost.fate == Fate::NotSent => Err(not_sent(&lost.reason)),
                Err(lost) => Err(Error::new(
                    ErrorKind::OutcomeUnknown,
                    format!("the look-up was not answered: {}", lost.reason),
                )),
            }
        };
        let answer = timeout(FREE_CALL, exchange).await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::OutcomeUnknown,
                format!(
                    "the look-up was not answered within {} s",
                    FREE_CALL.as_secs()
                ),
            ))
        });
        answer.map_err(|error| {
            // Nothing was ordered, so nothing can have been accepted, and an unknown outcome is only an unread answer.
            let error = if error.kind() == ErrorKind::OutcomeUnknown {
                error.into_kind(ErrorKind::Decode)
            } else {
                error
            };
            error.accepted(false)
        })
    }

    /// A call that costs nothing, tried again as often as the settings say.
    pub(crate) async fn ask(
        &self,
        path: &str,
        question: &Bytes,
        deadline: Instant,
    ) -> Result<Fields> {
        let mut backoff = Backoff::default();
        let span = tracing::debug_span!("free_call", path);
        loop {
            let attempt = self.ask_once(path, question).instrument(span.clone());
            let error = match timeout_at(deadline, attempt).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => {
                    let message = "the deadline passed before the look-up was answered";
                    return Err(Error::new(ErrorKind::Deadline, message).accepted(false));
                }
            };
            let wait = backoff.next(error.retry_after());
            if !is_passing(&error)
                || backoff.failures() > self.settings.max_retries
                || wait >= deadline.saturating_duration_since(Instant::now())
            {
                return Err(error);
            }
            tracing::debug!(
                kind = error.kind().as_str(),
                wait_seconds = wait.as_secs_f64(),
                "asking again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// The client for the picture at this URL: it follows redirects, and it never carries the token.
    pub(crate) fn pictures(&self, url: &Url) -> Result<&reqwest::Client> {
        let is_local = is_on_this_machine(url);
        let slot = if is_local {
            &self.local_pictures
        } else {
            &self.pictures
        };
        ready(slot, || {
            let redirects = reqwest::redirect::Policy::limited(10);
            http_client(&self.settings, redirects, url)
        })
    }
}

/// Whether a free call that failed so may do better the next time.
pub(crate) fn is_passing(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotSent
            | ErrorKind::Decode
            | ErrorKind::Server
            | ErrorKind::GenerationTimeout
            | ErrorKind::RateLimit
    )
}

pub(crate) fn not_sent(reason: &str) -> Error {
    let hint = if reason.contains("UnknownIssuer") {
        "; a company's own certificate is trusted by `ca_certificates`"
    } else {
        ""
    };
    let message = format!("the service cannot be reached, nothing was sent: {reason}{hint}");
    Error::new(ErrorKind::NotSent, message)
}

/// The `Authorization` header, marked so that no HTTP library logs it.
fn bearer(token: &Token) -> HeaderValue {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
        .expect("a token holds visible ASCII only");
    value.set_sensitive(true);
    value
}

/// Builds at the first use: reading certificates costs milliseconds that a `--help` or an import should not pay.
fn ready(
    slot: &OnceLock<reqwest::Client>,
    build: impl FnOnce() -> Result<reqwest::Client>,
) -> Result<&reqwest::Client> {
    if let Some(client) = slot.get() {
        return Ok(client);
    }
    let fresh = build()?;
    Ok(slot.get_or_init(|| fresh))
}

/// An emulator or a gateway on this machine, which no proxy of the environment can reach.
fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn http_client(
    settings: &Settings,
    redirects: reqwest::redirect::Policy,
    url: &Url,
) -> Result<reqwest::Client> {
    if let Some(client) = &settings.http_client {
        return Ok(client.clone());
    }
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(settings.ca_certificates.as_deref())?)
        // A server may cap the streams of one HTTP/2 connection below the number of generations that wait on it.
        .http1_only()
        .retry(reqwest::retry::never())
        // A picture's address is signed, and no business of the host that it redirects to.
        .referer(false)
        .redirect(redirects)
        .connect_timeout(settings.connect_timeout)
        .pool_idle_timeout(IDLE_CONNECTION);
    if let Some(proxy) = &settings.proxy {
        builder = builder.proxy(proxy.clone());
    } else if is_on_this_machine(url) {
        builder = builder.no_proxy();
    } else {
        check_environment_proxy(url.scheme())?;
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Config,
            format!("the HTTP client cannot be set up: {}", reason(&error)),
        )
    })
}
