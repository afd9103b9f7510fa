//! Callbacks: what is posted, in which order, how often it is tried, and what the log says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use midjourney_imagine_emulator::{DeliveryState, Emulator, Fault, Speed};
use serde_json::{Value, json};
use support::{Client, until};

/// Takes callbacks, and answers the first with the statuses it is given.
struct Receiver {
    url: String,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn start(statuses: &[u16]) -> Self {
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let statuses = Arc::new(Mutex::new(VecDeque::from(statuses.to_vec())));
        let received = Arc::clone(&bodies);
        let handler = move |body: Bytes| async move {
            received
                .lock()
                .unwrap()
                .push(serde_json::from_slice(&body).unwrap());
            let status = statuses.lock().unwrap().pop_front().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, bodies }
    }

    fn bodies(&self) -> Vec<Value> {
        self.bodies.lock().unwrap().clone()
    }

    fn progress(&self) -> Vec<u64> {
        self.bodies()
            .iter()
            .map(|body| body["progress"].as_u64().unwrap())
            .collect()
    }
}

fn settled(client: &Client, count: usize) -> bool {
    let deliveries = client.emulator.deliveries();
    deliveries.len() == count
        && deliveries
            .iter()
            .all(|delivery| delivery.state != DeliveryState::Pending)
}

#[tokio::test]
async fn a_result_is_posted_once_and_equals_the_record() {
    let (client, receiver) = (Client::start().await, Receiver::start(&[]).await);
    let answer = client
        .imagine(json!({ "prompt": "a cat", "callback_url": receiver.url }))
        .await;
    let ack = answer.json();
    assert_eq!((answer.status, &ack["success"]), (200, &json!(true)));
    until(|| settled(&client, 1)).await;
    assert_eq!(
        receiver.bodies(),
        [client.record(&ack["task_id"]).await["response"].clone()]
    );
    let delivery = client.emulator.deliveries().remove(0);
    assert_eq!(
        (delivery.state, delivery.tries.len()),
        (DeliveryState::Delivered, 1)
    );
    assert_eq!(
        (delivery.tries[0].status, json!(delivery.task_id)),
        (Some(200), ack["task_id"].clone())
    );
}

#[tokio::test]
async fn a_streamed_submission_is_posted_frame_by_frame() {
    let (client, receiver) = (Client::start().await, Receiver::start(&[]).await);
    for asynchronous in [false, true] {
        let body =
            json!({ "prompt": "a cat", "callback_url": receiver.url, "async": asynchronous });
        assert_eq!(client.stream(body).await.content_type, "application/json");
    }
    until(|| settled(&client, 10)).await;
    let mut progress = receiver.progress();
    progress.sort_unstable();
    assert_eq!(progress, [5, 5, 35, 35, 60, 60, 85, 85, 100, 100]);
}

#[tokio::test]
async fn frames_come_in_order() {
    let (client, receiver) = (Client::start().await, Receiver::start(&[]).await);
    client
        .stream(json!({ "prompt": "a cat", "callback_url": receiver.url }))
        .await;
    until(|| settled(&client, 5)).await;
    assert_eq!(receiver.progress(), [5, 35, 60, 85, 100]);
}

#[tokio::test]
async fn a_failure_is_posted_in_its_own_shape() {
    let (client, receiver) = (Client::start().await, Receiver::start(&[]).await);
    let body = json!({ "prompt": "a --emulate fail_task:api_error", "callback_url": receiver.url });
    let ack = client.imagine(body).await.json();
    until(|| settled(&client, 1)).await;
    let failure = receiver.bodies().remove(0);
    assert_eq!(
        (&failure["success"], &failure["task_id"]),
        (&json!(false), &ack["task_id"])
    );
    assert_eq!(failure["error"]["code"], "api_error");
}

#[tokio::test]
async fn a_delivery_is_tried_until_it_is_taken() {
    let (client, receiver) = (Client::start().await, Receiver::start(&[500, 404]).await);
    client
        .imagine(json!({ "prompt": "a cat", "callback_url": receiver.url }))
        .await;
    until(|| settled(&client, 1)).await;
    let delivery = client.emulator.deliveries().remove(0);
    let statuses: Vec<_> = delivery
        .tries
        .iter()
        .map(|entry| entry.status.unwrap())
        .collect();
    assert_eq!(
        (statuses, delivery.state),
        (vec![500, 404, 200], DeliveryState::Delivered)
    );
    assert_eq!(receiver.bodies().len(), 3);
}

#[tokio::test]
async fn the_real_pauses_follow_the_clock_and_end() {
    let receiver = Receiver::start(&[500; 6]).await;
    let client = Client::with(Emulator::builder().speed(Speed::Virtual)).await;
    client
        .imagine(json!({ "prompt": "a cat", "callback_url": receiver.url }))
        .await;
    client.emulator.clock_advance(Duration::from_secs(30));
    let tries = || {
        client
            .emulator
            .deliveries()
            .first()
            .map_or(0, |delivery| delivery.tries.len())
    };
    for (number, pause) in (1..).zip([60, 300, 1_800, 7_200, 21_600]) {
        until(|| tries() == number).await;
        // The pause begins after the try: move on until its end has been seen.
        until(|| {
            client.emulator.clock_advance(Duration::from_secs(pause));
            tries() > number
        })
        .await;
    }
    until(|| settled(&client, 1)).await;
    let delivery = client.emulator.deliveries().remove(0);
    assert_eq!(
        (delivery.state, delivery.tries.len()),
        (DeliveryState::Failed, 6)
    );

    let replayed = client.admin("/deliveries/0/replay", json!({})).await.json();
    assert_eq!(
        (
            &replayed["state"],
            replayed["tries"].as_array().unwrap().len()
        ),
        (&json!("delivered"), 7)
    );
    assert_eq!(
        client
            .admin("/deliveries/99/replay", json!({}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_noted() {
    let client = Client::start().await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}/hook?secret=1");
    client
        .imagine(json!({ "prompt": "a cat", "callback_url": url }))
        .await;
    until(|| settled(&client, 1)).await;
    let delivery = client.emulator.deliveries().remove(0);
    assert_eq!(
        (delivery.state, delivery.tries.len()),
        (DeliveryState::Failed, 6)
    );
    assert_eq!(delivery.tries[0].error.as_deref(), Some("cannot connect"));
}

#[tokio::test]
async fn callbacks_are_doubled_reordered_and_lost_on_demand() {
    let client = Client::start().await;
    let progress = async |fault: Fault| {
        let receiver = Receiver::start(&[]).await;
        let before = client.emulator.deliveries().len();
        let copies = if fault == Fault::DuplicateCallbacks {
            2
        } else {
            1
        };
        client.emulator.add_fault(fault);
        client
            .stream(json!({ "prompt": "a cat", "callback_url": receiver.url }))
            .await;
        until(|| settled(&client, before + 5 * copies)).await;
        receiver.progress()
    };
    assert_eq!(
        progress(Fault::DuplicateCallbacks).await,
        [5, 5, 35, 35, 60, 60, 85, 85, 100, 100]
    );
    assert_eq!(
        progress(Fault::ReorderCallbacks).await,
        [100, 85, 60, 35, 5]
    );
    assert_eq!(progress(Fault::LoseCallbacks(Some(2))).await, [60, 85, 100]);
    assert_eq!(progress(Fault::LoseCallbacks(None)).await, [] as [u64; 0]);
    let lost = client
        .emulator
        .deliveries()
        .into_iter()
        .filter(|delivery| delivery.state == DeliveryState::Lost);
    assert_eq!(lost.count(), 7);
}
