//! What people see: stderr is a terminal here, and stdout is a pipe, as in `picture=$(mj imagine …)`.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use midjourney_imagine_emulator::{Emulator, Speed};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::Bench;

/// Runs a command with a terminal for its stderr; gives what it wrote to stdout, and to the terminal.
fn watched(command: &mut Command) -> (String, String) {
    watched_by(command, |_| {})
}

/// As `watched`. `look` is called with all that the terminal shows, whenever that is more.
fn watched_by(command: &mut Command, look: impl FnMut(&str) + Send) -> (String, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("it is granted");
    unlockpt(&terminal).expect("it is unlocked");
    let size = Winsize {
        ws_row: 30,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).expect("it has a size");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name");
    let other_end = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().expect("a path"))
        .expect("its other side opens");
    let mut child = command
        .env("TERM", "xterm-256color")
        .stdout(Stdio::piped())
        .stderr(other_end)
        .spawn()
        .expect("mj starts");
    // The command holds the other side itself; once it ends, reading does.
    command.stderr(Stdio::null());
    thread::scope(|scope| {
        let seen = scope.spawn(move || read_to_its_end(terminal, look));
        let mut stdout = String::new();
        child
            .stdout
            .take()
            .expect("a pipe")
            .read_to_string(&mut stdout)
            .expect("mj writes text");
        child.wait().expect("mj ends");
        (stdout, seen.join().expect("the terminal was read"))
    })
}

fn read_to_its_end(terminal: OwnedFd, mut look: impl FnMut(&str)) -> String {
    let mut terminal = File::from(terminal);
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    // Linux ends a terminal whose other side is closed with an error, others with nothing.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..count]);
        look(&String::from_utf8_lossy(&seen));
    }
    String::from_utf8_lossy(&seen).into_owned()
}

/// What a picture in the terminal begins with.
const PICTURE: &str = "\x1b[?2026h";

#[test]
fn the_wait_is_visible_and_stdout_stays_clean() {
    let bench = Bench::with(Emulator::builder().speed(Speed::Virtual));
    let mut command = bench.mj();
    command
        .env("COLORTERM", "truecolor")
        .args(["imagine", "A cat", "-o", "cat.png"]);
    // Time stands still until the task has a name, and then until its preview is there, however long that takes `mj`.
    let mut steps = [("task ", 15), (PICTURE, 600)].into_iter().peekable();
    let (stdout, seen) = watched_by(&mut command, |seen| {
        while let Some((_, seconds)) = steps.next_if(|(sign, _)| seen.contains(sign)) {
            let time = Duration::from_secs(seconds);
            assert!(bench.emulator.clock_advance(time));
        }
    });
    assert_eq!(stdout, "cat.png\n");
    assert!(seen.contains("drawing"), "the bar: {seen:?}");
    let task = &bench.emulator.ledger().entries[0].task_id;
    let named = seen.find(&format!("task {task}")).expect("the task's id");
    let drawing = seen.find("drawing").expect("the bar");
    assert!(named < drawing, "as soon as it is known: {seen:?}");
    assert!(
        seen.contains("\x1b[38;2;"),
        "the preview in colour: {seen:?}"
    );
    let pictures = seen.matches(PICTURE).count();
    assert!(pictures >= 2, "previews, then the picture: {pictures}");
    assert_eq!(
        seen.matches("\x1b[20A\x1b[J").count(),
        pictures - 1,
        "each takes the place of the one before"
    );
    assert!(seen.contains("go on with `mj upscale "), "{seen:?}");
}

#[test]
fn who_wants_no_picture_or_no_colour_or_nothing_at_all_gets_none() {
    let bench = Bench::new();
    let run = |options: &[&str], variable: Option<&str>| {
        let mut command = bench.mj();
        command.env("COLORTERM", "truecolor");
        if let Some(variable) = variable {
            command.env(variable, "1");
        }
        command
            .args(["imagine", "A cat", "-o", "cat.png", "--force"])
            .args(options);
        watched(&mut command).1
    };
    assert!(!run(&["--no-preview"], None).contains('▀'));
    assert!(!run(&["--preview", "none"], None).contains('▀'));
    assert_eq!(run(&["--quiet"], None), "");
    let plain = run(&[], Some("NO_COLOR"));
    assert!(!plain.contains('▀'), "blocks are nothing but colour");
    for colour in ["\x1b[3", "\x1b[9", "\x1b[4", "\x1b[1m"] {
        assert!(!plain.contains(colour), "{colour:?}: {plain:?}");
    }
}

#[test]
fn every_way_to_show_a_picture_is_there() {
    let bench = Bench::new();
    for (how, code) in [
        ("kitty", "\x1b_Ga=T,f=100,"),
        ("iterm", "\x1b]1337;File=inline=1;"),
        ("sixel", "\x1bP"),
        ("blocks", "\x1b[38;5;"),
    ] {
        let arguments = [
            "imagine",
            "A cat",
            "-o",
            "cat.png",
            "--force",
            "--preview",
            how,
        ];
        let seen = watched(bench.mj().args(arguments)).1;
        assert!(seen.contains(code), "{how}");
    }
}

#[test]
fn errors_are_coloured_and_keep_control_characters_to_themselves() {
    let bench = Bench::new();
    let seen = watched(bench.mj().args(["imagine", "gore"])).1;
    assert!(seen.contains("\x1b[1m\x1b[31merror:\x1b[0m "), "{seen:?}");
    assert!(seen.contains("\x1b[1m\x1b[36mhint:\x1b[0m "), "{seen:?}");
    let seen =
        watched(
            bench
                .mj()
                .args(["imagine", "A cat", "-o", "no\x1b]0;title\x07/../cat.jpg"]),
        )
        .1;
    assert!(!seen.contains('\x07'), "{seen:?}");
}
