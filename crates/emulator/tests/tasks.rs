//! `POST /midjourney/tasks`: records in every state, one at a time and in batches.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use midjourney_imagine_emulator::{Emulator, Speed};
use serde_json::{Value, json};
use support::Client;

fn members(value: &Value) -> Vec<&str> {
    let mut members: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // Whether a map keeps its order depends on what else is built with serde_json.
    members.sort_unstable();
    members
}

async fn submit(client: &Client, body: Value, streamed: bool) -> Value {
    let answer = if streamed {
        client.stream(body).await
    } else {
        client.imagine(body).await
    };
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_record_goes_from_queued_to_drawing_to_done() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual).seed(1)).await;
    let sent = json!({ "prompt": "a cat", "async": true, "mask": null, "novel": [1, "x"] });
    let ack = submit(&client, sent.clone(), true).await;
    assert_eq!(members(&ack), ["success", "task_id", "trace_id"]);

    let queued = client.record(&ack["task_id"]).await;
    assert_eq!(
        members(&queued),
        ["created_at", "id", "request", "trace_id", "type"]
    );
    assert_eq!(
        (&queued["type"], &queued["request"]),
        (&json!("imagine"), &sent)
    );
    assert_eq!(
        (&queued["id"], &queued["trace_id"]),
        (&ack["task_id"], &ack["trace_id"])
    );

    client.emulator.clock_advance(Duration::from_secs(10));
    let drawing = client.record(&ack["task_id"]).await;
    assert_eq!(drawing["finished_at"], Value::Null);
    assert!(members(&drawing).contains(&"finished_at") && !members(&drawing).contains(&"elapsed"));
    let frame = &drawing["response"];
    assert_eq!(
        (&frame["success"], &frame["actions"]),
        (&json!(true), &json!([]))
    );
    assert!((1..100).contains(&frame["progress"].as_u64().unwrap()));

    client.emulator.clock_advance(Duration::from_secs(20));
    let done = client.record(&ack["task_id"]).await;
    assert_eq!(done["response"]["progress"], 100);
    let (created, started, finished) = (
        done["created_at"].as_f64(),
        done["started_at"].as_f64(),
        done["finished_at"].as_f64(),
    );
    let after = |moment: Option<f64>| json!(moment.unwrap() - created.unwrap());
    assert_eq!((after(started), after(finished)), (json!(3.0), json!(30.0)));
    assert_eq!(done["elapsed"], 27.0);
    for absent in ["status", "state", "duration"] {
        assert!(!members(&done).contains(&absent));
    }
    let by_trace = client
        .tasks(json!({ "action": "retrieve", "trace_id": ack["trace_id"] }))
        .await
        .json();
    assert_eq!(by_trace, done);
}

#[tokio::test]
async fn without_ndjson_a_record_shows_no_frames_on_the_way() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    let ack = submit(&client, json!({ "prompt": "a cat", "async": true }), false).await;
    client.emulator.clock_advance(Duration::from_secs(20));
    let drawing = client.record(&ack["task_id"]).await;
    assert!(!members(&drawing).contains(&"response") && drawing["finished_at"].is_null());
}

#[tokio::test]
async fn modes_and_upscales_take_their_own_time() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    let grid = submit(&client, json!({ "prompt": "a cat", "async": true }), false).await;
    client.emulator.clock_advance(Duration::from_secs(30));
    let image_id = client.record(&grid["task_id"]).await["response"]["image_id"].clone();
    for (body, seconds) in [
        (
            json!({ "prompt": "a", "mode": "turbo", "async": true }),
            15.0,
        ),
        (
            json!({ "prompt": "a", "mode": "relax", "async": true }),
            150.0,
        ),
        (
            json!({ "action": "variation1", "image_id": image_id, "async": true }),
            30.0,
        ),
        (
            json!({ "action": "upscale1", "image_id": image_id, "async": true }),
            6.0,
        ),
    ] {
        let ack = submit(&client, body, false).await;
        client.emulator.clock_advance(Duration::from_secs(200));
        let record = client.record(&ack["task_id"]).await;
        let took = record["finished_at"].as_f64().unwrap() - record["created_at"].as_f64().unwrap();
        assert!((took - seconds).abs() < 0.01, "{took} for {seconds}");
    }
}

#[tokio::test]
async fn an_unknown_task_is_an_empty_object() {
    let client = Client::start().await;
    for body in [
        json!({ "action": "retrieve", "id": "11111111-2222-4333-8444-555555555555" }),
        json!({ "id": "../../etc/passwd" }),
        json!({ "action": "retrieve", "trace_id": "x" }),
        json!({ "action": "retrieve" }),
        json!({ "action": "retrieve", "task_id": "the wrong member" }),
    ] {
        let answer = client.tasks(body).await;
        assert_eq!((answer.status, answer.text()), (200, "{}"));
    }
    assert_eq!(
        client.tasks(json!({ "action": "list" })).await.code(),
        "bad_request"
    );
}

#[tokio::test]
async fn a_failed_task_says_so_in_the_shape_of_callbacks() {
    let client = Client::start().await;
    let ack = submit(
        &client,
        json!({ "prompt": "a --emulate fail_task:forbidden", "async": true }),
        false,
    )
    .await;
    let record = client.record(&ack["task_id"]).await;
    assert!(record["finished_at"].is_f64());
    let response = &record["response"];
    assert_eq!(
        members(response),
        ["error", "success", "task_id", "trace_id"]
    );
    assert_eq!(
        (&response["success"], &response["error"]["code"]),
        (&json!(false), &json!("forbidden"))
    );
}

#[tokio::test]
async fn a_batch_gives_the_ids_asked_for_twelve_at_a_time() {
    let client = Client::start().await;
    let mut acks = Vec::new();
    for number in 0..15 {
        acks.push(
            submit(
                &client,
                json!({ "prompt": format!("cat {number}"), "async": true }),
                false,
            )
            .await,
        );
    }
    let ids: Vec<Value> = acks.iter().map(|ack| ack["task_id"].clone()).collect();
    let batch = async |body: Value| client.tasks(body).await.json();
    let listed = |batch: &Value| -> Vec<Value> {
        batch["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].clone())
            .collect()
    };

    let first = batch(json!({ "action": "retrieve_batch", "ids": ids })).await;
    assert_eq!(
        (listed(&first), &first["count"]),
        (ids[..12].to_vec(), &json!(15))
    );
    let rest =
        batch(json!({ "action": "retrieve_batch", "ids": ids, "offset": 12, "limit": 50 })).await;
    assert_eq!(
        (listed(&rest), &rest["count"]),
        (ids[12..].to_vec(), &json!(15))
    );

    let mixed = json!(["unknown", ids[3], ids[1], ids[3]]);
    let some = batch(json!({ "action": "retrieve_batch", "ids": mixed })).await;
    assert_eq!(
        (listed(&some), &some["count"]),
        (vec![ids[3].clone(), ids[1].clone()], &json!(2))
    );

    let traces = json!([acks[2]["trace_id"]]);
    let deduplicated =
        batch(json!({ "action": "retrieve_batch", "trace_ids": traces, "ids": [ids[2]] })).await;
    assert_eq!(listed(&deduplicated), [ids[2].clone()]);

    let all = batch(json!({ "action": "retrieve_batch" })).await;
    assert_eq!((listed(&all).len(), &all["count"]), (12, &json!(15)));
    assert_eq!(listed(&all)[0], ids[14], "the newest first");
}
