//! What reaches stdout and the disk: paths, objects, lines, files; and what is refused before anything is submitted.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Bench, Run, png_size};
use midjourney_imagine_emulator::{Fault, FaultRule};
use serde_json::{Value, json};

#[test]
fn without_a_target_the_picture_is_named_after_its_prompt() {
    let bench = Bench::new();
    let run = bench
        .run(&["imagine", "A cat sitting on a table --ar 16:9"])
        .done();
    let name = run.stdout.trim_end();
    assert!(name.starts_with("a-cat-sitting-on-a-table-1"), "{name}");
    assert_eq!(bench.path(name).extension(), Some("png".as_ref()));
    assert_eq!(bench.files(), [name]);
    assert_eq!(png_size(&bench.path(name)), (2912, 1632));
}

#[test]
fn the_picture_is_saved_at_full_size() {
    let bench = Bench::new();
    bench.run(&["imagine", "A cat", "-o", "cat"]).done();
    assert_eq!(bench.files(), ["cat.png"], "the extension is the content's");
    assert_eq!(png_size(&bench.path("cat.png")), (2048, 2048));
}

#[test]
fn a_folder_that_is_missing_is_made() {
    let bench = Bench::new();
    let run = bench.run(&["imagine", "A cat", "-o", "new/folder/"]).done();
    assert!(run.stdout.starts_with("new/folder/a-cat-"), "{run:?}");
    assert!(bench.path(run.stdout.trim_end()).is_file());
}

#[test]
fn json_is_one_object_and_saves_only_where_it_is_told_to() {
    let bench = Bench::new();
    let image = bench.run(&["imagine", "A cat", "--json"]).done().json();
    assert_eq!(image["saved"], json!([]));
    assert_eq!(image["progress"], 100);
    assert_eq!(image["image_id"].as_str().map(str::len), Some(19));
    assert_eq!(image["raw_image_width"], 2048);
    assert!(bench.files().is_empty());

    let image = bench
        .run(&["imagine", "A cat", "--json", "-o", "cat.png"])
        .done()
        .json();
    assert_eq!(image["saved"], json!(["cat.png"]));
    assert_eq!(bench.files(), ["cat.png"]);
}

#[test]
fn json_lines_are_one_object_per_update_and_exactly_the_last_is_done() {
    let bench = Bench::new();
    for how in ["--jsonl", "--stream"] {
        let run = bench.run(&[
            "imagine",
            "A cat",
            "--jsonl",
            "-o",
            how.trim_start_matches('-'),
        ]);
        let run = if how == "--stream" {
            bench.run(&[
                "imagine",
                "A cat",
                "--jsonl",
                "--stream",
                "-o",
                "streamed.png",
            ])
        } else {
            run
        };
        let lines = run.done().json_lines();
        let (last, before) = lines.split_last().expect("a line");
        assert_eq!(last["done"], true);
        assert_eq!(last["progress"], 100);
        assert_eq!(last["saved"].as_array().map(Vec::len), Some(1));
        assert!(
            last["actions"]
                .as_array()
                .is_some_and(|actions| actions.len() == 9)
        );
        let mut progress = -1;
        for line in before {
            assert_eq!(line["done"], false);
            assert!(line.get("saved").is_none());
            let step = line["progress"].as_i64().expect("a number");
            assert!(step > progress, "{lines:?}");
            progress = step;
            assert_eq!(line["task_id"], last["task_id"]);
        }
    }
}

#[test]
fn the_stream_shows_every_frame() {
    let bench = Bench::new();
    let lines = bench
        .run(&["imagine", "A cat", "--jsonl", "--stream"])
        .done()
        .json_lines();
    assert!(lines.len() >= 5, "{lines:?}");
    assert_eq!(bench.emulator.ledger().started, 1);
}

