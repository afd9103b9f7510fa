//! The Python package: its environment in the target folder, its build, its tests and its checks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::steps::{root, run};

/// The oldest Python that the tools of `requirements-dev.txt` run on; the package itself runs on 3.10.
const OLDEST: (u8, u8) = (3, 11);

/// Builds the package, and runs its tests on it.
pub(crate) fn test() -> Result<()> {
    let environment = Environment::with_the_package()?;
    environment.run("Python: tests", &["-m", "pytest", "--quiet"])
}

/// The vectors alone.
pub(crate) fn vectors() -> Result<()> {
    let environment = Environment::with_the_package()?;
    environment.run(
        "Python: vectors",
        &["-m", "pytest", "--quiet", "tests/test_vectors.py"],
    )
}

/// Formats, lints, types as the package's users see them, and the native module's stub beside the module itself.
pub(crate) fn check() -> Result<()> {
    let environment = Environment::with_the_package()?;
    environment.run(
        "Python: format",
        &["-m", "ruff", "format", "--check", "--quiet"],
    )?;
    environment.run("Python: lints", &["-m", "ruff", "check", "--quiet"])?;
    environment.run("Python: mypy", &["-m", "mypy"])?;
    environment.run(
        "Python: pyright",
        &[
            "-m",
            "pyright",
            "--pythonpath",
            &environment.python.to_string_lossy(),
        ],
    )?;
    environment.run(
        "Python: stub",
        &["-m", "mypy.stubtest", "midjourney_imagine._native"],
    )
}

/// Calls per second beside httpx and aiohttp. The native module is optimised for this, and stays so until the next `test`.
pub(crate) fn bench() -> Result<()> {
    let environment = Environment::ready()?;
    environment.install(&["--release"])?;
    environment.run("Python: benchmarks", &["benches/calls.py"])
}

/// A virtual environment of our own: nothing is installed anywhere else.
struct Environment {
    folder: PathBuf,
    python: PathBuf,
}

impl Environment {
    fn with_the_package() -> Result<Self> {
        let environment = Self::ready()?;
        environment.install(&[])?;
        Ok(environment)
    }

    /// The environment with all tools. It is made once, and anew when their versions change.
    fn ready() -> Result<Self> {
        let folder = root().join("target").join("python");
        let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let environment = Self {
            python: programs.join(format!("python{}", std::env::consts::EXE_SUFFIX)),
            folder,
        };
        let wanted = package().join("requirements-dev.txt");
        let wanted_text =
            fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
        let installed = environment.folder.join("requirements-dev.txt");
        if environment.python.exists()
            && fs::read_to_string(&installed).is_ok_and(|text| text == wanted_text)
        {
            return Ok(environment);
        }
        let mut create = Command::new(interpreter()?);
        create
            .args(["-m", "venv", "--clear"])
            .arg(&environment.folder);
        run("Python: an environment in target/python", create)?;
        let wanted = wanted.to_string_lossy();
        environment.run(
            "Python: tools",
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
                &wanted,
            ],
        )?;
        fs::write(&installed, wanted_text).with_context(|| installed.display().to_string())?;
        Ok(environment)
    }

    /// Builds the native module into the source folder, where the environment finds the package.
    fn install(&self, options: &[&str]) -> Result<()> {
        let mut arguments = vec!["-m", "maturin", "develop", "--quiet"];
        arguments.extend(options);
        self.run("Python: build", &arguments)
    }

    fn run(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.python);
        command
            .args(arguments)
            .env("VIRTUAL_ENV", &self.folder)
            .env_remove("PYTHONPATH");
        command.current_dir(package());
        run(name, command)
    }
}

fn package() -> PathBuf {
    root().join("python")
}

/// The Python to start from: `PYTHON` in the environment, else the one on the path.
fn interpreter() -> Result<String> {
    let default = if cfg!(windows) { "python" } else { "python3" };
    let name = std::env::var("PYTHON").unwrap_or_else(|_| default.to_owned());
    let (major, minor) = OLDEST;
    let question = format!("import sys, venv; sys.exit(sys.version_info < ({major}, {minor}))");
    let answer = Command::new(&name).args(["-c", &question]).output();
    match answer {
        Ok(answer) if answer.status.success() => Ok(name),
        Ok(_) => bail!(
            "{name} is older than Python {major}.{minor}, or has no `venv`; set PYTHON to one that will do"
        ),
        Err(_) => {
            bail!(
                "Python is missing: install Python {major}.{minor} or later, or set PYTHON to where it is"
            )
        }
    }
}
