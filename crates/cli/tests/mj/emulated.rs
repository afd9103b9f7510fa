//! `--emulator` and `mj emulator`: no account, no network, and a memory from one command to the next.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Run, files, mj, png_size};

/// `mj … --emulator`, with a memory of its own.
fn emulated(folder: &Path) -> Command {
    let mut mj = mj(folder);
    mj.env("MJ_EMULATOR_STATE", folder.join("state"));
    mj
}

#[test]
fn the_first_command_of_the_readme_needs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::of(emulated(folder.path()).args([
        "imagine",
        "A cat sitting on a table",
        "--emulator",
        "-o",
        "cat.png",
    ]));
    assert_eq!(run.done().stdout, "cat.png\n");
    assert_eq!(png_size(&folder.path().join("cat.png")), (2048, 2048));
}

#[test]
fn a_later_command_finds_what_an_earlier_one_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let fast = ["--emulator", "--emulator-speed", "instant"];
        Run::of(emulated(folder.path()).args(arguments).args(fast)).done()
    };
    let grid = run(&["imagine", "A cat", "--json"]).json();
    let id = grid["image_id"].as_str().expect("an id");
    let task = grid["task_id"].as_str().expect("a task");
    let single = run(&["upscale", id, "2"]);
    assert!(single.stdout.starts_with("upscale2-"), "{single:?}");
    run(&["task", task, "-o", "grid.png"]);
    assert_eq!(png_size(&folder.path().join("grid.png")), (2048, 2048));

    let submitted = run(&["imagine", "A dog", "--submit"]);
    run(&["task", submitted.stdout.trim_end(), "-o", "dog.png"]);
    assert!(folder.path().join("dog.png").is_file());
}

#[test]
fn the_memory_can_be_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::of(mj(folder.path()).args([
        "imagine",
        "A cat",
        "--emulator",
        "--emulator-speed",
        "instant",
        "--emulator-state",
        "elsewhere",
        "-o",
        "cat.png",
    ]));
    run.done();
    assert_eq!(files(folder.path()), ["cat.png", "elsewhere"]);
    assert!(!files(&folder.path().join("elsewhere")).is_empty());
}

#[test]
fn the_emulator_asks_neither_the_environment_nor_a_proxy() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run::of(
        emulated(folder.path())
            .env("ACEDATACLOUD_API_BASE_URL", "http://127.0.0.1:1")
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("http_proxy", "http://127.0.0.1:1")
            .args([
                "imagine",
                "A cat",
                "--emulator",
                "--emulator-speed",
                "instant",
                "-o",
                "cat.png",
            ]),
    );
    run.done();
}

#[cfg(unix)]
#[test]
fn the_server_says_where_it_is_serves_and_stops_cleanly() {
    for (signal, name) in [
        (rustix::process::Signal::INT, "Ctrl-C"),
        (rustix::process::Signal::TERM, "SIGTERM"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = mj(folder.path())
            .args([
                "emulator",
                "--speed",
                "instant",
                "--token",
                "good",
                "--balance",
                "1",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the emulator starts");
        let mut stdout = BufReader::new(server.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the ready line");
        let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let url = ready["url"].as_str().expect("a URL");
        let run = |token: &str| {
            Run::of(
                mj(folder.path())
                    .env("ACEDATACLOUD_API_TOKEN", token)
                    .env("ACEDATACLOUD_API_BASE_URL", url)
                    .args(["imagine", "A cat", "-o", token]),
            )
        };
        run("bad").failed(3);
        run("good").done();
        run("good2").failed(3);
        rustix::process::kill_process(rustix::process::Pid::from_child(&server), signal)
            .expect("a signal");
        let run = Run::from(server.wait_with_output().expect("it ends"));
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{name}");
        line.clear();
        stdout.read_line(&mut line).expect("the end");
        assert_eq!(line, "", "one line, no more");
    }
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    Run::of(mj(folder.path()).args(["emulator", "--port", &port]))
        .failed(1)
        .says("hint: --port 0");
}
