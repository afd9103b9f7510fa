//! What each command runs, in order, and where the tools come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::conformance;

/// The version that the committed `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Every test and every documented example.
pub(crate) fn test() -> Result<()> {
    // The workspace's default members: the bindings are tested by their own languages.
    run(
        "tests",
        cargo(&["test", "--all-features", "--no-fail-fast"]),
    )
}

/// The vectors alone.
pub(crate) fn vectors() -> Result<()> {
    run(
        "vectors",
        cargo(&[
            "test",
            "--package",
            "midjourney-imagine-tests",
            "--test",
            "vectors",
        ]),
    )
}

/// Everything that can be judged without running the product.
pub(crate) fn check() -> Result<()> {
    run("format", cargo(&["fmt", "--all", "--check"]))?;
    run(
        "lints",
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ]),
    )?;
    let mut documents = cargo(&[
        "doc",
        "--workspace",
        "--all-features",
        "--no-deps",
        "--quiet",
    ]);
    documents.env("RUSTDOCFLAGS", "--deny warnings");
    run("documents", documents)?;
    generated_is_current()?;
    let mut licences = Command::new(cargo_deny()?);
    licences.args([
        "--all-features",
        "--offline",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    run("licences, sources, duplicate crates", licences)
}

/// Writes the generated sources of the other languages.
pub(crate) fn generate() -> Result<()> {
    crate::generate::generate(root(), false)
}

/// Whether the generated sources are those that the Rust types give.
pub(crate) fn generated_is_current() -> Result<()> {
    eprintln!("── generated sources");
    crate::generate::generate(root(), true)
}

/// Measurements; they print figures and pass no judgement.
pub(crate) fn bench() -> Result<()> {
    run(
        "benchmarks",
        cargo(&["bench", "--package", "midjourney-imagine-tests"]),
    )
}

pub(crate) fn cargo(arguments: &[&str]) -> Command {
    // Cargo says which cargo started us; the toolchain must not change in between.
    let mut command =
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments);
    command
}

/// Runs a command, at the workspace's root unless it says where. Runners of the vectors say what they have run.
pub(crate) fn run(name: &str, mut command: Command) -> Result<()> {
    eprintln!("── {name}");
    let program = command.get_program().to_string_lossy().into_owned();
    if command.get_current_dir().is_none() {
        command.current_dir(root());
    }
    command.env(conformance::EXECUTED, conformance::folder());
    let status = command
        .status()
        .with_context(|| format!("{name}: {program} cannot be started; is it installed?"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// The one tool that a Rust toolchain does not bring: built once, into the target folder.
fn cargo_deny() -> Result<PathBuf> {
    let tools = root().join("target").join("tools");
    let program = tools
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let version = || {
        let output = Command::new(&program).arg("--version").output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if version().as_deref() != Some(&format!("cargo-deny {CARGO_DENY}")) {
        let mut install = cargo(&[
            "install",
            "--locked",
            "--quiet",
            "cargo-deny",
            "--version",
            CARGO_DENY,
            "--root",
        ]);
        install
            .arg(&tools)
            .env("CARGO_TARGET_DIR", tools.join("build"));
        run("cargo-deny, built once (some minutes)", install)?;
    }
    Ok(program)
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/xtask lies two folders below the root")
}
