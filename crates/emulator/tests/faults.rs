//! The faults that break an exchange, a look-up or a picture, as they are felt at the other end of the wire.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::Duration;

use midjourney_imagine_emulator::{Emulator, Fault, FaultRule, Speed};
use serde_json::{Value, json};
use support::{Answer, Client, End, Raw, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

async fn emulating(client: &Client, accept: &str, faults: &str) -> Raw {
    client
        .raw(accept, &json!({ "prompt": format!("a cat {faults}") }))
        .await
}

async fn answering(client: &Client, faults: &str) -> Answer {
    client
        .imagine(json!({ "prompt": format!("a cat {faults}") }))
        .await
}

/// The first object of a raw body, whatever its framing.
fn contains(raw: &Raw, text: &str) -> usize {
    String::from_utf8_lossy(&raw.bytes).matches(text).count()
}

#[tokio::test]
async fn what_is_refused_before_acceptance_starts_nothing() {
    let client = Client::start().await;
    let raw = emulating(&client, JSON, "--emulate refuse_before_accept").await;
    assert_eq!((raw.bytes.len(), raw.end), (0, End::Closed));
    let page = answering(&client, "--emulate html_502_before").await;
    assert_eq!(
        (page.status, page.content_type.as_str()),
        (502, "text/html")
    );
    let limited = answering(&client, "--emulate rate_limit").await;
    assert_eq!(
        (limited.status, limited.code().as_str()),
        (429, "too_many_requests")
    );
    assert!(!limited.headers.contains_key("retry-after"));
    assert_eq!(
        answering(&client, "--emulate rate_limit:7").await.headers["retry-after"],
        "7"
    );
    let broken = answering(&client, "--emulate error_500").await;
    assert_eq!((broken.status, broken.code().as_str()), (500, "api_error"));
    assert_eq!(
        answering(&client, "--emulate refuse:token_expired")
            .await
            .status,
        401
    );
    let mismatched = answering(&client, "--emulate refuse:token_mismatched:401").await;
    assert_eq!(
        (mismatched.status, mismatched.code().as_str()),
        (401, "token_mismatched")
    );
    let fine = answering(&client, "--emulate error_200:task_failed").await;
    assert_eq!((fine.status, &fine.json()["success"]), (200, &json!(false)));
    assert_eq!(
        answering(&client, "--emulate payment_required")
            .await
            .status,
        402
    );
    assert_eq!(client.emulator.ledger().started, 0);
}

#[tokio::test]
async fn lost_answers_leave_a_job_behind() {
    let client = Client::start().await;
    let raw = emulating(&client, JSON, "--emulate drop_after_accept").await;
    assert_eq!((raw.bytes.len(), raw.end), (0, End::Closed));
    assert_eq!(answering(&client, "--emulate html_502").await.status, 502);
    for (fault, status, code) in [
        ("error_500_started", 500, "api_error"),
        ("error_504", 504, "timeout"),
    ] {
        let answer = answering(&client, &format!("--emulate {fault}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        let found = client
            .tasks(json!({ "trace_id": answer.json()["trace_id"] }))
            .await
            .json();
        assert_eq!(found["response"]["progress"], 100);
    }
    assert_eq!(client.emulator.ledger().succeeded, 4);
}

#[tokio::test]
async fn silence_answers_never_and_the_job_runs() {
    let client = Client::start().await;
    let mut stream = client.connect().await;
    let body = json!({ "prompt": "a cat --emulate silence" });
    stream
        .write_all(&support::request("/midjourney/imagine", JSON, &body))
        .await
        .unwrap();
    until(|| client.emulator.ledger().succeeded == 1).await;
    client.emulator.stop().await;
    let mut rest = Vec::new();
    // Only the end of the emulator ends the wait.
    drop(stream.read_to_end(&mut rest).await);
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_response_is_cut_or_reset_at_any_byte() {
    let client = Client::start().await;
    let whole = client
        .raw(
            JSON,
            &json!({ "prompt": "a cat --seed 1 --emulate cut_after_bytes:100000" }),
        )
        .await;
    let length = whole.bytes.len();
    for bytes in (0..=length).step_by(37).chain([length - 1, length]) {
        let cut = emulating(&client, JSON, &format!("--emulate cut_after_bytes:{bytes}")).await;
        assert_eq!((cut.bytes.len(), cut.end), (bytes, End::Closed));
        let reset = emulating(
            &client,
            JSON,
            &format!("--emulate reset_after_bytes:{bytes}"),
        )
        .await;
        assert_eq!(reset.end, End::Reset);
        assert!(reset.bytes.len() <= bytes);
    }
    let ledger = client.emulator.ledger();
    assert_eq!(ledger.started, ledger.submissions);
}

#[tokio::test]
async fn a_body_is_cut_after_its_own_bytes() {
    let client = Client::start().await;
    for bytes in [0, 1, 100] {
        let cut = emulating(
            &client,
            JSON,
            &format!("--emulate cut_body_after_bytes:{bytes}"),
        )
        .await;
        assert_eq!((cut.body().len(), cut.end), (bytes, End::Closed));
        assert_eq!(contains(&cut, "content-length: "), 1);
    }
}

#[tokio::test]
async fn a_stream_is_cut_reset_or_ended_after_a_frame() {
    let client = Client::start().await;
    for frames in [0, 1, 3] {
        for (fault, end) in [
            ("cut_after_frame", End::Closed),
            ("reset_after_frame", End::Reset),
            ("end_after_frame", End::Closed),
        ] {
            let raw = emulating(&client, NDJSON, &format!("--emulate {fault}:{frames}")).await;
            assert_eq!(
                (contains(&raw, "\"progress\""), raw.end),
                (frames, end),
                "{fault}"
            );
            assert!(raw.bytes.starts_with(b"HTTP/1.1 200 OK"));
            assert_eq!(
                raw.bytes.ends_with(b"0\r\n\r\n"),
                fault == "end_after_frame",
                "only an orderly end has a last chunk"
            );
        }
    }
}

#[tokio::test]
async fn a_stream_falls_silent_after_a_frame_or_a_byte() {
    let client = Client::start().await;
    for fault in ["silence_after_frame:2", "silence_after_bytes:300"] {
        let mut stream = client.connect().await;
        let body = json!({ "prompt": format!("a cat --emulate {fault}") });
        stream
            .write_all(&support::request("/midjourney/imagine", NDJSON, &body))
            .await
            .unwrap();
        let mut read = Vec::new();
        let expected = |read: &[u8]| {
            let frames = String::from_utf8_lossy(read).matches("\"success\"").count();
            if fault.ends_with("300") {
                read.len() == 300
            } else {
                frames == 2 && read.ends_with(b"\n\r\n")
            }
        };
        while !expected(&read) {
            assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0);
        }
        // Whatever the emulator wrote before the next exchange has arrived by the time that is over.
        assert_eq!(answering(&client, "").await.status, 200);
        let mut more = [0; 1];
        assert_eq!(
            stream.try_read(&mut more).unwrap_err().kind(),
            std::io::ErrorKind::WouldBlock,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn bytes_trickle() {
    let client = Client::start().await;
    let body = json!({ "prompt": "a cat --emulate dribble:1" });
    let started = std::time::Instant::now();
    let mut stream = client.connect().await;
    stream
        .write_all(&support::request("/midjourney/imagine", JSON, &body))
        .await
        .unwrap();
    let (mut reads, mut bytes, mut buffer) = (0, 0, [0; 4096]);
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            count => bytes += count,
        }
        reads += 1;
    }
    // On a busy machine one read takes many bytes, but not all.
    assert!(bytes > 500 && reads > 1, "{bytes} bytes in {reads} reads");
    assert!(
        started.elapsed() > Duration::from_millis(500),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn json_is_truncated_in_good_order() {
    let client = Client::start().await;
    let answer = answering(&client, "--emulate truncated_json").await;
    assert_eq!(answer.status, 200);
    assert!(
        serde_json::from_slice::<Value>(&answer.bytes)
            .unwrap_err()
            .is_eof()
    );
    let stream = client
        .stream(json!({ "prompt": "a cat --emulate truncated_json" }))
        .await;
    let lines: Vec<&str> = stream.text().lines().collect();
    let broken: Vec<bool> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).is_err())
        .collect();
    assert_eq!(broken, [false, false, false, false, true]);
}

#[tokio::test]
async fn an_error_line_fails_the_task() {
    let client = Client::start().await;
    let answer = client
        .stream(json!({ "prompt": "a cat --emulate error_line:2" }))
        .await;
    let lines = answer.lines();
    assert_eq!(lines.len(), 3);
    let last = &lines[2];
    assert_eq!(
        (&last["success"], &last["error"]["code"]),
        (&json!(false), &json!("api_error"))
    );
    let record = client.record(&last["task_id"]).await;
    assert_eq!(&record["response"], last);
    let before_any_frame = client
        .stream(json!({ "prompt": "a cat --emulate error_line:0" }))
        .await;
    assert_eq!(
        (before_any_frame.status, before_any_frame.code().as_str()),
        (500, "api_error")
    );
    let ledger = client.emulator.ledger();
    assert_eq!((ledger.failed, ledger.charged), (2, 0.0));
}

#[tokio::test]
async fn a_task_fails_with_the_code_asked_for() {
    let client = Client::start().await;
    for (code, status) in [
        ("api_error", 500),
        ("forbidden", 403),
        ("timeout", 504),
        ("unheard_of", 500),
    ] {
        let answer = answering(&client, &format!("--emulate fail_task:{code}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        let record = client
            .tasks(json!({ "trace_id": answer.json()["trace_id"] }))
            .await
            .json();
        assert_eq!(record["response"]["error"]["code"], code);
    }
}

#[tokio::test]
async fn a_timeout_has_two_other_outcomes() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    for (fault, progress) in [("timeout_frame", true), ("timeout_ack", false)] {
        let body = json!({ "prompt": format!("a cat --emulate {fault}"), "timeout": 10 });
        let advance = async {
            until(|| client.emulator.state().running == 1).await;
            client.emulator.clock_advance(Duration::from_secs(10));
        };
        let (answer, ()) = tokio::join!(client.imagine(body), advance);
        assert_eq!(
            (answer.status, answer.json().get("progress").is_some()),
            (200, progress),
            "{}",
            answer.text()
        );
        client.emulator.clock_advance(Duration::from_secs(60));
        assert_eq!(
            client.record(&answer.json()["task_id"]).await["response"]["progress"],
            100
        );
    }
}

#[tokio::test]
async fn look_ups_fail_by_rules_for_their_path() {
    let client = Client::start().await;
    let ids: Vec<Value> = [
        client
            .imagine(json!({ "prompt": "a", "async": true }))
            .await
            .json()["task_id"]
            .clone(),
        client
            .imagine(json!({ "prompt": "b", "async": true }))
            .await
            .json()["task_id"]
            .clone(),
    ]
    .into();
    client.emulator.add_fault(
        FaultRule::once(Fault::Html502)
            .on("/midjourney/tasks")
            .times(2),
    );
    client
        .emulator
        .add_fault(FaultRule::once(Fault::RateLimit(Some(1))).on("/midjourney/tasks"));
    client
        .emulator
        .add_fault(FaultRule::once(Fault::TruncatedJson).on("/midjourney/tasks"));
    let look_up = async || client.tasks(json!({ "id": ids[0] })).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(look_up().await.status);
    }
    assert_eq!(statuses, [502, 502, 429, 200]);
    client.emulator.add_fault(Fault::Task404);
    let unknown = client.tasks(json!({ "id": "x" })).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "task_not_found")
    );
    client.emulator.add_fault(Fault::BatchReversed);
    let batch = client
        .tasks(json!({ "action": "retrieve_batch", "ids": ids }))
        .await
        .json();
    assert_eq!(
        (&batch["items"][0]["id"], &batch["items"][1]["id"]),
        (&ids[1], &ids[0])
    );
    client
        .emulator
        .add_fault(FaultRule::once(Fault::CutBodyAfterBytes(10)).on("/midjourney/tasks"));
    assert!(
        client
            .try_post("/midjourney/tasks", JSON, &json!({ "id": ids[0] }))
            .await
            .is_err()
    );
    assert_eq!(client.emulator.ledger().started, 2);
}

#[tokio::test]
async fn pictures_break_as_often_as_they_are_told_to() {
    let client = Client::start().await;
    let image = client
        .imagine(json!({ "prompt": "a cat --emulate picture_cut:1000 --emulate sub_images_403", "split_images": true }))
        .await
        .json();
    let url = image["image_url"].as_str().unwrap();
    let fetch = async |url: &str| Answer::read(client.http.get(url).send().await.unwrap()).await;
    assert!(fetch(url).await.is_err(), "the first transfer breaks");
    assert_eq!(fetch(url).await.unwrap().status, 200);
    for sub_image in image["sub_image_urls"].as_array().unwrap() {
        assert_eq!(client.get(sub_image.as_str().unwrap()).await.status, 403);
    }
    client
        .emulator
        .add_fault(FaultRule::once(Fault::PictureCut(10)).times(2));
    client.emulator.add_fault(Fault::Picture404);
    client.emulator.add_fault(Fault::Picture500);
    client.emulator.add_fault(Fault::PictureGarbage);
    client.emulator.add_fault(Fault::SubImages403);
    assert!(fetch(url).await.is_err() && fetch(url).await.is_err());
    assert_eq!(fetch(url).await.unwrap().status, 404);
    assert_eq!(fetch(url).await.unwrap().status, 500);
    assert_eq!(fetch(url).await.unwrap().text(), "not a picture");
    assert!(fetch(url).await.unwrap().bytes.starts_with(b"\x89PNG"));
    assert_eq!(
        client.emulator.faults(),
        [FaultRule::once(Fault::SubImages403)],
        "it waits for a sub-image"
    );
}

#[tokio::test]
async fn every_fault_is_tested_and_in_the_guide() {
    let readme = include_str!("../README.md");
    let tests = [
        include_str!("faults.rs"),
        include_str!("spelling.rs"),
        include_str!("callbacks.rs"),
    ]
    .concat();
    for name in Fault::NAMES {
        let camel: String = name
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        assert!(
            readme.contains(&format!("`{name}")),
            "{name} is not in the guide"
        );
        assert!(
            tests.contains(name) || tests.contains(&format!("Fault::{camel}")),
            "{name}"
        );
    }
}
