//! The border as a host sees it: text in, events out, nothing said that a caller must not hear again.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use midjourney_imagine_bridge::{
    Call, Client, Emulator, ErrorKind, Event, Listener, LogLevel, PerProcess, Reply, Running,
    Runtime, inspect, install_log,
};
use serde_json::{Value, json};

const TOKEN: &str = "border-token-0123456789";

fn client(emulator: &Emulator) -> Client {
    let settings = json!({"base_url": emulator.url(), "token": TOKEN, "poll_interval": 0.05, "deadline": null});
    Client::new(&settings.to_string()).expect("settings that hold")
}

fn start(call: Call, log: Option<LogLevel>) -> (Running, Receiver<Event>) {
    let (sender, events) = channel();
    let runtime = Runtime::of_this_process().expect("a thread");
    (runtime.start(call, Arc::new(sender), log), events)
}

fn wait(call: Call) -> Value {
    let (_running, events) = start(call, None);
    match events.recv() {
        Ok(Event::Done(Ok(Reply::Text(text)))) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_tells_its_progress_its_log_and_its_end_in_order() {
    install_log();
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let (sender, events) = channel();
    let listener: Arc<dyn Listener> = Arc::new(sender);
    let command = json!({"imagine": {"request": {"prompt": "A cat"}}}).to_string();
    let call = client
        .call(&command, Some(Arc::clone(&listener)))
        .expect("a call");
    let _running =
        Runtime::of_this_process()
            .expect("a thread")
            .start(call, listener, Some(LogLevel::Debug));
    let mut told = String::new();
    for event in events {
        match event {
            Event::Progress(update) => {
                let update: Value = serde_json::from_str(&update).expect("JSON");
                told.push(if update["done"] == true { 'd' } else { 'p' });
            }
            Event::Log(line) => {
                assert!(
                    !line.message.contains(TOKEN) && !line.message.contains("A cat"),
                    "{}",
                    line.message
                );
                told.push('l');
            }
            Event::Done(answer) => {
                assert!(answer.is_ok(), "{answer:?}");
                told.push('e');
                break;
            }
            Event::Lost => panic!("it was lost"),
        }
    }
    assert!(
        told.starts_with('l') && told.ends_with("de") && told.contains('p'),
        "{told}"
    );
}

/// Commands that cannot be read or cannot be asked, and how their refusals begin.
fn mistakes(secret: &str) -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"imagine": {"request": {"prompt": [secret]}}}),
            "`prompt`: expected a string",
        ),
        (
            json!({"submit": {"request": {"prompt": "A cat", "hd": secret}}}),
            "`hd`: expected true or false",
        ),
        (
            json!({"imagine": {"request": {"prompt": "A cat", "mode": 7}}}),
            "`mode`: expected a string",
        ),
        (
            json!({"imagine": {"request": {"prompt": "A cat", "callback_ulr": secret}}}),
            "`callback_ulr`: there is no such option",
        ),
        (
            json!({"imagine": {"request": {"prompt": "A cat"}, "deadline": secret}}),
            "`deadline`: expected a number of seconds above zero",
        ),
        (
            json!({"imagine": {"request": {"prompt": "A cat"}, "deadline": -1}}),
            "`deadline`: expected a number of seconds above zero",
        ),
        (
            json!({"imagine": {"image": "1", "action": {"upscale": secret}}}),
            "`action`: upscale takes an integer from 1 to 4",
        ),
        (
            json!({"imagine": {"image": "1", "action": {"upscale": 7}}}),
            "`action`: upscale takes 1, 2, 3 or 4",
        ),
        (
            json!({"imagine": {"image": "1", "action": {"zoom_out": 3}}}),
            "`action`: zoom_out takes 2 or 1.5",
        ),
        (
            json!({"imagine": {"image": "1", "action": {"pan": secret}}}),
            "`action`: pan takes left, right, up or down",
        ),
        (
            json!({"imagine": {"image": "1", "action": secret}}),
            "`action`: expected one of `act`, `upscale`, ",
        ),
        (
            json!({"imagine": {"image": "1"}}),
            "`action`: an image and an action belong together",
        ),
        (
            json!({"imagine": {"image": [secret], "action": "reroll"}}),
            "`image`: expected an image's id or its JSON",
        ),
        (
            json!({"imagine": {"image": "1", "action": "variation_region", "mask": {"path": secret}}}),
            "`mask`: the file cannot be read: ",
        ),
        (
            json!({"imagine": {"image": "1", "action": "variation_region", "mask": {"base64": secret}}}),
            "`mask`: it is neither an http(s) URL nor the content of a PNG, JPEG or WebP file",
        ),
        (
            json!({"imagine": {"image": "1", "action": "variation_region", "mask": secret}}),
            "`mask`: expected one of `url`, `path`, `base64`",
        ),
        (json!({"tasks": {"ids": [7]}}), "`ids`: expected a string"),
        (
            json!({"task": {}}),
            "`task`: expected one of `id`, `trace_id`",
        ),
        (json!({"bytes": {}}), "`image`: it is missing"),
        (
            json!({"save": {"image": {"image_id": 1_211_290_228_438_868_029_i64}, "path": "x", "sub_image": secret}}),
            "`sub_image`: expected an integer from 0 to 255",
        ),
        (
            json!({secret: {}}),
            "`command`: expected one of `imagine`, `submit`, ",
        ),
    ]
}

