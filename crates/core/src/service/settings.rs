//! A client's settings: what the caller gives, what the environment adds, and what is refused.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use url::Url;

use super::tls;
use crate::error::{Error, ErrorKind, Result};
use crate::token::{self, Token};

const TOKEN_VARIABLE: &str = "ACEDATACLOUD_API_TOKEN";
const BASE_URL_VARIABLE: &str = "ACEDATACLOUD_API_BASE_URL";
const DEFAULT_BASE_URL: &str = "https://api.acedata.cloud";

/// Settings that hold: complete and checked.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) token: Token,
    base_url: Url,
    pub(crate) deadline: Option<Duration>,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    /// The caller's own, if there is one; [`Settings::poll_interval`] is what holds.
    own_poll_interval: Option<Duration>,
    pub(crate) retry_server_errors: bool,
    pub(crate) proxy: Option<reqwest::Proxy>,
    pub(crate) ca_certificates: Option<Vec<u8>>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) http_client: Option<reqwest::Client>,
}

/// What a call waits beyond the service's own wait: for the network, and for the queue.
const MARGIN: Duration = Duration::from_secs(60);

/// Longer than any process lives, and short enough to be added to a clock.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How often the running tasks are polled when one of them is nearly done.
const POLL_INTERVAL_NEAR_THE_END: Duration = Duration::from_secs(1);

impl Settings {
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// The address of an endpoint, below the base URL's own path.
    pub(crate) fn address(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    /// How often the running tasks are polled; `is_near` says that one of them is nearly done.
    pub(crate) fn poll_interval(&self, is_near: bool) -> Duration {
        self.own_poll_interval.unwrap_or(if is_near {
            POLL_INTERVAL_NEAR_THE_END
        } else {
            POLL_INTERVAL
        })
    }

    /// How long a whole call may take: the call's own limit, the client's, or the service's wait (in seconds) and a margin.
    pub(crate) fn limit(&self, own: Option<Duration>, service_wait: f64) -> Duration {
        let service_wait = Duration::try_from_secs_f64(service_wait)
            .unwrap_or(FOR_EVER)
            .min(FOR_EVER);
        own.or(self.deadline)
            .unwrap_or(service_wait + MARGIN)
            .min(FOR_EVER)
    }
}

/// Proxies hold passwords, so only the address is shown.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

/// Settings for a [`Client`](crate::Client). What is not set comes from the environment, or has the default that is named here.
///
/// ```
/// use std::time::Duration;
/// use midjourney_imagine::Client;
///
/// let client = Client::builder()
///     .token("your-token")
///     .deadline(Duration::from_secs(900))
///     .app_name("my-gallery")
///     .build()?;
/// # Ok::<(), midjourney_imagine::Error>(())
/// ```
#[derive(Default)]
#[must_use = "nothing happens until `build`"]
pub struct ClientBuilder {
    token: Option<String>,
    base_url: Option<String>,
    deadline: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    poll_interval: Option<Duration>,
    retry_server_errors: bool,
    proxy: Option<String>,
    ca_certificates: Option<Vec<u8>>,
    app_name: Option<String>,
    http_client: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// The API token, with or without a leading `Bearer`. Default: the environment's `ACEDATACLOUD_API_TOKEN`.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Where the API is; a path is kept as a prefix. Default: the environment's `ACEDATACLOUD_API_BASE_URL`, else
    /// `https://api.acedata.cloud`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// How long a whole call may take, from the request to the picture. Default: the service's own `timeout` (480 s
    /// unless the request says otherwise) and a minute.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How long one attempt may take to connect. Default: 10 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// How often a request is tried again that was not sent or was refused with 429, or that is free. Default: 4.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// How often running tasks are polled; one call serves all that wait on a client. Default: 2 s, and 1 s while one of them is
    /// nearly done (60 % and more, or an upscale).
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = Some(interval);
        self
    }

    /// Send a paid request again after a 500 `api_error`: the vendor's billing page says that a failed generation is
    /// free. Default: false.
    pub fn retry_server_errors(mut self, retry: bool) -> Self {
        self.retry_server_errors = retry;
        self
    }

