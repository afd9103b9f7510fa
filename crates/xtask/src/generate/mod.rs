//! `cargo xtask gen`: the data types, errors and commands of the other languages, from the Rust types. Only those: handles such as
//! clients, images and tasks are written by hand. What is generated is committed, and `--check` finds it out of date.

mod commands;
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
    for (path, text) in python::files(&model)
        .into_iter()
        .chain(typescript::files(&model))
        .chain(commands::files()?)
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
