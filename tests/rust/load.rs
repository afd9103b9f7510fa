//! Five thousand generations that stream at once: every frame arrives, nothing is started twice.

use std::sync::Arc;
use std::time::Instant;

use midjourney_imagine::Client;
use midjourney_imagine_emulator::{Emulator, Speed};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const STREAMS: u64 = 5_000;

/// Both ends of each stream are in this process.
const FILES_FOR_EACH: u64 = 2;

/// For the two runtimes, the standard streams and cargo's own.
const OTHER_FILES: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_streams_at_once_lose_no_frame() {
    let files =
        rlimit::increase_nofile_limit(u64::MAX).expect("the limit of open files can be read");
    let streams = STREAMS.min(files.saturating_sub(OTHER_FILES) / FILES_FOR_EACH);
    assert!(
        streams >= 400,
        "a machine that lets a process open {files} files cannot run this test: raise `ulimit -n`"
    );
    if streams < STREAMS {
        println!("only {streams} streams: this machine lets a process open {files} files");
    }
    let emulator = Emulator::builder()
        .speed(Speed::Fast)
        .start()
        .await
        .expect("the emulator starts");
    let client = Client::builder()
        .base_url(emulator.url())
        .token("load-token")
        .build()
        .expect("a client");
    let all_are_drawing = Arc::new(Barrier::new(
        usize::try_from(streams).expect("a small number"),
    ));
    let started = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..streams {
        let (client, all_are_drawing) = (client.clone(), Arc::clone(&all_are_drawing));
        running.spawn(async move {
            let mut updates = client.imagine(format!("Cat number {number}")).stream();
            let mut seen = Vec::new();
            let mut task_ids = Vec::new();
            while let Some(update) = updates.next().await {
                let update = update.expect("an update");
                if seen.is_empty() {
                    // Nobody reads on before everybody has a frame: the streams really are open at once.
                    all_are_drawing.wait().await;
                }
                seen.push(update.progress);
                task_ids.push(update.task_id.expect("every frame names its task"));
            }
            task_ids.dedup();
            (seen, task_ids.len())
        });
    }
    while let Some(done) = running.join_next().await {
        assert_eq!(done.expect("no panic"), (vec![5, 35, 60, 85, 100], 1));
    }
    println!(
        "{streams} streams at once in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    let ledger = emulator.ledger();
    assert_eq!(
        (ledger.submissions, ledger.started, ledger.succeeded),
        (streams, streams, streams)
    );
}
