//! The administration: what it shows, what it changes, and which requests it accepts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use midjourney_imagine_emulator::{Emulator, Fault, FaultRule, ScriptedReply, Speed, Then};
use serde_json::{Value, json};
use support::{Answer, Client, End};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test]
async fn the_index_lists_endpoints_that_all_exist() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    for path in ["/_emulator", "/_emulator/"] {
        let index = client.get(path).await.json();
        assert_eq!(
            index["faults"].as_array().unwrap().len(),
            Fault::NAMES.len()
        );
        for endpoint in index["endpoints"].as_array().unwrap() {
            let path = endpoint["path"].as_str().unwrap().replace("{number}", "0");
            let method = endpoint["method"].as_str().unwrap().parse().unwrap();
            let answer = client
                .http
                .request(method, client.url(&path))
                .body("{}")
                .send()
                .await
                .unwrap();
            let text = answer.text().await.unwrap();
            assert!(!text.contains("no such API"), "{endpoint}");
        }
    }
    for (method, path) in [
        ("GET", "/_emulator/reset"),
        ("POST", "/_emulator/ledger"),
        ("GET", "/_emulator/x"),
    ] {
        let answer = client
            .http
            .request(method.parse().unwrap(), client.url(path))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 404, "{method} {path}");
    }
}

#[tokio::test]
async fn the_administration_says_what_the_library_says() {
    let client = Client::with(Emulator::builder().seed(5)).await;
    client.imagine(json!({ "prompt": "a cat" })).await;
    let get = async |path: &str| client.get(&format!("/_emulator{path}")).await.json();
    assert_eq!(get("/ledger").await, json!(client.emulator.ledger()));
    let (mut state, mut known) = (get("/state").await, json!(client.emulator.state()));
    for state in [&mut state, &mut known] {
        assert!(
            state
                .as_object_mut()
                .unwrap()
                .remove("elapsed_seconds")
                .is_some()
        );
    }
    assert_eq!(state, known);
    assert_eq!(
        get("/journal").await["entries"],
        json!(client.emulator.journal())
    );
    assert_eq!(get("/deliveries").await, json!({ "deliveries": [] }));
    let ledger = get("/ledger").await;
    assert_eq!(
        (
            &ledger["submissions"],
            &ledger["started"],
            &ledger["charged"]
        ),
        (&json!(1), &json!(1), &json!(1.0))
    );
    assert_eq!(ledger["entries"][0]["state"], "succeeded");
}

