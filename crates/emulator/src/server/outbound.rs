//! Requests that the emulator itself makes: callbacks, and masks that are given as URLs.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Semaphore;
use url::Url;

/// The longest that one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Posts under way at once.
const POSTS_AT_ONCE: usize = 64;

/// The HTTP clients, each made when it is first needed: reading the machine's certificates takes milliseconds, and most
/// runs never leave the machine.
#[derive(Debug)]
pub(crate) struct Outbound {
    plain: OnceLock<Option<Client>>,
    secure: OnceLock<Option<Client>>,
    posting: Semaphore,
}

impl Outbound {
    pub(crate) fn new() -> Self {
        Self {
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            posting: Semaphore::new(POSTS_AT_ONCE),
        }
    }

    fn client(&self, url: &Url) -> Result<&Client, String> {
        let secure = url.scheme() == "https";
        let slot = if secure { &self.secure } else { &self.plain };
        slot.get_or_init(|| build(secure))
            .as_ref()
            .ok_or_else(|| "no HTTP client can be made".to_owned())
    }

    /// Posts JSON. Returns the status, or what went wrong on the way.
    pub(crate) async fn post(&self, url: &Url, body: String) -> Result<u16, String> {
        // Never closed, so there is always a permit to wait for.
        let _permit = self.posting.acquire().await;
        let request = self
            .client(url)?
            .post(url.clone())
            .header("content-type", "application/json")
            .header("user-agent", "midjourney-imagine-emulator")
            .body(body);
        let response = request.send().await.map_err(|error| describe(&error))?;
        Ok(response.status().as_u16())
    }

    /// Fetches at most `limit` bytes.
    pub(crate) async fn get(&self, url: &Url, limit: usize) -> Result<Bytes, String> {
        let mut response = self
            .client(url)?
            .get(url.clone())
            .send()
            .await
            .map_err(|error| describe(&error))?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut read = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
            if read.len() + chunk.len() > limit {
                return Err(format!("more than {limit} bytes"));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read.freeze())
    }
}

/// A client that knows the machine's certificates, or one without any for plain http: reqwest is built without TLS
/// of its own and would panic unless it is given some.
fn build(secure: bool) -> Option<Client> {
    let mut roots = RootCertStore::empty();
    if secure {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(TIMEOUT)
        // The emulator sends to the URL that it was given, and to no other.
        .redirect(redirect::Policy::none());
    if !secure {
        // Receivers over plain http are on this machine: a proxy from the environment must not come between.
        builder = builder.no_proxy();
    }
    match builder.build() {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::warn!(%error, "cannot make an HTTP client");
            None
        }
    }
}

/// The error without the URL, which may hold a secret of the receiver.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    if error.is_connect() {
        return "cannot connect".to_owned();
    }
    "the connection broke".to_owned()
}
