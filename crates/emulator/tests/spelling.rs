//! Faults that change how a result, a record, an error or a line is spelled, and leave the exchange whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use midjourney_imagine_emulator::{Emulator, Fault, Speed};
use serde_json::{Value, json};
use support::{Answer, Client};

async fn answering(client: &Client, faults: &str) -> Answer {
    client
        .imagine(json!({ "prompt": format!("a cat {faults}") }))
        .await
}

#[tokio::test]
async fn lines_are_spelled_in_every_way() {
    let client = Client::start().await;
    let text = async |faults: &str| {
        let answer = client
            .stream(json!({ "prompt": format!("a cat {faults}") }))
            .await;
        answer.text().to_owned()
    };
    assert_eq!(text("--emulate crlf").await.matches("\r\n").count(), 5);
    assert_eq!(
        text("--emulate blank_lines").await.matches("\n\n").count(),
        4
    );
    assert!(text("--emulate no_final_newline").await.ends_with('}'));
    let all = text("--emulate crlf --emulate blank_lines --emulate no_final_newline").await;
    assert_eq!(
        (all.matches("\r\n\r\n").count(), all.ends_with('}')),
        (4, true)
    );
}

#[tokio::test]
async fn results_are_spelled_in_every_way() {
    let client = Client::start().await;
    let image = async |fault: &str| {
        answering(&client, &format!("--emulate {fault}"))
            .await
            .json()
    };
    let strings = image("string_numbers").await;
    for name in [
        "progress",
        "image_width",
        "image_height",
        "raw_image_width",
        "raw_image_height",
    ] {
        assert!(strings[name].is_string(), "{name}");
    }
    assert_eq!(
        client.record(&strings["task_id"]).await["response"],
        strings
    );
    assert!(image("no_sizes").await.get("image_width").is_none());
    let numbers = answering(&client, "--emulate number_ids").await;
    assert_eq!(
        numbers.json()["image_id"]
            .as_u64()
            .unwrap()
            .to_string()
            .len(),
        19
    );
    assert!(image("success_missing").await.get("success").is_none());
    assert!(image("no_actions").await.get("actions").is_none());
    assert!(
        image("unknown_actions").await["actions"]
            .as_array()
            .unwrap()
            .contains(&json!("unheard_of_action"))
    );
    assert!(image("no_raw_image").await.get("raw_image_url").is_none());
    assert!(image("extra_fields").await["novelty"]["nested"].is_array());

    let expired = image("expired_urls").await;
    let url = expired["raw_image_url"].as_str().unwrap();
    let hex = |name: &str| {
        let value = url
            .split(['?', '&'])
            .find_map(|pair| pair.strip_prefix(name))
            .unwrap();
        u64::from_str_radix(value, 16).unwrap()
    };
    assert!(hex("ex=") < hex("is="));
    assert_eq!(client.get(url).await.status, 200);
    let doubled = image("double_slash_urls").await;
    let url = doubled["image_url"].as_str().unwrap();
    assert!(url.contains("//attachments/"));
    assert_eq!(client.get(url).await.status, 200);
}

#[tokio::test]
async fn records_are_spelled_in_every_way() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual).seed(3)).await;
    let ack = async |fault: &str| {
        let body = json!({ "prompt": format!("a cat --emulate {fault}"), "async": true });
        client.imagine(body).await.json()["task_id"].clone()
    };
    let (nulls, old, extra) = (
        ack("record_nulls").await,
        ack("record_old").await,
        ack("extra_fields").await,
    );
    let queued = client.record(&nulls).await;
    for name in ["started_at", "finished_at", "elapsed", "response"] {
        assert_eq!(queued.get(name), Some(&Value::Null), "{name}");
    }
    client.emulator.clock_advance(Duration::from_secs(30));
    let old = client.record(&old).await;
    assert_eq!(
        (
            &old["created_at"],
            &old["finished_at"],
            &old["duration"],
            &old["status"]
        ),
        (
            &json!("2026-01-01T00:00:00.000Z"),
            &json!("2026-01-01T00:00:30.000Z"),
            &json!(27.0),
            &json!("completed")
        )
    );
    assert!(old.get("elapsed").is_none());
    assert!(client.record(&extra).await.get("email").is_some());
}

