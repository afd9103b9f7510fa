//! Calls per second and processor time of the client, beside bare reqwest doing the same exchange, in one run:
//! `cargo xtask bench`. The service is this program again, in a process of its own, so that its work is not counted.
//!
//! Trust the ratios and the processor seconds; wall times depend on what else the machine does.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use cpu_time::ProcessTime;
use futures_util::stream::{self, StreamExt as _};
use midjourney_imagine::Client;
use midjourney_imagine_emulator::Emulator;
use midjourney_imagine_tests::bare_client;
use serde_json::Value;

const CALLS: usize = 5_000;
const AT_ONCE: usize = 64;
const ROUNDS: usize = 3;

/// Set for the process that is the service.
const SERVE: &str = "MIDJOURNEY_IMAGINE_BENCH_SERVES";

fn main() {
    if std::env::var_os(SERVE).is_some() {
        return serve();
    }
    let (mut service, url) = start_service();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(compare(&url));
    service.kill().expect("the service ends");
    service.wait().expect("the service has ended");
}

fn serve() {
    let emulator = Emulator::start_blocking().expect("the emulator starts");
    println!("{}", emulator.url());
    // It lives as long as the pipe from the one who asked for it.
    drop(std::io::stdin().read(&mut [0]));
}

fn start_service() -> (Child, String) {
    let mut service = Command::new(std::env::current_exe().expect("this program"))
        .env(SERVE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the service starts");
    let mut url = String::new();
    BufReader::new(service.stdout.take().expect("its output"))
        .read_line(&mut url)
        .expect("its address");
    (service, url.trim().to_owned())
}

async fn compare(url: &str) {
    let client = Client::builder()
        .base_url(url)
        .token("bench-token")
        .build()
        .expect("a client");
    let bare = bare_client();
    let address = format!("{url}/midjourney/imagine");
    println!("{CALLS} calls, {AT_ONCE} at once, median of {ROUNDS} interleaved rounds");
    println!("{:<34} {:>9} {:>16}", "", "calls/s", "CPU s per 10,000");
    let mut rounds: Vec<Vec<Figures>> = (0..4).map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        rounds[0].push(measure(|| submit(bare.clone(), address.clone())).await);
        rounds[1].push(
            measure(|| async { drop(client.imagine("A cat").submit().await.expect("a task")) })
                .await,
        );
        rounds[2].push(measure(|| frames(bare.clone(), address.clone())).await);
        rounds[3].push(
            measure(|| async {
                drop(
                    client
                        .imagine("A cat")
                        .stream()
                        .result()
                        .await
                        .expect("an image"),
                );
            })
            .await,
        );
    }
    let names = [
        "submit, bare reqwest",
        "submit, this client",
        "stream of 5 frames, bare reqwest",
        "stream of 5 frames, this client",
    ];
    for (name, mut figures) in names.into_iter().zip(rounds) {
        figures.sort_by(|one, other| one.cpu_seconds.total_cmp(&other.cpu_seconds));
        let Figures {
            calls_per_second,
            cpu_seconds,
        } = figures[ROUNDS / 2];
        println!("{name:<34} {calls_per_second:>9.0} {cpu_seconds:>16.2}");
    }
}

#[derive(Clone, Copy)]
struct Figures {
    calls_per_second: f64,
    /// For 10,000 calls.
    cpu_seconds: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
async fn measure<F: Future<Output = ()>>(call: impl Fn() -> F) -> Figures {
    let (wall, processor) = (Instant::now(), ProcessTime::now());
    stream::iter(0..CALLS)
        .map(|_| call())
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
    Figures {
        calls_per_second: CALLS as f64 / wall.elapsed().as_secs_f64(),
        cpu_seconds: processor.elapsed().as_secs_f64() / CALLS as f64 * 10_000.0,
    }
}

/// What a user without this client writes: post, read, parse.
async fn submit(http: reqwest::Client, address: String) {
    let answer = post(&http, &address, r#"{"prompt":"A cat","async":true}"#).await;
    let body = answer.bytes().await.expect("a body");
    let value: Value = serde_json::from_slice(&body).expect("JSON");
    assert!(value["task_id"].is_string());
}

async fn frames(http: reqwest::Client, address: String) {
    let mut answer = post(&http, &address, r#"{"prompt":"A cat"}"#).await;
    let mut buffer = Vec::new();
    let mut last = Value::Null;
    while let Some(chunk) = answer.chunk().await.expect("a piece") {
        buffer.extend_from_slice(&chunk);
        while let Some(end) = buffer.iter().position(|&byte| byte == b'\n') {
            last = serde_json::from_slice(&buffer[..end]).expect("JSON");
            buffer.drain(..=end);
        }
    }
    assert_eq!(last["progress"], 100);
}

async fn post(http: &reqwest::Client, address: &str, body: &'static str) -> reqwest::Response {
    http.post(address)
        .header("authorization", "Bearer bench-token")
        .header("content-type", "application/json")
        .header("accept", "application/x-ndjson")
        .body(body)
        .send()
        .await
        .expect("an answer")
}
