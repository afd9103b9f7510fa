//! Waiting for tasks: few look-ups for many waiters, none after the last one left, and deadlines that hold.

use std::time::Duration;

use midjourney_imagine::{Client, ClientBuilder, ErrorKind, Result, TaskState};
use midjourney_imagine_emulator::{Emulator, Speed};

fn client(emulator: &Emulator) -> ClientBuilder {
    Client::builder()
        .base_url(emulator.url())
        .token("waiting-token")
        .poll_interval(Duration::from_millis(100))
}

fn look_ups(emulator: &Emulator) -> Vec<serde_json::Value> {
    let journal = emulator.journal();
    let look_ups = journal
        .iter()
        .filter(|entry| entry.path == "/midjourney/tasks");
    look_ups
        .map(|entry| serde_json::from_str(&entry.body).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_waiters_share_each_look_up() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator).build()?;
    let mut tasks = Vec::new();
    for number in 0..50 {
        let task = client
            .imagine(format!("Cat number {number}"))
            .submit()
            .await?;
        assert_eq!(task.state, TaskState::Pending);
        tasks.push(task);
    }
    // Only now: a slow machine would look the first ones up while it still submits the others.
    let mut waiting = tokio::task::JoinSet::new();
    for task in tasks {
        waiting.spawn(async move { task.wait().await });
    }
    // Two look-ups of all fifty show that they share; then time passes, and they all end.
    let all =
        |entry: &serde_json::Value| entry["ids"].as_array().is_some_and(|ids| ids.len() == 50);
    emulator
        .journal_until(|journal| {
            let bodies = journal
                .iter()
                .filter_map(|entry| serde_json::from_str(&entry.body).ok());
            bodies.filter(all).count() >= 2
        })
        .await;
    assert!(emulator.clock_advance(Duration::from_secs(600)));
    while let Some(done) = waiting.join_next().await {
        done.expect("no panic")?;
    }
    let look_ups = look_ups(&emulator);
    let asked: usize = look_ups
        .iter()
        .map(|body| body["ids"].as_array().map_or(0, Vec::len))
        .sum();
    assert!(
        asked >= 40 * look_ups.len() - 50,
        "each look-up asks for nearly all: {asked} ids in {}",
        look_ups.len()
    );
    assert!(
        look_ups
            .iter()
            .all(|body| body["limit"] == body["ids"].as_array().map_or(0, Vec::len))
    );
    Ok(())
}

#[tokio::test]
async fn a_waiter_that_is_left_alone_does_not_stop_the_others() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator).build()?;
    let left_alone = client.imagine("A cat").submit().await?;
    let waited_for = client.imagine("A dog").submit().await?;
    let mut left_alone = left_alone.stream();
    // The first waiter begins a look-up, and is then kept without being driven.
    tokio::select! {
        update = left_alone.next() => panic!("nothing is drawn before time passes: {update:?}"),
        _ = emulator.journal_until(|journal| journal.iter().any(|entry| entry.path == "/midjourney/tasks")) => {}
    }
    assert!(emulator.clock_advance(Duration::from_secs(600)));
    waited_for.wait().await?;
    drop(left_alone);
    Ok(())
}

#[tokio::test]
async fn nothing_is_looked_up_when_the_last_waiter_has_gone() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator).build()?;
    let gone = client.imagine("A cat").submit().await?;
    let stays = client.imagine("A dog").submit().await?;
    {
        let mut updates = gone.stream();
        tokio::select! {
            update = updates.next() => panic!("nothing is drawn before time passes: {update:?}"),
            _ = emulator.journal_until(|journal| journal.iter().any(|entry| entry.body.contains(gone.task_id.as_str()) && entry.path == "/midjourney/tasks")) => {}
        }
    }
    let before = look_ups(&emulator).len();
    assert!(emulator.clock_advance(Duration::from_secs(600)));
    stays.wait().await?;
    let later = look_ups(&emulator);
    assert!(
        later[before..]
            .iter()
            .all(|body| !body.to_string().contains(gone.task_id.as_str())),
        "{later:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_deadline_that_passes_names_the_task_which_goes_on() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator).build()?;
    // What is due within the first may take a busy machine longer, but not a hundred times as long.
    let mut error = None;
    for deadline in [0.3, 3.0, 30.0].map(Duration::from_secs_f64) {
        emulator.reset();
        let started = std::time::Instant::now();
        let passed = client
            .imagine("A cat")
            .deadline(deadline)
            .await
            .unwrap_err();
        assert_eq!(passed.kind(), ErrorKind::Deadline);
        assert!(started.elapsed() >= deadline);
        let is_named = passed.task_id().is_some();
        error = Some(passed);
        if is_named {
            break;
        }
    }
    let error = error.expect("a deadline passed");
    assert!(error.may_have_been_accepted());
    assert!(error.task_id().is_some(), "{error}");
    let task = client.task(error.task_id().unwrap_or_default()).await?;
    assert!(emulator.clock_advance(Duration::from_secs(600)));
    assert_eq!(
        task.wait().await?.progress,
        Some(100),
        "what the deadline left behind can be picked up"
    );
    assert_eq!(emulator.ledger().started, 1);
    Ok(())
}

