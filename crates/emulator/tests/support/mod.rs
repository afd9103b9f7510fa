//! A client that knows nothing of ours, and the bits that every test of the emulator needs.
#![expect(dead_code, reason = "each test program uses its own part of this")]

use std::time::{Duration, Instant};

use midjourney_imagine_emulator::{Builder, Emulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An emulator and a plain HTTP client for it.
pub(crate) struct Client {
    pub(crate) emulator: Emulator,
    pub(crate) http: reqwest::Client,
}

/// An answer, read in full.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let headers = response.headers().clone();
        let content_type = headers
            .get("content-type")
            .map(|value| value.to_str().unwrap().to_owned());
        Ok(Self {
            status: response.status().as_u16(),
            content_type: content_type.unwrap_or_default(),
            headers,
            bytes: response.bytes().await?.to_vec(),
        })
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The objects of a stream.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The `code` of an error.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The `message` of an error.
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// A client without TLS: reqwest is built without a provider of its own, and nothing here speaks https.
pub(crate) fn http() -> reqwest::Client {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .unwrap()
}

impl Client {
    pub(crate) async fn start() -> Self {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: Builder) -> Self {
        Self {
            emulator: builder.start().await.unwrap(),
            http: http(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.url())
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        accept: &str,
        body: &Value,
    ) -> Result<Answer, reqwest::Error> {
        let request = self
            .http
            .post(self.url(path))
            .header("authorization", "Bearer secret-token")
            .header("content-type", "application/json")
            .header("accept", accept)
            .body(body.to_string());
        Answer::read(request.send().await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.try_post(path, "application/json", &body)
            .await
            .unwrap()
    }

    pub(crate) async fn imagine(&self, body: Value) -> Answer {
        self.post("/midjourney/imagine", body).await
    }

    pub(crate) async fn stream(&self, body: Value) -> Answer {
        self.try_post("/midjourney/imagine", "application/x-ndjson", &body)
            .await
            .unwrap()
    }

    pub(crate) async fn tasks(&self, body: Value) -> Answer {
        self.post("/midjourney/tasks", body).await
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        let url = if url.starts_with('/') {
            self.url(url)
        } else {
            url.to_owned()
        };
        Answer::read(self.http.get(url).send().await.unwrap())
            .await
            .unwrap()
    }
}

impl Client {
    /// Posts to the administration.
    pub(crate) async fn admin(&self, path: &str, body: Value) -> Answer {
        self.post(&format!("/_emulator{path}"), body).await
    }

    /// An answer as it comes over the wire: every byte, and how the connection ended.
    pub(crate) async fn raw(&self, accept: &str, body: &Value) -> Raw {
        let mut stream = self.connect().await;
        stream
            .write_all(&request("/midjourney/imagine", accept, body))
            .await
            .unwrap();
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer).await {
                Ok(0) => {
                    return Raw {
                        bytes,
                        end: End::Closed,
                    };
                }
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                    return Raw {
                        bytes,
                        end: End::Reset,
                    };
                }
            }
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.emulator.url().strip_prefix("http://").unwrap())
            .await
            .unwrap()
    }

    /// The record of a task.
    pub(crate) async fn record(&self, task_id: &Value) -> Value {
        self.tasks(serde_json::json!({ "action": "retrieve", "id": task_id }))
            .await
            .json()
    }
}

/// A request that asks for the connection to be closed after its answer.
pub(crate) fn request(path: &str, accept: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer secret-token\r\naccept: {accept}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Reset,
}

/// What came over a connection.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

impl Raw {
    /// What follows the head.
    pub(crate) fn body(&self) -> &[u8] {
        let end = self
            .bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        &self.bytes[end + 4..]
    }
}

/// Far more than anything here takes on a busy machine: a test that hangs fails then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something has happened in the emulator's thread.
pub(crate) async fn until(mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(
            Instant::now() < deadline,
            "it did not happen within {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
