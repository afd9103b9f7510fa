//! Exchanges cut at every byte. Whatever breaks, wherever: no job is started twice, and every call ends in a picture, or in
//! an error that names its task or says that its outcome is unknown.

use std::sync::Arc;
use std::time::Duration;

use midjourney_imagine::{Client, Error, ErrorKind, Image};
use midjourney_imagine_emulator::Emulator;
use midjourney_imagine_tests::{PATIENCE, bare_client};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls under way at once: more would only wait for the two cores.
const AT_ONCE: usize = 64;

fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .token("matrix-token")
        .poll_interval(Duration::from_millis(20))
        .deadline(PATIENCE)
        .build()
        .expect("a client")
}

/// How many bytes the answer to this request has, head included.
async fn answer_length(emulator: &Emulator, body: &str) -> usize {
    let host = emulator.url().trim_start_matches("http://");
    let mut connection = TcpStream::connect(host).await.expect("a connection");
    let request = format!(
        "POST /midjourney/imagine HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer t\r\naccept: application/x-ndjson\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    connection
        .write_all(request.as_bytes())
        .await
        .expect("written");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("read");
    answer.len()
}

/// What the calls of one matrix came to.
#[derive(Debug, Default)]
struct Tally {
    pictures: usize,
    named: usize,
    unknown: usize,
}

impl Tally {
    fn count(&mut self, offset: usize, outcome: Result<Image, Error>) {
        match outcome {
            Ok(image) => {
                assert_eq!(
                    image.progress,
                    Some(100),
                    "cut at {offset}: a picture is finished"
                );
                self.pictures += 1;
            }
            Err(error) => {
                assert!(error.may_have_been_accepted(), "cut at {offset}: {error:?}");
                if error.task_id().is_some() {
                    self.named += 1;
                } else {
                    assert!(
                        matches!(
                            error.kind(),
                            ErrorKind::OutcomeUnknown | ErrorKind::Deadline
                        ),
                        "cut at {offset}: {error:?}"
                    );
                    self.unknown += 1;
                }
            }
        }
    }
}

/// Cuts the answer of a call at every byte, with every way of ending the connection.
async fn cut_everywhere(emulator: &Emulator, calls: &[(usize, String)], stream: bool) -> Tally {
    let client = client(emulator.url());
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (offset, prompt) in calls.iter().cloned() {
        let client = client.clone();
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("never closed");
        running.spawn(async move {
            let call = client.imagine(prompt);
            let outcome = if stream {
                call.stream().result().await
            } else {
                call.await
            };
            drop(place);
            (offset, outcome)
        });
    }
    let mut tally = Tally::default();
    while let Some(done) = running.join_next().await {
        let (offset, outcome) = done.expect("no panic");
        tally.count(offset, outcome);
    }
    let ledger = emulator.ledger();
    assert_eq!(
        ledger.submissions,
        calls.len() as u64,
        "every call is one paid request"
    );
    assert_eq!(ledger.started, calls.len() as u64, "and one job");
    tally
}

fn prompts(length: usize, faults: &[&str], more: &str) -> Vec<(usize, String)> {
    let offsets = 0..=length;
    let prompt = |offset, fault| (offset, format!("A cat --emulate {fault}:{offset}{more}"));
    offsets
        .flat_map(|offset| faults.iter().map(move |fault| prompt(offset, fault)))
        .collect()
}

const CUTS: [&str; 2] = ["cut_after_bytes", "reset_after_bytes"];

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_cut_at_every_byte() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let length = answer_length(&emulator, r#"{"prompt":"A cat","async":true}"#).await;
    emulator.reset();
    let calls = prompts(length, &CUTS, "");
    let tally = cut_everywhere(&emulator, &calls, false).await;
    println!("submission: {length} bytes, {tally:?}");
    // The head of the answer and the way to the task's name are lost; what comes after the name is not.
    assert!(
        tally.pictures >= 2 * 40 && tally.unknown >= 2 * 60,
        "{tally:?}"
    );
    assert_eq!(
        tally.named, 0,
        "a task that has a name is followed to its picture: {tally:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_cut_at_every_byte() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let length = answer_length(&emulator, r#"{"prompt":"A cat"}"#).await;
    emulator.reset();
    let calls = prompts(length, &CUTS, "");
    let tally = cut_everywhere(&emulator, &calls, true).await;
    println!("stream: {length} bytes, {tally:?}");
    assert!(
        tally.pictures > 10 * tally.unknown,
        "nearly all of a stream comes after its task's name: {tally:?}"
    );
    assert_eq!(tally.named, 0, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_stalls_at_every_byte() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let length = answer_length(&emulator, r#"{"prompt":"A cat","async":true}"#).await;
    // The deadline ends a call whose answer stalls. Where a busy machine had not sent all calls by then, or not read what
    // there was of the answers, they get ten times as long.
    let mut named = 0;
    for seconds in [1, 10, 100] {
        let emulator = Emulator::start().await.expect("the emulator starts");
        let client = Client::builder()
            .base_url(emulator.url())
            .token("matrix-token")
            .build()
            .expect("a client");
        let mut running = JoinSet::new();
        for offset in 0..length {
            let call = client.imagine(format!("A cat --emulate silence_after_bytes:{offset}"));
            let call = call.deadline(Duration::from_secs(seconds));
            running.spawn(async move { (offset, call.await) });
        }
        let outcomes = running.join_all().await;
        let started = emulator.ledger().started;
        assert!(started <= length as u64, "{started} of {length} calls");
        if started < length as u64 {
            continue;
        }
        let mut tally = Tally::default();
        for (offset, outcome) in outcomes {
            tally.count(offset, outcome);
        }
        println!("stalled answers: {length} bytes, {seconds} s, {tally:?}");
        named = tally.named;
        if named >= 40 {
            return;
        }
    }
    panic!("what names the task and then stalls is not forgotten: {named} of {length} are named");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_services_answer_cut_at_every_byte() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let length = answer_length(
        &emulator,
        r#"{"prompt":"A cat --emulate no_async","async":true}"#,
    )
    .await;
    emulator.reset();
    let calls = prompts(length, &["cut_after_bytes"], " --emulate no_async");
    let tally = cut_everywhere(&emulator, &calls, false).await;
    println!("older service: {length} bytes, {tally:?}");
    assert!(tally.pictures > 10 * tally.unknown, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_cut_at_every_byte_are_sat_out() {
    let probe = Emulator::start().await.expect("the emulator starts");
    let task = client(probe.url())
        .imagine("A cat")
        .submit()
        .await
        .expect("a task");
    task.wait().await.expect("a picture");
    let look_up = format!(
        r#"{{"action":"retrieve_batch","ids":["{}"],"offset":0,"limit":1}}"#,
        task.task_id
    );
    let length = {
        let http = bare_client();
        let answer = http
            .post(format!("{}/midjourney/tasks", probe.url()))
            .body(look_up)
            .send()
            .await
            .expect("an answer");
        answer.bytes().await.expect("a body").len()
    };
    let places = Arc::new(Semaphore::new(8));
    let mut running = JoinSet::new();
    for offset in 0..=length {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("never closed");
        running.spawn(async move {
            let emulator = Emulator::start().await.expect("the emulator starts");
            let rule = serde_json::json!({"fault": "cut_body_after_bytes", "arg": offset, "path": "/midjourney/tasks"});
            emulator.add_fault(serde_json::from_value::<midjourney_imagine_emulator::FaultRule>(rule).expect("a rule"));
            let outcome = client(emulator.url()).imagine("A cat").await;
            assert!(outcome.is_ok(), "a look-up cut at {offset}: {outcome:?}");
            assert_eq!(emulator.ledger().started, 1);
            emulator.stop().await;
            drop(place);
        });
    }
    while let Some(done) = running.join_next().await {
        done.expect("no panic");
    }
}

/// A relay that lets so many bytes of a request through, and no answer back: then it drops both sides.
async fn relay(service: String, limit: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let mut to = TcpStream::connect(&service).await.expect("the emulator");
            let mut left = limit;
            let mut buffer = [0; 4096];
            while left > 0 {
                let read = tokio::select! {
                    read = from.read(&mut buffer) => read.unwrap_or(0),
                    _ = to.readable() => 0,
                };
                let passed = read.min(left);
                if passed == 0 || to.write_all(&buffer[..passed]).await.is_err() {
                    break;
                }
                left -= passed;
            }
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cut_at_every_byte() {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let service = emulator.url().trim_start_matches("http://").to_owned();
    // Longer than any request of this test.
    let longest = 400;
    let mut calls = JoinSet::new();
    for limit in 0..longest {
        let service = service.clone();
        calls.spawn(async move {
            let relay = relay(service, limit).await;
            (limit, client(&relay).imagine("A cat").await)
        });
    }
    let mut tally = Tally::default();
    while let Some(done) = calls.join_next().await {
        let (limit, outcome) = done.expect("no panic");
        tally.count(limit, outcome);
    }
    println!("requests: {tally:?}, {} jobs", emulator.ledger().started);
    assert_eq!(
        tally.unknown, longest,
        "no answer came, so no outcome is known: {tally:?}"
    );
    assert!(emulator.ledger().submissions <= longest as u64);
}
