//! Whether the clients of all languages have run the same cases: those of `tests/vectors`, each of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::steps::root;

/// The variable that tells the runners where to say what they have run.
pub(crate) const EXECUTED: &str = "MJ_EXECUTED_IDS";

/// Who runs the vectors, by the name of the file that they leave.
const RUNNERS: [&str; 4] = ["rust", "python-Client", "python-AsyncClient", "node"];

/// What a runner has said of a case: nothing when it ran, else why it was skipped.
type Said = BTreeMap<String, Option<String>>;

/// Where the runners say what they have run.
pub(crate) fn folder() -> PathBuf {
    root().join("target").join("conformance")
}

/// Forgets what was said before.
pub(crate) fn begin() -> Result<()> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())
}

/// Compares what the runners have said with the cases that there are.
pub(crate) fn compare() -> Result<()> {
    eprintln!("── conformance");
    let cases = cases()?;
    let mut said = Vec::new();
    for runner in RUNNERS {
        let path = folder().join(runner);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{runner} has not run the vectors: {}", path.display()))?;
        said.push((runner, read(&text)));
    }
    let problems = differences(&cases, &said);
    if !problems.is_empty() {
        bail!("the runners differ:\n{problems}");
    }
    eprintln!("{} cases, by {}", cases.len(), RUNNERS.join(", "));
    Ok(())
}

/// The ids of all cases, from all files that hold any.
fn cases() -> Result<Vec<String>> {
    let folder = root().join("tests").join("vectors");
    let mut ids = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = fs::read_to_string(&path)?;
            let rows: Vec<Value> =
                serde_json::from_str(&text).with_context(|| path.display().to_string())?;
            // The table of kinds is no case.
            ids.extend(
                rows.iter()
                    .filter_map(|row| Some(row["id"].as_str()?.to_owned())),
            );
        }
    }
    Ok(ids)
}

fn read(text: &str) -> Said {
    text.lines()
        .map(|line| match line.split_once('\t') {
            Some((id, reason)) => (id.to_owned(), Some(reason.trim().to_owned())),
            None => (line.to_owned(), None),
        })
        .collect()
}

/// What is wrong, a line for each runner and case. A case that cannot be run in one language may be skipped, with its reason.
fn differences(cases: &[String], said: &[(&str, Said)]) -> String {
    let mut problems = String::new();
    for (runner, said) in said {
        for id in cases {
            let problem = match said.get(id) {
                Some(None) => continue,
                Some(Some(reason)) if !reason.is_empty() => {
                    eprintln!("{runner} skips {id}: {reason}");
                    continue;
                }
                Some(Some(_)) => "skipped without a reason",
                None => "not run",
            };
            _ = writeln!(problems, "  {runner}: {id}: {problem}");
        }
        for id in said.keys().filter(|id| !cases.contains(id)) {
            _ = writeln!(problems, "  {runner}: {id}: there is no such case");
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{differences, read};

    fn judge(said: &str) -> String {
        differences(
            &["a/1".to_owned(), "a/2".to_owned()],
            &[("node", read(said))],
        )
    }

    #[test]
    fn each_case_must_be_run_or_skipped_for_a_reason() {
        assert_eq!(judge("a/2\na/1\n"), "");
        assert_eq!(judge("a/1\na/2\tskipped: no such thing here"), "");
        assert_eq!(judge("a/1"), "  node: a/2: not run\n");
        assert_eq!(
            judge("a/1\na/2\t "),
            "  node: a/2: skipped without a reason\n"
        );
        assert_eq!(
            judge("a/1\na/2\na/3"),
            "  node: a/3: there is no such case\n"
        );
    }
}
