//! The Node package: its tools in `node_modules`, its native file, its tests and its checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::steps::{cargo, root, run};

/// The oldest Node that the package runs on.
const OLDEST: u32 = 20;

/// Builds the package, and runs its tests on it.
pub(crate) fn test() -> Result<()> {
    build()?;
    npm("Node: tests", &["test"])
}

/// The vectors alone.
pub(crate) fn vectors() -> Result<()> {
    build()?;
    npm("Node: vectors", &["test", "--", "vectors"])
}

fn build() -> Result<()> {
    set_up()?;
    build_native(&[])
}

/// Formats, lints, types as the package's users see them, and what the tarball offers to each kind of import.
pub(crate) fn check() -> Result<()> {
    set_up()?;
    build_native(&[])?;
    npm("Node: checks", &["run", "check"])
}

/// The native file as it is shipped: what `npm run build` begins with.
pub(crate) fn native() -> Result<()> {
    build_native(&["--release"])
}

/// Calls per second beside `fetch` and `undici`. The native file is optimised for this, and stays so until the next `test`.
pub(crate) fn bench() -> Result<()> {
    set_up()?;
    native()?;
    npm("Node: build", &["run", "build:ts"])?;
    let mut benchmarks = Command::new("node");
    benchmarks.arg("benches/calls.mjs").current_dir(package());
    run("Node: benchmarks", benchmarks)
}

/// The tools as `package-lock.json` has them. They are installed once, and anew when that changes.
fn set_up() -> Result<()> {
    find_node()?;
    let wanted = package().join("package-lock.json");
    let wanted_text = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let installed = root().join("target").join("node").join("package-lock.json");
    if package().join("node_modules").exists()
        && fs::read_to_string(&installed).is_ok_and(|text| text == wanted_text)
    {
        return Ok(());
    }
    npm("Node: tools", &["ci", "--no-audit", "--no-fund"])?;
    fs::create_dir_all(installed.parent().unwrap_or(&installed))
        .and_then(|()| fs::write(&installed, wanted_text))
        .with_context(|| installed.display().to_string())
}

/// Whether Node and npm are here, and new enough.
fn find_node() -> Result<()> {
    let Some(version) = version_of("node") else {
        bail!("Node is missing: install Node {OLDEST} or later");
    };
    let major = version.trim_start_matches('v').split('.').next();
    if major
        .and_then(|major| major.parse::<u32>().ok())
        .is_none_or(|major| major < OLDEST)
    {
        bail!("Node {OLDEST} or later is needed, and `node` is {version}");
    }
    if version_of(NPM).is_none() {
        bail!(
            "npm is missing: Node's own installers bring it, some systems' packages have it apart"
        );
    }
    Ok(())
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(version)
}

/// Builds the native module and puts it where the package loads it from.
///
/// It is built like everything else in the workspace, which shares its artefacts: `napi build` would compile all of them again
/// for a target that it names.
fn build_native(options: &[&str]) -> Result<()> {
    eprintln!("── Node: native module");
    let mut build = cargo(&[
        "build",
        "--package",
        "midjourney-imagine-node",
        "--message-format",
        "json-render-diagnostics",
    ]);
    build
        .args(options)
        .current_dir(root())
        .stderr(Stdio::inherit());
    let output = build.output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("the native module cannot be built ({})", output.status);
    }
    let library = String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(library)
        .context("cargo names no library of midjourney-imagine-node")?;
    let folder = package().join("native");
    let target = folder.join(format!("midjourney-imagine.{}.node", platform()));
    // Renamed into place: a Node process may have the old file open, and would crash if it changed underneath.
    let fresh = target.with_extension("fresh");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(&library, &fresh))
        .and_then(|_| fs::rename(&fresh, &target))
        .with_context(|| target.display().to_string())
}

/// The library that a line of cargo's messages tells of, if it is ours.
fn library(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact"
        || message["target"]["name"] != "midjourney_imagine_node"
    {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let extension = Path::new(std::env::consts::DLL_SUFFIX.trim_start_matches('.'));
    files
        .iter()
        .filter_map(Value::as_str)
        .map(PathBuf::from)
        .find(|file| file.extension() == Some(extension.as_os_str()))
}

/// This platform as the package's loader names it.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    let library = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!("{system}-{processor}{library}")
}

/// On Windows npm is a script, which is not found without its ending.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

fn npm(name: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(NPM);
    command.args(arguments).current_dir(package());
    run(name, command)
}

fn package() -> PathBuf {
    root().join("node")
}