#[tokio::test]
async fn the_journal_has_every_request_and_no_token() {
    let client = Client::start().await;
    client
        .imagine(json!({ "prompt": "a cat --emulate crlf" }))
        .await;
    client.imagine(json!({ "prompt": "" })).await;
    client.get("/nowhere?x=1").await;
    client.get("/_emulator/state").await;
    let answer = client.get("/_emulator/journal").await;
    assert!(!answer.text().contains("secret-token"));
    let entries = answer.json()["entries"].as_array().unwrap().clone();
    let seen: Vec<(&str, &str, u64)> = entries
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap();
            (
                text("method"),
                text("path"),
                entry["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("POST", "/midjourney/imagine", 200),
        ("POST", "/midjourney/imagine", 400),
        ("GET", "/nowhere?x=1", 404),
    ];
    assert_eq!(seen, expected);
    assert_eq!(entries[0]["headers"]["authorization"], "Bearer [hidden]");
    assert_eq!(entries[0]["faults"], json!(["crlf"]));
    assert_eq!(entries[0]["body"], r#"{"prompt":"a cat --emulate crlf"}"#);
    client
        .http
        .delete(client.url("/_emulator/journal"))
        .send()
        .await
        .unwrap();
    assert!(client.emulator.journal().is_empty());
}

#[tokio::test]
async fn the_token_is_in_no_debug_text() {
    let client = Client::with(Emulator::builder().tokens(["secret-token"])).await;
    client.imagine(json!({ "prompt": "a cat" })).await;
    let emulator = &client.emulator;
    let texts = [
        format!("{emulator:?}"),
        format!("{:?}", Emulator::builder().tokens(["secret-token"])),
        format!(
            "{:?}{:?}{:?}",
            emulator.journal(),
            emulator.ledger(),
            emulator.state()
        ),
    ];
    assert!(texts.iter().all(|text| !text.contains("secret-token")));
}

#[tokio::test]
async fn rules_are_added_listed_used_up_and_cleared() {
    let client = Client::start().await;
    let added = client
        .admin(
            "/faults",
            json!({ "fault": "rate_limit", "arg": 3, "times": 2 }),
        )
        .await;
    assert_eq!(
        added.json(),
        json!({ "faults": [{ "fault": "rate_limit", "arg": 3, "times": 2 }] })
    );
    client
        .admin(
            "/faults",
            json!([{ "fault": "crlf", "times": 0 }, { "fault": "fail_task", "arg": "busy" }]),
        )
        .await;
    assert_eq!(
        client.imagine(json!({ "prompt": "a cat" })).await.status,
        429
    );
    let expected = [
        FaultRule::once(Fault::RateLimit(Some(3))),
        FaultRule::once(Fault::Crlf).always(),
        FaultRule::once(Fault::FailTask("busy".to_owned())),
    ];
    assert_eq!(client.emulator.faults(), expected);
    client
        .http
        .delete(client.url("/_emulator/faults"))
        .send()
        .await
        .unwrap();
    assert!(client.emulator.faults().is_empty());
    for wrong in [
        json!({ "fault": "no_such" }),
        json!({}),
        json!({ "fault": "crlf", "when": "now" }),
        json!("crlf"),
    ] {
        assert_eq!(client.admin("/faults", wrong).await.code(), "bad_request");
    }
}

#[tokio::test]
async fn the_balance_can_be_set_and_lifted() {
    let client = Client::start().await;
    client.admin("/balance", json!({ "balance": 0 })).await;
    assert_eq!(
        client.imagine(json!({ "prompt": "a cat" })).await.code(),
        "used_up"
    );
    client.admin("/balance", json!({ "balance": null })).await;
    assert_eq!(
        client.imagine(json!({ "prompt": "a cat" })).await.status,
        200
    );
}

#[tokio::test]
async fn the_clock_moves_only_where_it_is_virtual() {
    let client = Client::start().await;
    assert_eq!(
        client
            .admin("/clock", json!({ "advance_seconds": 1 }))
            .await
            .code(),
        "bad_request"
    );
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    assert_eq!(
        client
            .admin("/clock", json!({ "advance_seconds": 1.5 }))
            .await
            .json()["elapsed_seconds"],
        1.5
    );
    assert_eq!(
        client
            .admin("/clock", json!({ "advance_seconds": -1 }))
            .await
            .code(),
        "bad_request"
    );
}

#[tokio::test]
async fn a_reset_begins_anew_and_fails_whoever_waits() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual).seed(1)).await;
    client.emulator.add_fault(Fault::Crlf);
    let waiting = client.imagine(json!({ "prompt": "a cat" }));
    let reset = async {
        support::until(|| client.emulator.state().running == 1).await;
        client.admin("/reset", json!({})).await.json()
    };
    let (answer, state) = tokio::join!(waiting, reset);
    assert_eq!((answer.status, answer.code().as_str()), (500, "api_error"));
    assert_eq!(
        (
            &state["running"],
            &state["fault_rules"],
            &state["elapsed_seconds"]
        ),
        (&json!(0), &json!(0), &json!(0.0))
    );
    assert_eq!(
        client.emulator.ledger(),
        Emulator::start().await.unwrap().ledger()
    );
    let first = client
        .imagine(json!({ "prompt": "a cat", "async": true }))
        .await
        .json();
    client.emulator.reset();
    assert_eq!(
        client
            .imagine(json!({ "prompt": "a cat", "async": true }))
            .await
            .json(),
        first,
        "seeded runs repeat"
    );
}

#[tokio::test]
async fn web_pages_and_strange_names_are_kept_out() {
    let client = Client::start().await;
    let own = client.emulator.url().to_owned();
    let get = async |name: &'static str, value: &str| {
        client
            .http
            .get(client.url("/_emulator/state"))
            .header(name, value)
            .send()
            .await
            .unwrap()
            .status()
    };
    for origin in [
        "http://evil.example",
        "null",
        "https://localhost",
        "http://localhost:1",
    ] {
        assert_eq!(get("origin", origin).await, 403, "{origin}");
    }
    assert_eq!(get("origin", &own).await, 200);
    for host in ["evil.example", "127.0.0.1.evil.example:80"] {
        assert_eq!(get("host", host).await, 403, "{host}");
    }
    for host in ["localhost", "127.0.0.1:9", "[::1]:9"] {
        assert_eq!(get("host", host).await, 200, "{host}");
    }
    let cross = client
        .http
        .post(client.url("/_emulator/reset"))
        .header("origin", "http://evil.example");
    assert_eq!(cross.send().await.unwrap().status(), 403);
}

fn reply(value: Value) -> Vec<ScriptedReply> {
    vec![serde_json::from_value(value).unwrap()]
}

