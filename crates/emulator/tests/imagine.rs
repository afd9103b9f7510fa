//! `POST /midjourney/imagine` as a foreign client sees it: results, frames, acknowledgements.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use serde_json::{Value, json};
use support::Client;

#[tokio::test]
async fn a_generation_answers_in_the_shape_of_the_services_own_sample() {
    let client = Client::start().await;
    let answer = client
        .imagine(json!({ "prompt": "A cat sitting on a table" }))
        .await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (200, "application/json")
    );
    let image = answer.json();
    let mut members: Vec<&str> = image
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    // Whether a map keeps its order depends on what else is built with serde_json.
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "actions",
            "image_height",
            "image_id",
            "image_url",
            "image_width",
            "progress",
            "raw_image_height",
            "raw_image_url",
            "raw_image_width",
            "success",
            "task_id"
        ]
    );
    assert_eq!(image["actions"].as_array().unwrap().len(), 9);
    assert_eq!(
        (&image["image_width"], &image["image_height"]),
        (&json!(1024), &json!(1024))
    );
    assert_eq!(
        (&image["raw_image_width"], &image["raw_image_height"]),
        (&json!(2048), &json!(2048))
    );
    assert_eq!(image["image_id"].as_str().unwrap().len(), 19);
    let raw = image["raw_image_url"].as_str().unwrap();
    assert!(
        raw.starts_with(&format!("{}/attachments/", client.emulator.url())) && raw.ends_with('&'),
        "{raw}"
    );
    assert_eq!(image["image_url"], format!("{raw}width=1024&height=1024"));
}

#[tokio::test]
async fn a_stream_has_a_line_for_each_frame_and_only_the_last_is_actionable() {
    let client = Client::start().await;
    let answer = client.stream(json!({ "prompt": "a cat" })).await;
    assert_eq!(answer.content_type, "application/x-ndjson");
    let frames = answer.lines();
    assert!(answer.text().ends_with('\n') && !answer.text().contains('\r'));
    let progress: Vec<&Value> = frames.iter().map(|frame| &frame["progress"]).collect();
    assert_eq!(progress, [5, 35, 60, 85, 100]);
    let (last, unfinished) = frames.split_last().unwrap();
    for frame in unfinished {
        assert_eq!(
            (&frame["success"], &frame["actions"]),
            (&json!(true), &json!([]))
        );
        assert!(frame["image_url"].as_str().unwrap().contains(".webp?"));
        assert_eq!(frame["task_id"], last["task_id"]);
        assert_ne!(frame["image_id"], last["image_id"]);
        let answer = client
            .imagine(json!({ "action": "upscale1", "image_id": frame["image_id"] }))
            .await;
        assert_eq!(answer.status, 400);
    }
    let answer = client
        .imagine(json!({ "action": "upscale1", "image_id": last["image_id"] }))
        .await;
    assert_eq!(answer.json()["raw_image_width"], 1024);
}

#[tokio::test]
async fn an_asynchronous_call_is_acknowledged_with_one_object_and_found_by_id() {
    let client = Client::start().await;
    let answer = client
        .stream(json!({ "prompt": "a cat", "async": true }))
        .await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (200, "application/json")
    );
    let task_id = answer.json()["task_id"].clone();
    let record = client
        .tasks(json!({ "action": "retrieve", "id": task_id }))
        .await
        .json();
    assert_eq!(record["response"]["progress"], 100);
}

#[tokio::test]
async fn a_picture_is_what_its_url_says() {
    let client = Client::start().await;
    let image = client.imagine(json!({ "prompt": "a cat" })).await.json();
    let picture = client.get(image["image_url"].as_str().unwrap()).await;
    assert_eq!(
        (picture.status, picture.content_type.as_str()),
        (200, "image/png")
    );
    assert!(picture.bytes.starts_with(b"\x89PNG"));
}
