//! What the Rust runners share: the vectors as types, and an HTTP client that is not ours.

#![forbid(unsafe_code)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Far more than any call or case takes on a busy machine: one that hangs fails then.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One case of `vectors/*.json`; the format is described in `vectors/README.md`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `<file>/<name>`, unique over all files.
    pub id: String,
    /// What the case shows, in a sentence.
    pub about: String,
    /// The numbers in docs/contract.md, "Traps", that it covers.
    #[serde(default)]
    pub traps: Vec<u8>,
    /// Settings of the client, beside the base URL and a token.
    #[serde(default)]
    pub client: Map<String, Value>,
    /// What is called.
    pub call: Map<String, Value>,
    /// What the emulator answers, in order.
    pub replies: Vec<Value>,
    /// What must come of it.
    pub expect: Map<String, Value>,
}

/// The folder of the vectors.
#[must_use]
pub fn vectors() -> &'static Path {
    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
    Path::new(FOLDER)
}

/// Reads one file of vectors.
///
/// # Panics
///
/// When it cannot be read: then there is nothing to test.
#[must_use]
pub fn read<T: for<'de> Deserialize<'de>>(file: &str) -> T {
    let path = vectors().join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All cases of all files.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        "models",
        "requests",
        "exchanges",
        "errors",
        "retries",
        "cancels",
        "redaction",
    ]
    .iter()
    .flat_map(|name| read::<Vec<Case>>(&format!("{name}.json")))
    .collect()
}

/// Says which cases have run, to whoever compares the runners; the format is described in `vectors/README.md`.
///
/// # Panics
///
/// When the folder that was asked for cannot be written.
pub fn record<'a>(ids: impl Iterator<Item = &'a str>) {
    if let Some(folder) = std::env::var_os("MJ_EXECUTED_IDS") {
        let lines: Vec<&str> = ids.collect();
        let target = Path::new(&folder).join("rust");
        std::fs::write(&target, lines.join("\n"))
            .unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    }
}

/// An HTTP client for what a foreign program would do: plain HTTP to this machine.
///
/// # Panics
///
/// When the library cannot set up TLS, which it wants even where none is used.
#[must_use]
pub fn bare_client() -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("protocol versions")
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .expect("a client")
}