#[tokio::test]
async fn tasks_are_late_or_never_there() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    let body = json!({ "prompt": "a cat --emulate late_task:5000", "async": true });
    let task_id = client.imagine(body).await.json()["task_id"].clone();
    client.emulator.clock_advance(Duration::from_millis(4_999));
    assert_eq!(client.record(&task_id).await, json!({}));
    client.emulator.clock_advance(Duration::from_millis(1));
    assert_eq!(client.record(&task_id).await["id"], task_id);

    let client = Client::start().await;
    let image = answering(&client, "--emulate no_record").await.json();
    assert_eq!(client.record(&image["task_id"]).await, json!({}));
    let body = json!({ "prompt": "a cat --emulate no_record", "async": true });
    let ack = client.imagine(body).await.json();
    assert_eq!(
        client.record(&ack["task_id"]).await["id"],
        ack["task_id"],
        "only synchronous calls leave none"
    );
}

#[tokio::test]
async fn an_older_service_answers_at_once_and_acknowledges_barely() {
    let client = Client::start().await;
    let body = |fault: &str| json!({ "prompt": format!("a cat --emulate {fault}"), "async": true });
    assert_eq!(
        client.imagine(body("no_async")).await.json()["progress"],
        100
    );
    assert_eq!(client.stream(body("no_async")).await.lines().len(), 5);
    assert_eq!(
        client
            .imagine(body("ack_bare"))
            .await
            .json()
            .as_object()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(client.imagine(body("ack_202")).await.status, 202);
}

#[tokio::test]
async fn progress_may_start_at_one_and_go_back() {
    let client = Client::start().await;
    let progress = async |fault: &str| {
        let frames = client
            .stream(json!({ "prompt": format!("a cat --emulate {fault}") }))
            .await
            .lines();
        frames
            .iter()
            .map(|frame| frame["progress"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(progress("first_progress:1").await, [1, 35, 60, 85, 100]);
    assert_eq!(progress("progress_backwards").await, [5, 35, 85, 60, 100]);
}

#[tokio::test]
async fn errors_take_every_shape() {
    let client = Client::start().await;
    for (shape, shows) in [
        (
            "b",
            json!({ "success": false, "error": { "code": "api_error", "message": "fetch failed" } }),
        ),
        ("text", json!({ "error": "fetch failed" })),
        ("null", json!({ "error": null })),
        (
            "list",
            json!({ "error": [{ "code": "api_error", "message": "fetch failed" }] }),
        ),
        ("missing", json!({})),
        ("detail", json!({ "detail": "fetch failed" })),
        (
            "top_level",
            json!({ "code": "api_error", "message": "fetch failed" }),
        ),
        ("kong", json!({ "message": "fetch failed" })),
        ("array", json!(["fetch failed"])),
    ] {
        let answer = answering(&client, &format!("--emulate error_shape:{shape}")).await;
        assert_eq!(answer.status, 500);
        let mut body = answer.json();
        if let Some(members) = body.as_object_mut() {
            members.remove("trace_id");
        }
        assert_eq!(body, shows, "{shape}");
    }
    let plain = answering(&client, "--emulate error_shape:plain").await;
    assert_eq!(
        (plain.content_type.as_str(), plain.text()),
        ("text/plain", "fetch failed")
    );
    let limited = answering(&client, "--emulate error_shape:kong --emulate rate_limit").await;
    assert_eq!(
        (limited.status, limited.text()),
        (429, r#"{"message":"too many requests"}"#)
    );
    assert_eq!(client.emulator.ledger().started, 0);
}

#[tokio::test]
async fn errors_quote_the_token_where_asked() {
    let client = Client::start().await;
    assert!(
        answering(&client, "--emulate quote_token")
            .await
            .message()
            .contains("secret-token")
    );
    client.emulator.add_fault(Fault::QuoteToken);
    assert!(
        client
            .imagine(json!({}))
            .await
            .message()
            .contains("secret-token")
    );
    let body = json!({ "prompt": "a cat --emulate quote_token --emulate fail_task:api_error", "async": true });
    let ack = client.imagine(body).await.json();
    let record = client.record(&ack["task_id"]).await;
    assert!(
        record["response"]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("secret-token")
    );
}
