//! What the service refuses, with which status and code, and that nothing refused is ever started.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use midjourney_imagine_emulator::{Emulator, Limits, Speed};
use serde_json::{Value, json};
use support::{Answer, Client, until};

/// Checks the error body (docs/contract.md, "Errors", shape A).
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{}",
        answer.text()
    );
    let body = answer.json();
    assert!(
        body.get("success").is_none(),
        "an answer to a request has no `success`: {body}"
    );
    assert_eq!(body["trace_id"].as_str().unwrap().len(), 36);
    assert!(!answer.message().is_empty());
}

#[tokio::test]
async fn wrong_submissions_are_bad_requests_and_start_nothing() {
    let client = Client::start().await;
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json()["image_id"].clone();
    let wrong = [
        json!({}),
        json!({ "prompt": "  " }),
        json!({ "prompt": null, "action": "generate" }),
        json!({ "prompt": 5 }),
        json!({ "prompt": "a cat", "mode": "slow" }),
        json!({ "prompt": "a cat", "timeout": 0 }),
        json!({ "prompt": "a cat", "timeout": "480" }),
        json!({ "prompt": "a cat", "callback_url": "/health" }),
        json!({ "prompt": "a cat", "async": "yes" }),
        json!({ "prompt": "a cat -c x" }),
        json!({ "prompt": "a cat --ar wide" }),
        json!({ "prompt": "a cat --emulate no_such_fault" }),
        json!({ "prompt": "a cat", "version": "8.1", "mode": "turbo" }),
        json!({ "prompt": "a cat --v 8.1", "mode": "turbo" }),
        json!({ "prompt": "a cat", "version": "8.1", "quality": "2" }),
        json!({ "prompt": "a cat --v 8.1 --q 2" }),
        json!({ "prompt": "https://h/a.png ".repeat(6) }),
        json!({ "action": "upscale1" }),
        json!({ "action": "upscale1", "image_id": "1211290228438868029" }),
        json!({ "action": "upscale1", "image_id": "not an id" }),
        json!({ "action": "upscale1", "image_id": 1_211_290_228_438_868_029_u64 }),
        json!({ "action": "upscale_2x", "image_id": grid }),
        json!({ "action": "blend", "image_id": grid }),
        json!({ "action": "variation_region", "image_id": grid }),
        json!({ "action": "variation_region", "image_id": grid, "mask": "data:image/png;base64,AAAA" }),
        json!({ "action": "variation_region", "image_id": grid, "mask": "AAAA" }),
        json!({ "action": "variation_region", "mask": "AAAA" }),
        json!([1]),
        json!("text"),
    ];
    for body in wrong {
        for answer in [
            client.imagine(body.clone()).await,
            client.stream(body.clone()).await,
        ] {
            assert_refused(&answer, 400, "bad_request");
        }
    }
    let ledger = client.emulator.ledger();
    assert_eq!((ledger.started, ledger.submissions), (1, 1 + 2 * 29));
}

#[tokio::test]
async fn an_unknown_flag_is_named_as_the_service_names_it() {
    let client = Client::start().await;
    for body in [
        json!({ "prompt": "a cat -c x" }),
        json!({ "prompt": "a cat -c x", "async": true }),
    ] {
        assert_eq!(
            client.imagine(body).await.message(),
            "Unrecognized argument(s): `-c x`"
        );
    }
}

