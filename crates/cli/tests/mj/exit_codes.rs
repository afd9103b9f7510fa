//! Every exit code is reached the way users reach it, with an error that says what happened and one hint that helps.

use crate::support::{Bench, Run, mj};
use midjourney_imagine_emulator::{Emulator, Fault, FaultRule, Limits, Speed};

fn imagine(bench: &Bench, more: &[&str]) -> Run {
    bench.run(&[&["imagine", "A cat", "-o", "cat.png"], more].concat())
}

#[test]
fn done_is_0() {
    let bench = Bench::new();
    let run = imagine(&bench, &[]).done();
    assert_eq!(run.stdout, "cat.png\n");
    assert_eq!(run.stderr, "", "nobody is watching, and nothing went wrong");
}

#[test]
fn another_failure_is_1() {
    let bench = Bench::new();
    bench
        .emulator
        .add_fault(Fault::Refuse("bad_request".to_owned()));
    imagine(&bench, &[]).failed(1);
    bench
        .emulator
        .add_fault(Fault::Refuse("disabled".to_owned()));
    imagine(&bench, &[]).failed(1);
    bench
        .run(&["task", "no-such-task"])
        .failed(1)
        .says("knows no such task");
    bench
        .emulator
        .add_fault(Fault::FailTask("api_error".to_owned()));
    imagine(&bench, &[])
        .failed(1)
        .says("hint: see its record with `mj task ");
    assert!(bench.files().is_empty());
}

#[test]
fn a_service_that_cannot_be_reached_is_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::of(
        mj(folder.path())
            .env("ACEDATACLOUD_API_TOKEN", "any")
            // Port 1 is nobody's.
            .args([
                "--base-url",
                "http://127.0.0.1:1",
                "--max-retries",
                "0",
                "imagine",
                "A cat",
            ]),
    );
    run.failed(1)
        .says("nothing was sent")
        .says("hint: check the network");
}

#[test]
fn usage_is_2() {
    let bench = Bench::new();
    let usage = |arguments: &[&str]| {
        let run = bench.run(arguments);
        assert_eq!(run.exit, 2, "{arguments:?}: {run:?}");
        run
    };
    usage(&["imagine"]);
    usage(&["no-such-command"]);
    usage(&["upscale", "121", "5"]);
    usage(&["zoom-out", "121", "3"]);
    usage(&["pan", "121", "inwards"]);
    usage(&["imagine", " "]).says("`prompt`");
    usage(&["imagine", "A cat", "--deadline", "0"]).says("above zero");
    usage(&["imagine", "A cat", "--base-url", "ftp://example.com"]).says("`base_url`");
    usage(&["imagine", "A cat", "--extra", "mode=\"fast\""]).says("by an option of its own");
    usage(&["act", "121", "variation_region"]).says("`mask`");
    usage(&[
        "act",
        "121",
        "variation_region",
        "--mask",
        "no-such-file.png",
    ])
    .says("no-such-file.png");
    usage(&["task"]);
    assert_eq!(
        bench.emulator.ledger().submissions,
        0,
        "nothing of this was sent"
    );
}

#[test]
fn an_unquoted_prompt_is_told_to_be_quoted() {
    let bench = Bench::new();
    let run = bench.run(&["imagine", "A cat", "--ar", "16:9"]);
    assert_eq!(run.exit, 2);
    run.says("hint: quote the whole prompt");
    bench
        .run(&["imagine", "A", "cat"])
        .says("hint: quote the whole prompt");
}

#[test]
fn a_missing_token_is_3_and_names_both_ways_out() {
    let folder = tempfile::tempdir().expect("a folder");
    for token in [None, Some(""), Some("  ")] {
        let mut command = mj(folder.path());
        if let Some(token) = token {
            command.env("ACEDATACLOUD_API_TOKEN", token);
        }
        Run::of(command.args(["imagine", "A cat"]))
            .failed(3)
            .says("ACEDATACLOUD_API_TOKEN")
            .says("--emulator");
    }
}

#[test]
fn a_wrong_token_is_3() {
    let bench = Bench::with(Emulator::builder().tokens(["the right one"]));
    imagine(&bench, &[])
        .failed(3)
        .says("invalid_token")
        .says("hint: check ACEDATACLOUD_API_TOKEN");
    std::fs::write(bench.path("token"), "two\nlines").expect("a file");
    imagine(&bench, &["--token-file", "token"]).failed(3);
    imagine(&bench, &["--token-file", "no-such-file"])
        .failed(3)
        .says("no-such-file");
}

#[test]
fn a_token_file_beats_the_environment() {
    let bench = Bench::with(Emulator::builder().tokens(["the-right-one"]));
    std::fs::write(bench.path("token"), "Bearer the-right-one\n").expect("a file");
    imagine(&bench, &["--token-file", "token"]).done();
}

#[test]
fn an_empty_balance_is_4() {
    let limits = Limits {
        balance: Some(0.0),
        ..Limits::default()
    };
    let bench = Bench::with(Emulator::builder().limits(limits));
    imagine(&bench, &[])
        .failed(4)
        .says("used_up")
        .says("not charged");
}

#[test]
fn moderation_is_5() {
    let bench = Bench::new();
    bench
        .run(&["imagine", "gore"])
        .failed(5)
        .says("hint: change the prompt");
}