    /// The proxy for every request: `http://`, `https://` or `socks5://`, with user and password where needed. Default:
    /// the environment's (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), but for addresses of this machine.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Certificates, as PEM text, to trust beside the machine's: for a company's proxy.
    pub fn ca_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates = Some(pem.into());
        self
    }

    /// Your application's name, which then opens the `User-Agent` header. Default: none.
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.app_name = Some(name.into());
        self
    }

    /// An HTTP client of your own, which then decides about connections, TLS and proxies instead of the settings here. It
    /// cannot send a paid request twice, whatever its own policies: the request's body can only be read once.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// The settings that hold.
    ///
    /// Errors: `config` for a missing token and for every setting that cannot hold, with its name.
    pub(crate) fn settings(self) -> Result<Settings> {
        let token = match given(self.token, TOKEN_VARIABLE) {
            Some(token) => Token::new(&token)?,
            None => return Err(token::missing()),
        };
        for (name, limit) in [
            ("poll_interval", self.poll_interval),
            ("deadline", self.deadline),
            ("connect_timeout", self.connect_timeout),
        ] {
            if limit.is_some_and(|limit| limit.is_zero()) {
                return Err(mistake(name, "it is zero"));
            }
        }
        let connect_timeout = self.connect_timeout.unwrap_or(Duration::from_secs(10));
        if let Some(pem) = &self.ca_certificates {
            tls::certificates(pem)?;
        }
        let user_agent = match &self.app_name {
            Some(name) => format!("{name} {USER_AGENT}"),
            None => USER_AGENT.to_owned(),
        };
        Ok(Settings {
            token,
            base_url: base_url(
                given(self.base_url, BASE_URL_VARIABLE)
                    .as_deref()
                    .unwrap_or(DEFAULT_BASE_URL),
            )?,
            deadline: self.deadline,
            connect_timeout: connect_timeout.min(FOR_EVER),
            max_retries: self.max_retries.unwrap_or(4),
            own_poll_interval: self.poll_interval.map(|interval| interval.min(FOR_EVER)),
            retry_server_errors: self.retry_server_errors,
            proxy: self.proxy.as_deref().map(proxy).transpose()?,
            ca_certificates: self.ca_certificates,
            user_agent: HeaderValue::from_str(&user_agent).map_err(|_| {
                mistake(
                    "app_name",
                    "it holds a character that a header cannot carry",
                )
            })?,
            http_client: self.http_client,
        })
    }
}

/// Shows which settings were made, not the secrets among them.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientBuilder")
            .field("token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

const USER_AGENT: &str = concat!("midjourney-imagine/", env!("CARGO_PKG_VERSION"));

/// An argument beats the environment; an empty variable is an unset one.
fn given(argument: Option<String>, variable: &str) -> Option<String> {
    argument.or_else(|| {
        std::env::var(variable)
            .ok()
            .filter(|value| !value.trim().is_empty())
    })
}

fn mistake(setting: &str, problem: &str) -> Error {
    Error::new(ErrorKind::Config, format!("`{setting}`: {problem}"))
}

fn base_url(text: &str) -> Result<Url> {
    let problem = match Url::parse(text.trim()) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
            "it is not an http(s) URL"
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "it holds a user or a password"
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "it holds a query or a fragment"
        }
        Ok(url) => return Ok(url),
        Err(_) => "it is not an absolute URL such as https://api.acedata.cloud",
    };
    Err(mistake("base_url", problem))
}

fn proxy(text: &str) -> Result<reqwest::Proxy> {
    // The URL may hold a password, so the library's error, which repeats it, is not passed on.
    proxy_url(text)
        .and_then(|url| reqwest::Proxy::all(url).ok())
        .ok_or_else(|| mistake("proxy", PROXY_FORM))
}

const PROXY_FORM: &str = "it is not a URL such as http://proxy.example:8080 or socks5://127.0.0.1:1080; an @ in a password is written %40";

fn proxy_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_known = matches!(
        url.scheme(),
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
    );
    // The HTTP library drops a proxy of the environment with an @ too many, which this parser would take for a password's.
    (is_known && url.has_host() && text.matches('@').count() < 2).then_some(url)
}

/// Refuses a proxy of the environment for URLs of this scheme that the HTTP library would ignore: a connection past a proxy is not
/// what was asked for. `ALL_PROXY` counts where the scheme has no variable of its own: desktops set it to `socks://` beside these.
///
/// Errors: `config`, with the variable's name.
pub(crate) fn check_environment_proxy(scheme: &str) -> Result<()> {
    for name in [format!("{scheme}_proxy"), "all_proxy".to_owned()] {
        let set = [name.to_ascii_uppercase(), name].map(|name| {
            let value = std::env::var(&name).unwrap_or_default();
            (name, value)
        });
        for (name, value) in &set {
            let value = value.trim();
            let is_read = if value.contains("://") {
                proxy_url(value).is_some()
            } else {
                proxy_url(&format!("http://{value}")).is_some()
            };
            if !value.is_empty() && !is_read {
                return Err(mistake(name, PROXY_FORM));
            }
        }
        if set.iter().any(|(_, value)| !value.trim().is_empty()) {
            break;
        }
    }
    Ok(())
}