#[tokio::test]
async fn version_8_2_has_turbo() {
    let client = Client::start().await;
    let answer = client
        .imagine(json!({ "prompt": "a cat", "version": "8.2", "mode": "turbo" }))
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn what_is_not_json_is_a_bad_request() {
    let client = Client::start().await;
    for path in ["/midjourney/imagine", "/midjourney/tasks"] {
        for body in ["", "{", "{\"prompt\":\"a\"}x", "\u{0}"] {
            let request = client
                .http
                .post(client.url(path))
                .header("authorization", "Bearer t")
                .body(body);
            let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
            assert_refused(&answer, 400, "bad_request");
        }
    }
}

#[tokio::test]
async fn a_body_over_32_megabytes_is_too_large_and_one_below_is_not() {
    let client = Client::start().await;
    let sized = |bytes: usize| json!({ "prompt": "a cat", "extra": "x".repeat(bytes) });
    assert_refused(
        &client.imagine(sized(32 * 1024 * 1024)).await,
        413,
        "request_too_large",
    );
    assert_eq!(client.imagine(sized(31 * 1024 * 1024)).await.status, 200);
}

#[tokio::test]
async fn a_token_is_needed_and_has_to_be_right() {
    let client = Client::with(Emulator::builder().tokens(["good", "better"])).await;
    let post = async |authorization: Option<&str>| {
        let mut request = client
            .http
            .post(client.url("/midjourney/imagine"))
            .body(json!({ "prompt": "a cat" }).to_string());
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        Answer::read(request.send().await.unwrap()).await.unwrap()
    };
    assert_refused(&post(None).await, 400, "no_token");
    assert_refused(&post(Some("Bearer ")).await, 400, "no_token");
    assert_refused(&post(Some("Bearer wrong")).await, 401, "invalid_token");
    assert_refused(&post(Some("good")).await, 401, "invalid_token");
    assert_refused(&post(Some("Basic good")).await, 401, "invalid_token");
    for right in ["Bearer good", "bearer better"] {
        assert_eq!(post(Some(right)).await.status, 200);
    }
    assert_eq!(client.emulator.ledger().started, 2);
}

#[tokio::test]
async fn looking_up_needs_no_token() {
    let client = Client::with(Emulator::builder().tokens(["good"])).await;
    let request = client
        .http
        .post(client.url("/midjourney/tasks"))
        .body(r#"{"id":"x"}"#);
    let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
    assert_eq!((answer.status, answer.text()), (200, "{}"));
}

#[tokio::test]
async fn other_endpoints_are_not_implemented_and_other_paths_are_no_api() {
    let client = Client::start().await;
    for name in [
        "edits",
        "videos",
        "describe",
        "seed",
        "shorten",
        "translate",
    ] {
        let answer = client.post(&format!("/midjourney/{name}"), json!({})).await;
        assert_refused(&answer, 400, "api_not_implemented");
    }
    for path in [
        "/",
        "/midjourney",
        "/midjourney/imagine/",
        "/midjourney/blend",
        "/openai/images",
    ] {
        assert_refused(&client.post(path, json!({})).await, 404, "no_api");
    }
    for path in [
        "/midjourney/imagine",
        "/midjourney/tasks",
        "/midjourney/edits",
        "/attachments/1/2/x.png",
    ] {
        assert_refused(&client.get(path).await, 404, "no_api");
    }
}

#[tokio::test]
async fn moderated_words_are_forbidden_and_can_be_chosen() {
    let client = Client::start().await;
    for body in [
        json!({ "prompt": "much gore" }),
        json!({ "prompt": "a Forbidden-Word", "async": true }),
    ] {
        assert_refused(&client.imagine(body).await, 403, "forbidden");
    }
    let client = Client::with(Emulator::builder().moderated_words(["Broccoli"])).await;
    assert_refused(
        &client.imagine(json!({ "prompt": "a broccoli" })).await,
        403,
        "forbidden",
    );
    assert_eq!(
        client
            .imagine(json!({ "prompt": "much gore" }))
            .await
            .status,
        200
    );
    assert_eq!(client.emulator.ledger().started, 1);
}

#[tokio::test]
async fn an_empty_balance_is_used_up_and_only_success_is_charged() {
    let limits = Limits {
        balance: Some(2.0),
        ..Limits::default()
    };
    let client = Client::with(Emulator::builder().limits(limits)).await;
    assert_eq!(
        client
            .imagine(json!({ "prompt": "a --emulate fail_task:api_error" }))
            .await
            .status,
        500
    );
    let grid = client.imagine(json!({ "prompt": "a cat" })).await.json()["image_id"].clone();
    let upscale = json!({ "action": "upscale1", "image_id": grid });
    assert_eq!(client.imagine(upscale.clone()).await.status, 200);
    assert_refused(
        &client.imagine(json!({ "prompt": "a cat" })).await,
        403,
        "used_up",
    );
    let ledger = client.emulator.ledger();
    assert_eq!((ledger.started, ledger.succeeded, ledger.failed), (3, 2, 1));
    assert!((ledger.charged - 1.2).abs() < 1e-9, "{}", ledger.charged);
    client.emulator.set_balance(Some(1.0));
    assert_eq!(
        client.imagine(json!({ "prompt": "a cat" })).await.status,
        200
    );
    assert_refused(&client.imagine(upscale).await, 403, "used_up");
}

#[tokio::test]
async fn no_more_than_the_limit_are_in_flight() {
    let limits = Limits {
        in_flight: Some(2),
        ..Limits::default()
    };
    let client = Client::with(Emulator::builder().speed(Speed::Virtual).limits(limits)).await;
    let submission = json!({ "prompt": "a cat", "async": true });
    for _ in 0..2 {
        assert_eq!(client.imagine(submission.clone()).await.status, 200);
    }
    assert_refused(
        &client.imagine(submission.clone()).await,
        429,
        "too_many_requests",
    );
    assert!(
        client
            .emulator
            .clock_advance(std::time::Duration::from_secs(60))
    );
    assert_eq!(client.imagine(submission).await.status, 200);
}

#[tokio::test]
async fn no_more_than_the_limit_are_accepted_in_a_second() {
    let limits = Limits {
        submissions_per_second: Some(1),
        ..Limits::default()
    };
    let client = Client::with(Emulator::builder().speed(Speed::Virtual).limits(limits)).await;
    let submission = json!({ "prompt": "a cat", "async": true });
    assert_eq!(client.imagine(submission.clone()).await.status, 200);
    assert_refused(
        &client.imagine(submission.clone()).await,
        429,
        "too_many_requests",
    );
    client
        .emulator
        .clock_advance(std::time::Duration::from_secs(1));
    assert_eq!(client.imagine(submission).await.status, 200);
}

#[tokio::test]
async fn a_timeout_is_a_504_whose_trace_finds_the_task_that_goes_on() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    for stream in [false, true] {
        let body = json!({ "prompt": "a cat", "timeout": 2 });
        let answer = async {
            if stream {
                client.stream(body).await
            } else {
                client.imagine(body).await
            }
        };
        let advance = async {
            until(|| client.emulator.state().running == 1).await;
            // The request may not wait for the clock yet: small steps, until it has heard of the time.
            for _ in 0..29 {
                client
                    .emulator
                    .clock_advance(std::time::Duration::from_millis(100));
            }
        };
        let (answer, ()) = tokio::join!(answer, advance);
        assert_refused(&answer, 504, "timeout");
        let trace_id = answer.json()["trace_id"].clone();
        client
            .emulator
            .clock_advance(std::time::Duration::from_secs(60));
        let record = client
            .tasks(json!({ "action": "retrieve", "trace_id": trace_id }))
            .await
            .json();
        assert_eq!(record["response"]["progress"], 100, "{record}");
    }
}

#[tokio::test]
async fn a_timeout_in_the_middle_of_a_stream_is_a_line_of_its_own() {
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    let answer = client.stream(json!({ "prompt": "a cat", "timeout": 20 }));
    let advance = async {
        until(|| client.emulator.state().running == 1).await;
        client
            .emulator
            .clock_advance(std::time::Duration::from_secs(20));
    };
    let (answer, ()) = tokio::join!(answer, advance);
    let lines = answer.lines();
    let (last, frames) = lines.split_last().unwrap();
    assert!(
        !frames.is_empty()
            && frames
                .iter()
                .all(|frame| frame["progress"].as_u64() < Some(100))
    );
    assert_eq!(
        (&last["success"], &last["error"]["code"]),
        (&Value::Bool(false), &json!("timeout"))
    );
    assert_eq!(last["task_id"], frames[0]["task_id"]);
}