#[test]
fn a_rate_limit_is_6_after_the_last_try() {
    let bench = Bench::new();
    bench
        .emulator
        .add_fault(FaultRule::once(Fault::RateLimit(Some(7))).always());
    imagine(&bench, &["--max-retries", "0"])
        .failed(6)
        .says("wait 7 s");
    bench.emulator.clear_faults();
    bench.emulator.add_fault(Fault::RateLimit(None));
    imagine(&bench, &["--max-retries", "1"]).done();
}

#[test]
fn a_deadline_is_7_and_names_the_command_that_picks_the_task_up() {
    // A busy machine may not have the task's id within the first.
    for (deadline, is_last) in [("0.3", false), ("3", false), ("30", true)] {
        // Its clock never moves: the task stays where it is.
        let bench = Bench::with(Emulator::builder().speed(Speed::Virtual));
        let run = imagine(&bench, &["--deadline", deadline]).failed(7);
        assert!(!run.stderr.contains("a-secret-token"));
        let ledger = bench.emulator.ledger();
        assert!(ledger.started <= 1);
        if !is_last && !run.stderr.contains("hint: pick it up with ") {
            continue;
        }
        let task = &ledger.entries[0].task_id;
        run.says(&format!(
            "hint: pick it up with `mj task {task} -o cat.png`"
        ));
        assert_eq!(ledger.started, 1);
        return;
    }
}

#[test]
fn a_service_that_gives_up_is_7() {
    let bench = Bench::new();
    bench
        .emulator
        .add_fault(Fault::Refuse("timeout".to_owned()));
    imagine(&bench, &[]).failed(7).says("not sent again");
}

#[test]
fn an_unknown_outcome_is_8_and_is_not_sent_again() {
    let bench = Bench::new();
    bench.emulator.add_fault(Fault::DropAfterAccept);
    imagine(&bench, &[])
        .failed(8)
        .says("hint: it is not sent again");
    assert_eq!(bench.emulator.ledger().submissions, 1);
    bench.emulator.add_fault(Fault::Html502);
    imagine(&bench, &[]).failed(8);
    assert_eq!(bench.emulator.ledger().submissions, 2);
    assert!(bench.files().is_empty());
}

#[test]
fn a_server_error_is_8_and_is_sent_again_only_when_that_is_asked_for() {
    let bench = Bench::new();
    bench.emulator.add_fault(Fault::Error500);
    imagine(&bench, &[])
        .failed(8)
        .says("hint: it is not sent again")
        .says("mj task --trace ");
    bench.emulator.add_fault(Fault::Error500);
    imagine(&bench, &["--retry-server-errors"]).done();
}

#[test]
fn errors_are_objects_for_those_who_read_json() {
    let bench = Bench::new();
    for shape in ["--json", "--jsonl"] {
        let run = bench.run(&["imagine", "gore", shape]).failed(5);
        let error = &run.json_lines().pop().expect("a line")["error"];
        assert_eq!(error["kind"], "moderation");
        assert_eq!(error["status"], 403);
        assert_eq!(error["code"], "forbidden");
        assert_eq!(error["may_have_been_accepted"], false);
        assert!(error["trace_id"].is_string());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::of(mj(folder.path()).args(["imagine", "A cat", "--json"])).failed(3);
    assert_eq!(run.json()["error"]["kind"], "config");
}

#[test]
fn the_token_is_never_told_even_when_the_service_quotes_it() {
    let bench = Bench::new();
    bench.emulator.add_fault(Fault::QuoteToken);
    let run = imagine(&bench, &["-vv", "--json"]);
    assert_ne!(run.exit, 0);
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("a-secret-token"), "{text}");
    }
    assert!(run.stderr.contains("[token]"), "{run:?}");
}

#[test]
fn a_proxy_of_the_environment_that_cannot_be_read_is_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let task = |base_url: &str, variables: &[(&str, &str)]| {
        Run::of(
            mj(folder.path())
                .env("ACEDATACLOUD_API_TOKEN", "any")
                .envs(variables.iter().copied())
                .args(["--max-retries", "0", "--base-url", base_url, "task", "any"]),
        )
    };
    for (base_url, variable, value) in [
        ("https://api.example", "ALL_PROXY", "socks://127.0.0.1:1080"),
        ("https://api.example", "HTTPS_PROXY", "htp://proxy.example"),
        (
            "https://api.example",
            "https_proxy",
            "http://user:p@ss@proxy.example",
        ),
        (
            "http://api.example",
            "HTTP_PROXY",
            "user:p@ss@proxy.example:8080",
        ),
        ("https://api.example", "HTTPS_PROXY", "http://"),
    ] {
        let run = task(base_url, &[(variable, value)]);
        let run = run.failed(2).says(&format!("`{variable}`"));
        assert!(!run.stderr.contains("p@ss"), "{run:?}");
    }
    // A desktop sets both; the scheme's own variable is what counts, and nothing listens there.
    let both = [
        ("https_proxy", "http://127.0.0.1:1"),
        ("ALL_PROXY", "socks://127.0.0.1:1080"),
    ];
    task("https://api.example", &both)
        .failed(1)
        .says("nothing was sent");
}
