//! `cargo xtask gen`: the data types, options and errors of the other languages, from the Rust types; and the blocking half of
//! the Python client with the module's functions, from its asyncio half. All other handles are written by hand. What is
//! generated is committed, and `--check` finds it out of date.

mod blocking;
mod functions;
mod prose;
mod python;
mod schema;
mod typescript;

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Writes every generated file; with `check` it compares instead, and names those that differ.
pub(crate) fn generate(root: &Path, check: bool) -> Result<()> {
    let model = schema::Model::read()?;
    let mut stale = Vec::new();
    let asyncio = root.join("python/src/midjourney_imagine/aio.py");
    let asyncio =
        std::fs::read_to_string(&asyncio).with_context(|| asyncio.display().to_string())?;
    let client = blocking::half(&asyncio)?;
    let functions = functions::functions(&client);
    let halves = [
        ("python/src/midjourney_imagine/client.py", client),
        ("python/src/midjourney_imagine/_default.py", functions),
    ];
    for (path, text) in python::files(&model)
        .into_iter()
        .chain(halves)
        .chain(typescript::files(&model))
    {
        let target = root.join(path);
        if std::fs::read_to_string(&target).is_ok_and(|current| current == text) {
            continue;
        }
        if check {
            stale.push(path);
        } else {
            std::fs::write(&target, text).with_context(|| target.display().to_string())?;
            eprintln!("wrote {path}");
        }
    }
    if !stale.is_empty() {
        bail!("out of date: {}; run `cargo xtask gen`", stale.join(", "));
    }
    Ok(())
}