#[test]
fn what_exists_is_refused_before_anything_is_submitted() {
    let bench = Bench::new();
    std::fs::write(bench.path("cat.png"), "mine").expect("a file");
    let refused = |arguments: &[&str], why: &str| {
        bench.run(arguments).failed(2).says(why);
    };
    refused(&["imagine", "A cat", "-o", "cat.png"], "cat.png exists");
    refused(&["imagine", "A cat", "-o", "cat"], "cat.png exists");
    refused(&["imagine", "A cat", "-o", "cat.png/"], "it is no folder");
    refused(
        &["imagine", "A cat", "-o", "cat.png/dog.png"],
        "it is no folder",
    );
    refused(
        &["imagine", "A cat", "-o", "cat.jpg"],
        "the service's pictures are PNG",
    );
    refused(&["upscale", "121", "1", "-o", "cat.png"], "cat.png exists");
    std::fs::write(bench.path("dog-4.png"), "mine").expect("a file");
    refused(
        &["imagine", "A dog", "-o", "dog.png", "--split-images"],
        "dog-4.png exists",
    );
    refused(
        &["imagine", "A dog", "-o", "-", "--json"],
        "stdout cannot take both",
    );
    let ledger = bench.emulator.ledger();
    assert_eq!((ledger.submissions, ledger.started), (0, 0));
    assert_eq!(
        std::fs::read(bench.path("cat.png")).expect("the file"),
        b"mine"
    );
    assert_eq!(
        bench.files(),
        ["cat.png", "dog-4.png"],
        "trying left nothing behind"
    );

    bench
        .run(&["imagine", "A cat", "-o", "cat.png", "--force"])
        .done();
    assert_eq!(png_size(&bench.path("cat.png")), (2048, 2048));
}

#[cfg(unix)]
#[test]
fn a_folder_that_takes_no_files_is_refused_before_anything_is_submitted() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let locked = bench.path("locked");
    std::fs::create_dir(&locked).expect("a folder");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o500)).expect("locked");
    if std::fs::write(locked.join("trial"), "").is_ok() {
        // Who is root may write everywhere; there is a place where nobody may.
        bench
            .run(&["imagine", "A cat", "-o", "/proc/cat.png"])
            .failed(2)
            .says("no picture can be saved in /proc");
    } else {
        bench
            .run(&["imagine", "A cat", "-o", "locked/cat.png"])
            .failed(2)
            .says("no picture can be saved in locked");
    }
    assert_eq!(bench.emulator.ledger().submissions, 0);
}

#[test]
fn a_picture_that_cannot_be_fetched_is_told_with_the_command_that_picks_it_up() {
    let bench = Bench::new();
    bench
        .emulator
        .add_fault(FaultRule::once(Fault::Picture404).always());
    let run = bench
        .run(&["imagine", "A cat", "-o", "cat.png", "--json"])
        .failed(1);
    let image = run.json();
    let task = image["task_id"].as_str().expect("a task").to_owned();
    assert_eq!(image["saved"], json!([]));
    assert_eq!(image["error"]["kind"], "picture");
    assert_eq!(
        image["image_id"].as_str().map(str::len),
        Some(19),
        "what was paid for is told"
    );
    run.says(&format!(
        "hint: pick it up with `mj task {task} -o cat.png`"
    ));

    bench.emulator.clear_faults();
    bench.run(&["task", &task, "-o", "cat.png"]).done();
    assert_eq!(png_size(&bench.path("cat.png")), (2048, 2048));
    assert_eq!(bench.emulator.ledger().started, 1);
}

#[test]
fn the_parts_of_a_grid_are_saved_beside_it() {
    let bench = Bench::new();
    let run = bench
        .run(&["imagine", "A cat", "--split-images", "-o", "cat.png"])
        .done();
    let names = [
        "cat.png",
        "cat-1.png",
        "cat-2.png",
        "cat-3.png",
        "cat-4.png",
    ];
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), names);
    assert_eq!(png_size(&bench.path("cat-3.png")), (1024, 1024));
    let image = bench
        .run(&[
            "imagine",
            "A dog",
            "--split-images",
            "-o",
            "dog.png",
            "--json",
        ])
        .done()
        .json();
    assert_eq!(image["saved"].as_array().map(Vec::len), Some(5));
}