#[test]
fn what_has_the_wrong_type_is_named_and_not_repeated() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let secret = "a prompt that nobody else may read";
    for (command, message) in mistakes(secret) {
        let error = match client.call(&command.to_string(), None) {
            Err(error) => error,
            // Some are only told when the call runs; still nothing is sent.
            Ok(call) => match start(call, None).1.recv() {
                Ok(Event::Done(Err(error))) => error,
                other => panic!("{message}: {other:?}"),
            },
        };
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert!(error.message().starts_with(message), "{message}: {error}");
        assert!(!error.to_string().contains(secret), "{error}");
    }
    let journal = emulator.call(r#"{"journal": {}}"#).expect("a call");
    assert_eq!(wait(journal), json!([]));
}

#[test]
fn a_setting_that_cannot_be_read_is_named() {
    for (name, given, takes) in [
        (
            "max_retries",
            json!("many"),
            "expected an integer of 0 or more",
        ),
        (
            "deadline",
            json!(0),
            "expected a number of seconds above zero",
        ),
        (
            "retry_server_errors",
            json!("yes"),
            "expected true or false",
        ),
        ("colour", json!("red"), "there is no such option"),
    ] {
        let error =
            Client::new(&json!({"token": TOKEN, name: given}).to_string()).expect_err("a mistake");
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Config, format!("`{name}`: {takes}").as_str())
        );
    }
    let error = Emulator::start(r#"{"speed": "warp"}"#).expect_err("a mistake");
    assert_eq!(
        (error.kind(), error.message()),
        (
            ErrorKind::Config,
            "`speed`: expected one of `instant`, `fast`, `real`, `virtual`"
        )
    );
}

