//! Runs `mj` as a person or a script would: a process of its own, in a folder of its own, with nothing of this machine's
//! settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use midjourney_imagine_emulator::{Builder, Emulator};
use serde_json::Value;

/// Far more seconds than any command takes on a busy machine: one that hangs fails then.
const PATIENCE: &str = "60";

/// An emulator, and a folder to run `mj` in.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Emulator::builder())
    }

    pub(crate) fn with(emulator: Builder) -> Self {
        Self {
            emulator: emulator.start_blocking().expect("the emulator starts"),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// `mj` with a token and the emulator's address.
    pub(crate) fn mj(&self) -> Command {
        let mut mj = mj(self.folder.path());
        mj.env("ACEDATACLOUD_API_TOKEN", "a-secret-token")
            .env("ACEDATACLOUD_API_BASE_URL", self.emulator.url())
            .args(["--poll-interval", "0.01", "--deadline", PATIENCE]);
        mj
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.mj().args(arguments))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of all files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        files(self.folder.path())
    }
}

pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// `mj` in a folder, without a token, and without any setting of whoever runs the tests.
pub(crate) fn mj(folder: &Path) -> Command {
    let mut mj = Command::new(env!("CARGO_BIN_EXE_mj"));
    mj.current_dir(folder).stdin(Stdio::null());
    for variable in [
        "ACEDATACLOUD_API_TOKEN",
        "ACEDATACLOUD_API_BASE_URL",
        "MJ_EMULATOR_STATE",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLORTERM",
        "TMUX",
        "KITTY_WINDOW_ID",
        "TERM_PROGRAM",
        "KONSOLE_VERSION",
        "LC_TERMINAL",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        mj.env_remove(variable);
    }
    mj
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().expect("mj runs").into()
    }

    /// The one object that stdout holds.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The objects that stdout holds, one to a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// The command ended well; gives itself.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.exit, 0, "{self:?}");
        self
    }

    /// The command ended with this code; gives itself.
    #[track_caller]
    pub(crate) fn failed(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:?}");
        assert!(self.stderr.contains("error: "), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is missing: {self:?}");
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code().expect("mj ends by itself"),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// The width and height of a PNG file.
pub(crate) fn png_size(path: &Path) -> (u32, u32) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "{} is no PNG",
        path.display()
    );
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}
