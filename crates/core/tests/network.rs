//! The way to the service: proxies, certificates, headers, prefixes, a client of the caller's own.

use std::sync::Arc;
use std::time::Duration;

use midjourney_imagine::{Client, ErrorKind, Result};
use midjourney_imagine_emulator::Emulator;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn requests_go_through_a_proxy_that_is_named() -> Result<()> {
    // A proxy for plain HTTP gets the whole address in the request line, which the emulator answers like any other.
    let proxy = Emulator::start().await.expect("the emulator starts");
    let client = Client::builder()
        .base_url("http://service.invalid")
        .token("t")
        .proxy(proxy.url())
        .build()?;
    client.imagine("A cat").submit().await?;
    let entry = proxy.journal().remove(0);
    assert_eq!(entry.headers["host"], "service.invalid");
    assert_eq!(proxy.ledger().started, 1);
    Ok(())
}

#[tokio::test]
async fn the_base_urls_path_is_a_prefix_and_headers_say_who_we_are() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = Client::builder()
        .base_url(format!("{}/gateway/v1/", emulator.url()))
        .token("  Bearer pasted ")
        .app_name("gallery/2.0")
        .build()?;
    let error = client.imagine("A cat").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let entry = emulator.journal().remove(0);
    assert_eq!(entry.path, "/gateway/v1/midjourney/imagine");
    assert_eq!(
        entry.headers["user-agent"],
        concat!("gallery/2.0 midjourney-imagine/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(entry.headers["authorization"], "Bearer [hidden]");
    assert_eq!(entry.headers["content-type"], "application/json");
    assert_eq!(
        entry.headers["content-length"],
        entry.body_bytes.to_string()
    );
    Ok(())
}

#[tokio::test]
async fn a_pasted_bearer_is_not_sent_twice() -> Result<()> {
    let emulator = Emulator::builder()
        .tokens(["good"])
        .start()
        .await
        .expect("the emulator starts");
    let client = Client::builder()
        .base_url(emulator.url())
        .token(" Bearer good\n")
        .build()?;
    client.imagine("A cat").submit().await?;
    Ok(())
}

#[tokio::test]
async fn a_client_of_the_callers_own_is_used_and_cannot_repeat_a_request() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let tls = tls_of(rustls::RootCertStore::empty());
    let own = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .default_headers(
            [(
                reqwest::header::HeaderName::from_static("x-own"),
                "1".parse().expect("a value"),
            )]
            .into_iter()
            .collect(),
        )
        // A policy that would repeat every request.
        .retry(
            reqwest::retry::for_host("127.0.0.1")
                .no_budget()
                .classify_fn(|attempt| match attempt.status() {
                    Some(_) => attempt.retryable(),
                    None => attempt.success(),
                }),
        )
        .build()
        .expect("a client");
    let client = Client::builder()
        .base_url(emulator.url())
        .token("t")
        .http_client(own)
        .build()?;
    let error = client
        .imagine("A cat --emulate html_502")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let journal = emulator.journal();
    assert_eq!(journal.len(), 1, "{journal:?}");
    assert_eq!(journal[0].headers["x-own"], "1");
    Ok(())
}

#[tokio::test]
async fn a_service_that_does_not_answer_the_door_was_not_sent_anything() -> Result<()> {
    // A full backlog of a listener that accepts nothing would depend on the system; a closed port does not.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let client = Client::builder()
        .base_url(format!("http://{closed}"))
        .token("t")
        .max_retries(0)
        .build()?;
    for call in [
        client.imagine("A cat").await.unwrap_err(),
        client.imagine("A cat").stream().result().await.unwrap_err(),
    ] {
        assert_eq!(call.kind(), ErrorKind::NotSent);
        assert!(!call.may_have_been_accepted());
        assert!(call.message().contains("refused"), "{call}");
    }
    let nowhere = Client::builder()
        .base_url("http://no-such-host.invalid")
        .token("t")
        .max_retries(0)
        .build()?;
    assert_eq!(
        nowhere.imagine("A cat").await.unwrap_err().kind(),
        ErrorKind::NotSent
    );
    Ok(())
}

#[tokio::test]
async fn a_deadline_while_trying_to_connect_has_sent_nothing() -> Result<()> {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    let client = Client::builder()
        .base_url(format!("http://{closed}"))
        .token("t")
        .max_retries(1000)
        .build()?;
    let error = client
        .imagine("A cat")
        .deadline(Duration::from_millis(50))
        .await
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotSent | ErrorKind::Deadline),
        "{error:?}"
    );
    assert!(!error.may_have_been_accepted(), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn https_is_refused_from_strangers_and_accepted_from_a_named_authority() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let (address, authority) =
        https_before(emulator.url().trim_start_matches("http://").to_owned()).await;
    let builder = || {
        Client::builder()
            .base_url(format!("https://localhost:{}", address.port()))
            .token("t")
            .max_retries(0)
    };
    let stranger = builder().build()?.imagine("A cat").await.unwrap_err();
    assert_eq!(stranger.kind(), ErrorKind::NotSent, "{stranger:?}");
    assert!(stranger.message().contains("certificate"), "{stranger}");
    assert!(emulator.journal().is_empty());
    let task = builder()
        .ca_certificates(authority)
        .build()?
        .imagine("A cat")
        .submit()
        .await?;
    assert!(!task.task_id.is_empty());
    let error = builder()
        .ca_certificates("no certificate")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("ca_certificates"), "{error}");
    Ok(())
}

/// An HTTPS server on this machine that passes everything on, and the PEM of the authority that vouches for it.
async fn https_before(service: String) -> (std::net::SocketAddr, String) {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der())
        .expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("protocol versions")
    .with_no_client_auth()
    .with_single_cert(vec![certified.cert.der().clone()], key)
    .expect("a server");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, service) = (acceptor.clone(), service.clone());
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(connection).await else {
                    return;
                };
                let mut plain = TcpStream::connect(service).await.expect("the emulator");
                let _ended = tokio::io::copy_bidirectional(&mut tls, &mut plain).await;
            });
        }
    });
    (address, certified.cert.pem())
}

fn tls_of(roots: rustls::RootCertStore) -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_kept_connection_that_the_server_dropped_is_not_used_for_a_paid_request() -> Result<()> {
    // A server that answers one request on each connection, without saying so, and closes it.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let served = tokio::spawn(async move {
        for _ in 0..3 {
            let (mut connection, _) = listener.accept().await.expect("a connection");
            let mut request = vec![0; 4096];
            let read = connection.read(&mut request).await.expect("a request");
            assert!(read > 0);
            let body = r#"{"task_id":"11111111-2222-4333-8444-555555555555"}"#;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection
                .write_all(format!("{head}{body}").as_bytes())
                .await
                .expect("written");
            connection.shutdown().await.expect("closed");
        }
    });
    let client = Client::builder()
        .base_url(format!("http://{address}"))
        .token("t")
        .build()?;
    for _ in 0..3 {
        client.imagine("A cat").submit().await?;
    }
    served.await.expect("three requests on three connections");
    Ok(())
}