#[test]
fn dropping_a_call_ends_its_exchange() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let held = json!({"script": {"replies": [{"path": "/midjourney/imagine", "lines": [], "then": "hold"}]}});
    wait(emulator.call(&held.to_string()).expect("a call"));
    let command = json!({"submit": {"request": {"prompt": "A cat"}}}).to_string();
    let (running, events) = start(
        client(&emulator).call(&command, None).expect("a call"),
        None,
    );
    wait(
        emulator
            .call(r#"{"journal": {"requests": 1, "wait_seconds": 20}}"#)
            .expect("a call"),
    );
    drop(running);
    let journal = wait(
        emulator
            .call(r#"{"journal": {"abandoned": 1, "wait_seconds": 20}}"#)
            .expect("a call"),
    );
    assert_eq!(journal[0]["abandoned"], true);
    assert!(matches!(events.recv(), Ok(Event::Lost)));
}

#[test]
fn a_step_that_nobody_takes_goes_back_to_the_stream() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let stream = client(&emulator)
        .stream(r#"{"generation": {"request": {"prompt": "A cat"}}}"#)
        .expect("a stream");
    let mut seen = Vec::new();
    loop {
        let (_running, events) = start(Box::pin(stream.pull()), None);
        let Ok(Event::Done(Ok(Reply::Pulled(left)))) = events.recv() else {
            panic!("no step")
        };
        drop(left);
        let (_running, events) = start(Box::pin(stream.pull()), None);
        let Ok(Event::Done(Ok(Reply::Pulled(taken)))) = events.recv() else {
            panic!("no step")
        };
        match taken.take().expect("no error") {
            Some(update) => {
                seen.push(
                    serde_json::from_str::<Value>(&update).expect("JSON")["progress"].clone(),
                );
            }
            None => break,
        }
    }
    assert_eq!(seen, [5, 35, 60, 85, 100]);
    assert!(stream.task_id().is_some());
}

#[test]
fn an_image_is_read_with_every_digit() {
    let text = r#"{"image_id": 1211290228438868029, "image_width": "1024", "image_url": "https://h/p.webp?ex=65b9fe00"}"#;
    let told: Value = serde_json::from_str(&inspect(text).expect("an image")).expect("JSON");
    assert_eq!(
        (&told["image"]["image_id"], &told["image"]["image_width"]),
        (&json!("1211290228438868029"), &json!(1024))
    );
    assert_eq!(told["expires_at"], "2024-01-31T08:00:00Z");
    let told = inspect(r#"{"image_id": "1"}"#).expect("an image");
    assert_eq!(told, r#"{"image":{"image_id":"1"},"expires_at":null}"#);
    let error = inspect("[]").expect_err("no object");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::InvalidRequest, "`image`: expected an object")
    );
    // And so is the image of an action.
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let act = format!(r#"{{"submit": {{"image": {text}, "action": "reroll"}}}}"#);
    let (_running, events) = start(client(&emulator).call(&act, None).expect("a call"), None);
    assert!(matches!(events.recv(), Ok(Event::Done(Err(_)))));
    let journal = wait(emulator.call(r#"{"journal": {}}"#).expect("a call"));
    let body = journal[0]["body"].as_str().expect("a body");
    assert!(
        body.contains(r#""image_id":"1211290228438868029""#),
        "{body}"
    );
}

#[test]
fn a_file_is_a_mask_of_a_call_and_of_a_stream() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mask.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n and so on").expect("a file");
    let generation = json!({"image": "1", "action": "variation_region", "request": {"prompt": "A hat"}, "mask": {"path": path}});
    let submit = json!({"submit": generation}).to_string();
    let (_running, events) = start(client.call(&submit, None).expect("a call"), None);
    // The emulator knows no image 1. What counts is what reached it.
    assert!(matches!(events.recv(), Ok(Event::Done(Err(_)))));
    let stream = client
        .stream(&json!({"generation": generation}).to_string())
        .expect("a stream");
    let (_running, events) = start(Box::pin(stream.pull()), None);
    let Ok(Event::Done(Ok(Reply::Pulled(step)))) = events.recv() else {
        panic!("no step")
    };
    assert!(step.take().is_err());
    let journal = wait(emulator.call(r#"{"journal": {}}"#).expect("a call"));
    for number in 0..2 {
        let body = journal[number]["body"].as_str().expect("a body");
        assert!(body.contains(r#""mask":"iVBORw0KGgogYW5k"#), "{body}");
    }
}

#[test]
fn a_pause_holds_every_call_until_it_is_over() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let command = json!({"submit": {"request": {"prompt": "A cat"}}}).to_string();
    wait(client.call(&command, None).expect("a call"));
    let paused = Runtime::pause().expect("a thread runs");
    let (_running, events) = start(client.call(&command, None).expect("a call"), None);
    assert!(
        events.recv_timeout(Duration::from_millis(100)).is_err(),
        "it ran during the pause"
    );
    drop(paused);
    assert!(matches!(events.recv(), Ok(Event::Done(Ok(_)))));
}

#[test]
fn a_slot_is_filled_once() {
    let slot = PerProcess::new();
    assert!(slot.existing().is_none());
    assert_eq!(
        *slot
            .get_or_make(|parents| Ok::<_, ()>(parents.copied().unwrap_or(1)))
            .expect("made"),
        1
    );
    assert_eq!(
        *slot
            .get_or_make(|_| Err::<u8, _>(()))
            .expect("there already"),
        1
    );
}