#[tokio::test]
async fn a_script_answers_word_for_word_and_before_anything_else() {
    let client = Client::start().await;
    let added = client
        .admin(
            "/script",
            json!([
                { "path": "/midjourney/imagine", "status": 418, "headers": { "x-base": "{{url}}" }, "body": "{{token}} {{url}}" },
                { "path": "/elsewhere", "body_base64": "AAECAw==", "headers": { "content-type": "image/png" } },
                { "path": "/midjourney/imagine", "chunks": ["{\"a\":", "1}"] },
            ]),
        )
        .await;
    assert_eq!(added.json(), json!({ "scripted_replies": 3 }));
    let first = client.imagine(json!({ "prompt": "a cat" })).await;
    assert_eq!(
        (first.status, first.text()),
        (
            418,
            format!("secret-token {}", client.emulator.url()).as_str()
        )
    );
    assert_eq!(first.headers["x-base"], client.emulator.url());
    let second = client.imagine(json!({ "prompt": "a cat" })).await;
    assert_eq!(
        (second.status, second.content_type.as_str(), second.text()),
        (200, "application/json", r#"{"a":1}"#)
    );
    assert!(!second.headers.contains_key("content-length"));
    assert_eq!(
        client.imagine(json!({ "prompt": "a cat" })).await.json()["progress"],
        100
    );
    let binary = client.get("/elsewhere?x=1").await;
    assert_eq!(
        (binary.content_type.as_str(), binary.bytes.as_slice()),
        ("image/png", &[0, 1, 2, 3][..])
    );
    let scripted: Vec<bool> = client
        .emulator
        .journal()
        .iter()
        .map(|entry| entry.scripted)
        .collect();
    assert_eq!(scripted, [true, true, false, true]);
    let ledger = client.emulator.ledger();
    assert_eq!((ledger.submissions, ledger.started), (3, 1));
}

#[tokio::test]
async fn a_script_cuts_closes_resets_and_holds() {
    let client = Client::start().await;
    let path = "/midjourney/imagine";
    let whole = "0123456789";
    for (script, body, end) in [
        (
            json!({ "path": path, "body": whole, "cut_body_after_bytes": 4 }),
            "0123",
            End::Closed,
        ),
        (
            json!({ "path": path, "body": whole, "cut_body_after_bytes": 4, "then": "reset" }),
            "4\r\n0123\r\n",
            End::Reset,
        ),
        (
            json!({ "path": path, "body": whole, "then": "close" }),
            "A\r\n0123456789\r\n",
            End::Closed,
        ),
        (
            json!({ "path": path, "chunks": ["ab", "cd"], "then": "close" }),
            "2\r\nab\r\n2\r\ncd\r\n",
            End::Closed,
        ),
        (
            json!({ "path": path, "chunks": ["ab"], "then": "reset" }),
            "2\r\nab\r\n",
            End::Reset,
        ),
        (
            json!({ "path": path, "chunks": ["ab"] }),
            "2\r\nab\r\n0\r\n\r\n",
            End::Closed,
        ),
    ] {
        client.emulator.script(reply(script.clone())).unwrap();
        let raw = client.raw("application/json", &json!({})).await;
        assert_eq!(
            (String::from_utf8_lossy(raw.body()).as_ref(), raw.end),
            (body, end),
            "{script}"
        );
    }
    client
        .emulator
        .script(reply(
            json!({ "path": path, "cut_after_bytes": 12, "body": whole }),
        ))
        .unwrap();
    assert_eq!(
        client.raw("application/json", &json!({})).await.bytes,
        b"HTTP/1.1 200"
    );

    let held = ScriptedReply {
        path: path.to_owned(),
        chunks: Some(vec!["ab".to_owned()]),
        then: Some(Then::Hold),
        ..ScriptedReply::default()
    };
    client.emulator.script(vec![held]).unwrap();
    let mut stream = client.connect().await;
    stream
        .write_all(&support::request(path, "application/json", &json!({})))
        .await
        .unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"ab\r\n") {
        stream.read_buf(&mut read).await.unwrap();
    }
    assert_eq!(client.get("/_emulator/state").await.status, 200);
    assert_eq!(
        stream.try_read(&mut [0; 1]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}

#[tokio::test]
async fn a_script_that_cannot_be_played_is_refused() {
    let client = Client::start().await;
    for wrong in [
        json!([{ "path": "no-slash" }]),
        json!([{ "path": "/x", "body": "a", "chunks": ["b"] }]),
        json!([{ "path": "/x", "status": 99 }]),
        json!([{ "path": "/x", "headers": { "bad header": "x" } }]),
        json!([{ "path": "/x", "body_base64": "%%" }]),
        json!([{ "path": "/x", "unknown": 1 }]),
        json!({ "path": "/x" }),
    ] {
        assert_eq!(client.admin("/script", wrong).await.code(), "bad_request");
    }
    assert_eq!(client.emulator.state().scripted_replies, 0);
}

#[tokio::test]
async fn answers_are_read_in_full_before_the_journal_says_so() {
    let client = Client::start().await;
    let request = client
        .http
        .post(client.url("/midjourney/tasks"))
        .body("{}")
        .send()
        .await
        .unwrap();
    Answer::read(request).await.unwrap();
    let entry = client.emulator.journal().remove(0);
    assert!(entry.answered_at.unwrap() >= entry.received_at && entry.body_bytes == 2);
}
