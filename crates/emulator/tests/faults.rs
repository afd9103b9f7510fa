//! Every fault, by the name that a prompt or a rule gives it, as it is felt at the other end of the wire.

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
    assert_eq!((page.status, page.content_type.as_str()), (502, "text/html"));
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
        answering(&client, "--emulate refuse:token_expired").await.status,
        401
    );
    let mismatched = answering(&client, "--emulate refuse:token_mismatched:401").await;
    assert_eq!(
        (mismatched.status, mismatched.code().as_str()),
        (401, "token_mismatched")
    );
    let fine = answering(&client, "--emulate error_200:task_failed").await;
    assert_eq!((fine.status, &fine.json()["success"]), (200, &json!(false)));
    assert_eq!(answering(&client, "--emulate payment_required").await.status, 402);
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
async fn a_response_is_cut_or_reset_at_every_byte() {
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
        let reset = emulating(&client, JSON, &format!("--emulate reset_after_bytes:{bytes}")).await;
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
        let cut = emulating(&client, JSON, &format!("--emulate cut_body_after_bytes:{bytes}")).await;
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
    assert!(bytes > 500 && reads > 50, "{bytes} bytes in {reads} reads");
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
async fn lines_are_spelled_in_every_way() {
    let client = Client::start().await;
    let text = async |faults: &str| {
        let answer = client
            .stream(json!({ "prompt": format!("a cat {faults}") }))
            .await;
        answer.text().to_owned()
    };
    assert_eq!(text("--emulate crlf").await.matches("\r\n").count(), 5);
    assert_eq!(text("--emulate blank_lines").await.matches("\n\n").count(), 4);
    assert!(text("--emulate no_final_newline").await.ends_with('}'));
    let all = text("--emulate crlf --emulate blank_lines --emulate no_final_newline").await;
    assert_eq!((all.matches("\r\n\r\n").count(), all.ends_with('}')), (4, true));
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
async fn results_are_spelled_in_every_way() {
    let client = Client::start().await;
    let image = async |fault: &str| answering(&client, &format!("--emulate {fault}")).await.json();
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
    assert_eq!(client.record(&strings["task_id"]).await["response"], strings);
    assert!(image("no_sizes").await.get("image_width").is_none());
    let numbers = answering(&client, "--emulate number_ids").await;
    assert_eq!(numbers.json()["image_id"].as_u64().unwrap().to_string().len(), 19);
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
    assert_eq!(client.imagine(body("no_async")).await.json()["progress"], 100);
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
    assert!(client.imagine(json!({})).await.message().contains("secret-token"));
    let body =
        json!({ "prompt": "a cat --emulate quote_token --emulate fail_task:api_error", "async": true });
    let ack = client.imagine(body).await.json();
    let record = client.record(&ack["task_id"]).await;
    assert!(
        record["response"]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("secret-token")
    );
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
    client
        .emulator
        .add_fault(FaultRule::once(Fault::Html502).on("/midjourney/tasks").times(2));
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
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "task_not_found"));
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
async fn every_fault_of_the_list_is_tested_here_or_with_the_callbacks() {
    let readme = include_str!("../README.md");
    let tests = [include_str!("faults.rs"), include_str!("callbacks.rs")].concat();
    for name in Fault::NAMES {
        let camel: String = name
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        assert!(readme.contains(&format!("`{name}")), "{name} is not in the guide");
        assert!(
            tests.contains(name) || tests.contains(&format!("Fault::{camel}")),
            "{name}"
        );
    }
}