#[tokio::test]
async fn a_finished_task_is_not_looked_up_again() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator).build()?;
    let image = client.imagine("A cat").await?;
    let task = client
        .task(image.task_id.clone().unwrap_or_default())
        .await?;
    assert_eq!(task.state, TaskState::Succeeded);
    let before = look_ups(&emulator).len();
    assert_eq!(task.wait().await?.image_id, image.image_id);
    assert_eq!(look_ups(&emulator).len(), before);
    Ok(())
}

#[tokio::test]
async fn a_stream_is_lazy_and_can_be_polled_with_interruptions() -> Result<()> {
    let emulator = Emulator::builder()
        .speed(Speed::Virtual)
        .start()
        .await
        .expect("the emulator starts");
    let client = client(&emulator).build()?;
    let mut updates = client.imagine("A cat").stream();
    assert!(
        emulator.journal().is_empty(),
        "nothing is sent before the first pull"
    );
    tokio::select! {
        update = updates.next() => panic!("nothing is drawn before time passes: {update:?}"),
        _ = emulator.ledger_until(|ledger| ledger.started == 1) => {}
    }
    assert!(emulator.clock_advance(Duration::from_secs(600)));
    let mut last = None;
    while let Some(update) = updates.next().await {
        last = Some(update?);
    }
    assert!(last.is_some_and(|update| update.done));
    assert_eq!(
        emulator.ledger().started,
        1,
        "an interrupted pull is not a second request"
    );
    Ok(())
}

#[tokio::test]
async fn limits_may_be_as_large_as_they_come() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator)
        .deadline(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .build()?;
    let image = client.imagine("A cat").deadline(Duration::MAX).await?;
    let task = client
        .task(image.task_id.clone().unwrap_or_default())
        .await?;
    task.wait_within(Duration::MAX).await?;
    image.bytes().deadline(Duration::MAX).await?;
    let patient = Client::builder()
        .base_url(emulator.url())
        .token("t")
        .poll_interval(Duration::MAX)
        .build()?;
    patient.imagine("A cat").submit().await?;
    let error = client
        .imagine("A cat")
        .deadline(Duration::ZERO)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    Ok(())
}

#[tokio::test]
async fn a_stream_that_is_over_stays_over() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator).build()?;
    let mut updates = client.imagine("A cat").stream();
    while updates.next().await.transpose()?.is_some() {}
    assert!(updates.next().await.is_none());
    assert_eq!(
        updates.result().await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    let mut refused = client.imagine("").stream();
    assert!(refused.next().await.is_some_and(|update| update.is_err()));
    assert!(refused.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn one_task_that_is_too_much_for_a_look_up_does_not_take_the_others_along() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator).build()?;
    let mut tasks = Vec::new();
    for number in 0..5 {
        tasks.push(
            client
                .imagine(format!("Cat number {number}"))
                .submit()
                .await?,
        );
    }
    // The service cannot answer for five at once; then not for two; then it can.
    let refusal = serde_json::json!({"path": "/midjourney/tasks", "status": 400, "json": {"error": {"code": "bad_request", "message": "too many"}}});
    let replies = vec![refusal.clone(), refusal];
    emulator
        .script(serde_json::from_value(replies.into()).expect("replies"))
        .expect("replies that can be given");
    let images =
        futures_util::future::try_join_all(tasks.iter().map(midjourney_imagine::Task::wait))
            .await?;
    assert_eq!(images.len(), 5);
    let asked: Vec<usize> = look_ups(&emulator)
        .iter()
        .map(|body| body["ids"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(asked[..3], [5, 2, 1], "{asked:?}");
    Ok(())
}

#[cfg(feature = "bridge")]
#[tokio::test]
async fn a_task_kept_as_json_is_gone_on_with() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator).build()?;
    let task = client.imagine("A cat").submit().await?;
    let kept = serde_json::to_string(&task).expect("JSON");
    let task = client.resume(serde_json::from_str(&kept).expect("it reads what it writes"));
    let image = task.wait().await?;
    let finished = client.task(&task.task_id).await?;
    let again = client.resume(
        serde_json::from_value(serde_json::to_value(&finished).expect("JSON")).expect("a task"),
    );
    assert_eq!(
        (again.data(), again.wait().await?.data()),
        (finished.data(), image.data())
    );
    emulator.stop().await;
    Ok(())
}

#[cfg(feature = "bridge")]
#[tokio::test]
async fn options_given_at_once_leave_the_action_as_it_is() -> Result<()> {
    let emulator = Emulator::start().await.expect("the emulator starts");
    let client = client(&emulator).build()?;
    let options = r#"{"mode": "turbo", "hd": true, "action": null, "new": 1}"#;
    let options = serde_json::from_str(options).expect("a request");
    client
        .image("1211290228438868029")
        .upscale(2)
        .version("7")
        .options(options)
        .submit()
        .await
        .expect_err("unknown");
    let sent: serde_json::Value = serde_json::from_str(&emulator.journal()[0].body).expect("JSON");
    assert_eq!(
        sent,
        serde_json::json!({
            "action": "upscale2", "image_id": "1211290228438868029", "mode": "turbo", "version": "7", "hd": true,
            "new": 1, "async": true
        })
    );
    emulator.stop().await;
    Ok(())
}