#[test]
fn parts_that_are_refused_do_not_cost_the_rest() {
    let bench = Bench::new();
    let run = bench.run(&[
        "imagine",
        "A cat --emulate sub_images_403",
        "--split-images",
        "-o",
        "cat.png",
    ]);
    let run = run
        .done()
        .says("warning: sub-image 1 is not saved")
        .says("warning: sub-image 4 is not saved");
    assert_eq!(run.stdout, "cat.png\n");
    assert_eq!(bench.files(), ["cat.png"]);
}

#[test]
fn a_picture_goes_to_stdout_where_that_is_asked_for() {
    let bench = Bench::new();
    let output = bench
        .mj()
        .args(["imagine", "A cat", "-o", "-"])
        .output()
        .expect("mj runs");
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"\x89PNG"));
    assert!(
        output.stdout.ends_with(b"IEND\xaeB\x60\x82"),
        "the picture and nothing else"
    );
}

#[test]
fn one_command_feeds_the_next() {
    let bench = Bench::new();
    let feed = |input: &str, arguments: &[&str]| {
        let mut child = bench
            .mj()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("mj starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(input.as_bytes()).expect("mj reads");
        drop(stdin);
        Run::from(child.wait_with_output().expect("mj ends"))
    };
    let grid = bench.run(&["imagine", "A cat", "--json"]).done();
    let single = feed(&grid.stdout, &["upscale", "-", "2", "--json"]).done();
    assert_eq!(single.json()["raw_image_width"], 1024);
    // Lines do as well: the last one is the picture.
    let lines = bench.run(&["imagine", "A cat", "--jsonl"]).done();
    feed(&lines.stdout, &["variation", "-", "4", "--json"]).done();

    let started = bench.emulator.ledger().started;
    feed(&single.stdout, &["upscale", "-", "2"])
        .failed(2)
        .says("it offers upscale_2x");
    feed("{\"error\":{\"kind\":\"moderation\"}}\n", &["reroll", "-"])
        .failed(2)
        .says("the command before failed");
    feed("", &["reroll", "-"]).failed(2).says("stdin is empty");
    feed("cat.png\n", &["reroll", "-"])
        .failed(2)
        .says("no JSON");
    assert_eq!(
        bench.emulator.ledger().started,
        started,
        "nothing of this was sent"
    );

    // The prompt, too.
    feed("A dog\n", &["imagine", "-", "-o", "dog.png"]).done();
}

#[test]
fn every_action_makes_a_picture() {
    let bench = Bench::new();
    let id = |arguments: &[&str]| -> String {
        let image: Value = bench.run(&[arguments, &["--json"]].concat()).done().json();
        image["image_id"].as_str().expect("an id").to_owned()
    };
    let grid = id(&["imagine", "A cat"]);
    let single = id(&["upscale", &grid, "2"]);
    for arguments in [
        ["variation", &grid, "3"].as_slice(),
        &["reroll", &grid],
        &["zoom-out", &single, "2"],
        &["zoom-out", &single, "1.5"],
        &["pan", &single, "left"],
        &["act", &single, "upscale_2x"],
    ] {
        id(arguments);
    }
    let run = bench.run(&["act", &single, "variation_subtle"]).done();
    assert!(run.stdout.starts_with("variation_subtle-1"), "{run:?}");
    let actions: Vec<String> = bench
        .emulator
        .ledger()
        .entries
        .iter()
        .map(|entry| entry.action.clone())
        .collect();
    assert_eq!(
        actions,
        [
            "generate",
            "upscale2",
            "variation3",
            "reroll",
            "zoom_out_2x",
            "zoom_out_1_5x",
            "pan_left",
            "upscale_2x",
            "variation_subtle"
        ]
    );
}

#[test]
fn a_task_is_shown_waited_for_and_saved() {
    let bench = Bench::new();
    let submitted = bench.run(&["imagine", "A cat", "--submit"]).done();
    let task = submitted.stdout.trim_end();
    assert_eq!(task.len(), 36, "{task}");
    let run = bench.run(&["task", task, "-o", "cats/"]).done();
    assert!(
        run.stdout.starts_with("cats/a-cat-"),
        "named after its prompt: {run:?}"
    );
    let shown = bench.run(&["task", task]).done().stdout;
    for part in [
        "state     done",
        "prompt    A cat",
        "2048×2048",
        "upscale1",
        "save      mj task ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let record = bench.run(&["task", task, "--json"]).done().json();
    assert_eq!(record["task_id"], task);
    assert_eq!(record["state"], "succeeded");
    assert_eq!(record["image"]["progress"], 100);
    assert_eq!(bench.emulator.ledger().started, 1);
}

#[test]
fn showing_a_failed_task_is_no_failure_but_waiting_for_one_is() {
    let bench = Bench::new();
    let submitted = bench
        .run(&["imagine", "A cat --emulate fail_task:forbidden", "--submit"])
        .done();
    let task = submitted.stdout.trim_end();
    bench.run(&["task", task, "--wait"]).failed(5);
    let shown = bench.run(&["task", task]).done();
    assert!(shown.stdout.contains("state     failed"), "{shown:?}");
    assert!(shown.stdout.contains("forbidden"), "{shown:?}");
}

#[test]
fn piped_output_has_no_decoration() {
    let bench = Bench::new();
    for arguments in [
        ["imagine", "A cat", "-o", "cat.png"].as_slice(),
        &["imagine", "A cat", "-o", "cat.png"],
        &["imagine", "gore"],
        &["task", "unknown"],
        &["--help"],
        &["imagine", "--ar"],
    ] {
        let run = bench.run(arguments);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains('\u{1b}'), "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_costs_nothing() {
    let bench = Bench::new();
    let mut child = bench
        .mj()
        .args(["imagine", "A cat", "--jsonl", "-o", "cat.png"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("mj starts");
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().expect("mj ends"));
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    assert_eq!(
        bench.files(),
        ["cat.png"],
        "what was paid for is saved all the same"
    );
}

#[test]
fn a_prompt_may_begin_with_a_flag() {
    let bench = Bench::new();
    let sent = |arguments: &[&str]| {
        bench.emulator.reset();
        bench.run(arguments).done();
        let body: Value = serde_json::from_str(&bench.emulator.journal()[0].body).expect("JSON");
        body["prompt"].clone()
    };
    assert_eq!(
        sent(&["imagine", "--ar 9:16 a cat", "--json"]),
        "--ar 9:16 a cat"
    );
    assert_eq!(sent(&["imagine", "- a cat", "--json"]), "- a cat");
    assert_eq!(
        sent(&["imagine", "--output=my cat.png", "a cat"]),
        "a cat",
        "an option stays one"
    );
    assert_eq!(sent(&["imagine", "-omy dog.png", "a dog"]), "a dog");
    assert_eq!(bench.files(), ["my cat.png", "my dog.png"]);
    bench.emulator.reset();
    bench.run(&["imagine", "--ar", "a cat"]).failed(2);
    bench.run(&["imagine", "--jsn", "a cat"]).failed(2);
    assert_eq!(bench.emulator.ledger().started, 0);
}

#[test]
fn a_dash_that_makes_no_flag_is_warned_of_before_it_is_paid_for() {
    let bench = Bench::new();
    let run = bench.run(&["imagine", "a cat –ar 9:16", "--json"]).done();
    assert_eq!(
        run.stderr,
        "warning: `–ar` is no flag, since its dash is not made of two hyphens: write `--ar`\n"
    );
    assert_eq!(run.json()["progress"], 100, "and the prompt goes out");
}
