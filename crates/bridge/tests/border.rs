//! The border as a host sees it: text in, events out, nothing said that a caller must not hear again.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use midjourney_imagine_bridge::{
    Call, Client, Emulator, ErrorKind, Event, Listener, LogLevel, PerProcess, Reply, Running,
    Runtime, expires_at, install_log, read_image,
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
    let arguments = json!({"request": {"prompt": "A cat"}}).to_string();
    let call = client
        .call("imagine", &arguments, Some(Arc::clone(&listener)))
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

#[test]
fn what_has_the_wrong_type_is_named_and_not_repeated() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let secret = "a prompt that nobody else may read";
    for (verb, arguments, field) in [
        (
            "imagine",
            json!({"request": {"prompt": [secret]}}),
            "`prompt`",
        ),
        (
            "imagine",
            json!({"request": {"prompt": "A cat", "hd": secret}}),
            "`hd`",
        ),
        (
            "imagine",
            json!({"request": {"prompt": "A cat"}, "deadline": secret}),
            "`deadline`",
        ),
        (
            "imagine",
            json!({"request": {"prompt": "A cat"}, "deadline": -1}),
            "`deadline`",
        ),
        (
            "imagine",
            json!({"request": {}, "image": "1", "method": "upscale", "method_arguments": [secret]}),
            "`action`",
        ),
        (
            "imagine",
            json!({"request": {}, "image": "1", "method": "zoom_out", "method_arguments": [3]}),
            "`action`",
        ),
        (
            "imagine",
            json!({"request": {}, "image": "1", "method": secret}),
            "`method`",
        ),
        ("tasks", json!({"ids": [7]}), "`ids`"),
        ("task", json!({}), "`id`"),
        (
            "save",
            json!({"image": {"image_id": "1"}, "path": "x", "sub_image": secret}),
            "`sub_image`",
        ),
    ] {
        let call = client.call(verb, &arguments.to_string(), None);
        let error = match call {
            Err(error) => error,
            // Some are only told when the call runs; still nothing is sent.
            Ok(call) => match start(call, None).1.recv() {
                Ok(Event::Done(Err(error))) => error,
                other => panic!("{verb} {field}: {other:?}"),
            },
        };
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert!(error.message().starts_with(field), "{field}: {error}");
        // The name of a method is the host's own; everything else may be a person's.
        assert!(
            field == "`method`" || !error.to_string().contains(secret),
            "{error}"
        );
    }
    let journal = emulator.call("journal", "{}").expect("a call");
    assert_eq!(wait(journal), json!([]));
    let error = Client::new(&json!({"token": TOKEN, "max_retries": "many"}).to_string())
        .expect_err("a mistake");
    assert_eq!(
        (error.kind(), error.message().contains("`max_retries`")),
        (ErrorKind::Config, true)
    );
}

#[test]
fn dropping_a_call_ends_its_exchange() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let held = json!({"replies": [{"path": "/midjourney/imagine", "lines": [], "then": "hold"}]});
    wait(emulator.call("script", &held.to_string()).expect("a call"));
    let arguments = json!({"request": {"prompt": "A cat"}}).to_string();
    let (running, events) = start(
        client(&emulator)
            .call("submit", &arguments, None)
            .expect("a call"),
        None,
    );
    wait(
        emulator
            .call("journal", r#"{"requests": 1, "wait_seconds": 20}"#)
            .expect("a call"),
    );
    drop(running);
    let journal = wait(
        emulator
            .call("journal", r#"{"abandoned": 1, "wait_seconds": 20}"#)
            .expect("a call"),
    );
    assert_eq!(journal[0]["abandoned"], true);
    assert!(matches!(events.recv(), Ok(Event::Lost)));
}

#[test]
fn a_step_that_nobody_takes_goes_back_to_the_stream() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let stream = client(&emulator)
        .stream(r#"{"request": {"prompt": "A cat"}}"#)
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
    let image: Value = serde_json::from_str(&read_image(text).expect("an image")).expect("JSON");
    assert_eq!(
        (&image["image_id"], &image["image_width"]),
        (&json!("1211290228438868029"), &json!(1024))
    );
    assert_eq!(
        expires_at(text).expect("an image").as_deref(),
        Some("2024-01-31T08:00:00Z")
    );
    assert_eq!(expires_at(r#"{"image_id": "1"}"#).expect("an image"), None);
    assert_eq!(
        read_image("[]").expect_err("no object").kind(),
        ErrorKind::InvalidRequest
    );
}

#[test]
fn a_pause_holds_every_call_until_it_is_over() {
    let emulator = Emulator::start("{}").expect("the emulator starts");
    let client = client(&emulator);
    let arguments = json!({"request": {"prompt": "A cat"}}).to_string();
    wait(client.call("submit", &arguments, None).expect("a call"));
    let paused = Runtime::pause().expect("a thread runs");
    let (_running, events) = start(
        client.call("submit", &arguments, None).expect("a call"),
        None,
    );
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
