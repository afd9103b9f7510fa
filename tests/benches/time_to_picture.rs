//! How long after the service has finished `imagine()` has the picture: the cost of polling, at the service's own pace.
//!
//! Forty generations wait on one client, begun at different moments, so that the polls meet their ends at any moment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use midjourney_imagine::Client;
use midjourney_imagine_emulator::{Emulator, Speed};

const GENERATIONS: u32 = 40;

/// Over how long their beginnings are spread: a multiple of the poll interval.
const SPREAD: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    let emulator = Emulator::builder()
        .speed(Speed::Real)
        .start()
        .await
        .expect("the emulator starts");
    let client = Client::builder()
        .base_url(emulator.url())
        .token("t")
        .build()
        .expect("a client");
    let delays = join_all((0..GENERATIONS).map(|number| {
        let client = &client;
        async move {
            tokio::time::sleep(SPREAD * number / GENERATIONS).await;
            let image = client
                .imagine(format!("Cat number {number}"))
                .mode("turbo")
                .await
                .expect("a picture");
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.expect("a clock after 1970").as_secs_f64();
            let task_id = image.task_id.as_deref().unwrap_or_default();
            let task = client.task(task_id).await.expect("the task");
            now - task.finished_at.expect("a task that has finished")
        }
    }))
    .await;
    let mean = delays.iter().sum::<f64>() / f64::from(GENERATIONS);
    let worst = delays.iter().copied().fold(0.0, f64::max);
    println!(
        "{GENERATIONS} generations of 15 s: the picture was there {mean:.2} s after the service had finished, {worst:.2} s at worst"
    );
}
