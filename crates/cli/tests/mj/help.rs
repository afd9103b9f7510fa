//! The help of every command, as people see it. `TRYCMD=overwrite cargo test -p midjourney-imagine-cli --test mj help` writes
//! it anew.

use std::collections::BTreeMap;

use crate::support::{Run, mj};

#[test]
fn help_is_as_it_was() {
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("ACEDATACLOUD_API_TOKEN", "")
        .env("MJ_EMULATOR_STATE", "")
        .case("tests/help/*.trycmd");
}

/// What `mj` prints in a terminal of 80 columns.
fn said(arguments: &[&str]) -> String {
    let mut mj = mj(&std::env::temp_dir());
    Run::of(mj.env("COLUMNS", "80").args(arguments))
        .done()
        .stdout
}

/// Every command that `mj --help` lists, but for `help` itself.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let names: Vec<String> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    names
}

/// The names of the options that a help text explains.
fn options(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .filter_map(|line| match line.strip_prefix("      --") {
            Some(long_alone) => Some(long_alone),
            None => line
                .strip_prefix("  -")?
                .split_once(", --")
                .map(|(_, name)| name),
        })
        .filter_map(|line| line.split([' ', '.']).next())
}

#[test]
fn the_short_help_of_every_command_fits_a_screen() {
    let mut helps = vec![said(&["-h"])];
    helps.extend(commands().iter().map(|command| said(&[command, "-h"])));
    for help in helps {
        // One line is left for the shell's prompt, or the help scrolls its own first line away.
        assert!(help.lines().count() < 24, "{help}");
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn help_can_be_asked_for_in_two_ways() {
    assert_eq!(said(&["help"]), said(&["--help"]));
    for command in commands() {
        assert_eq!(said(&["help", &command]), said(&[&command, "--help"]));
    }
}

#[test]
fn an_option_is_explained_once() {
    let mut explained: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut explain = |help: &str, place: &str| {
        for option in options(help) {
            let places = explained.entry(option.to_owned()).or_default();
            places.push(place.to_owned());
        }
    };
    explain(&said(&["--help"]), "mj");
    for command in commands() {
        explain(&said(&[&command, "--help"]), &command);
    }
    assert_eq!(explained["base-url"], ["mj"]);
    assert_eq!(explained["mode"], ["imagine"]);
    assert_eq!(explained["speed"], ["emulator"]);
    // Every command has a help, and every picture a destination.
    explained.retain(|option, places| {
        !["help", "output"].contains(&option.as_str()) && places.len() > 1
    });
    assert_eq!(explained, BTreeMap::new());
}

#[test]
fn an_option_that_is_explained_elsewhere_is_suggested_and_completed() {
    for (command, misspelt, meant) in [
        (["upscale", "121", "1"].as_slice(), "--mod", "'--mode'"),
        (&["upscale", "121", "1"], "--jsn", "'--json'"),
        (&["reroll", "121"], "--base-ulr", "'--base-url'"),
        (&["emulator"], "--verbos", "'--verbose'"),
    ] {
        let mut mj = mj(&std::env::temp_dir());
        let run = Run::of(mj.args(command).arg(misspelt)).failed(2);
        run.says(&format!("a similar argument exists: {meant}"));
    }
    let script = said(&["completions", "fish"]);
    for command in ["imagine", "upscale", "task", "emulator"] {
        for option in ["base-url", "poll-interval", "emulator", "verbose"] {
            let line = format!("__fish_mj_using_subcommand {command}\" ");
            let completes = script
                .lines()
                .any(|text| text.contains(&line) && text.contains(&format!("-l {option} ")));
            assert!(completes, "{command} --{option}");
        }
    }
    assert!(script.contains("using_subcommand upscale\" -l mode "));
}
