//! Ctrl-C, SIGTERM and SIGHUP: the command ends at once, and says how the task is picked up.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{Bench, Run};
use midjourney_imagine_emulator::{Emulator, Speed};
use rustix::process::{Pid, Signal, kill_process};

/// Ends a running generation by a signal, once its first update shows that the task has a name.
fn interrupt(bench: &Bench, arguments: &[&str], signal: Signal) -> (String, Run) {
    let mut child = bench
        .mj()
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("mj starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("an update");
    let update: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let task = update["task_id"].as_str().expect("a task").to_owned();
    kill_process(Pid::from_child(&child), signal).expect("a signal");
    let output = child.wait_with_output().expect("it ends");
    let mut run = Run::from(output);
    for line in stdout.lines() {
        run.stdout = line.expect("a line");
    }
    (task, run)
}

#[test]
fn the_error_names_the_task_and_the_command_that_picks_it_up() {
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        // Its clock never moves: the task is never done.
        let bench = Bench::with(Emulator::builder().speed(Speed::Virtual));
        let (task, run) = interrupt(
            &bench,
            &["imagine", "A cat", "--jsonl", "-o", "my cat.png"],
            signal,
        );
        let run = run
            .failed(exit)
            .says(&format!(
                "error: interrupted; task {task} goes on at the service"
            ))
            .says(&format!(
                "hint: pick it up with `mj task {task} -o 'my cat.png'`"
            ));
        let told: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(told["error"]["kind"], "interrupted");
        assert_eq!(told["error"]["task_id"], task.as_str());
        assert!(bench.files().is_empty());

        // And so it does.
        bench
            .emulator
            .clock_advance(std::time::Duration::from_secs(3600));
        bench.run(&["task", &task, "-o", "my cat.png"]).done();
        assert_eq!(bench.files(), ["my cat.png"]);
        assert_eq!(bench.emulator.ledger().started, 1);
    }
}
