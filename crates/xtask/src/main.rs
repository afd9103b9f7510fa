//! The developer commands. Each runs the field's own tools with the project's settings; none of them knows the protocol.

#![forbid(unsafe_code)]

mod conformance;
mod generate;
mod node;
mod python;
mod steps;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command> [rust | python | node]

  test         run every test; what is missing is set up first
  conformance  run the vectors in every language, and compare what was run; a part of `test`
  check        formats, lints, documents, licences: everything that needs no test to run
  gen          what is generated of the Python and Node packages, such as data types and errors; with --check only compares
  native       the Node package's native file as it is shipped; a part of `npm run build`
  bench        measurements beside other clients

With `rust`, `python` or `node`, `test`, `check` and `bench` do one language's part.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["test"] => conformance::begin()
            .and_then(|()| steps::test())
            .and_then(|()| python::test())
            .and_then(|()| node::test())
            .and_then(|()| conformance::compare()),
        ["conformance"] => conformance::begin()
            .and_then(|()| steps::vectors())
            .and_then(|()| python::vectors())
            .and_then(|()| node::vectors())
            .and_then(|()| conformance::compare()),
        ["test", "rust"] => conformance::begin().and_then(|()| steps::test()),
        ["test", "python"] => conformance::begin().and_then(|()| python::test()),
        ["test", "node"] => conformance::begin().and_then(|()| node::test()),
        ["check"] => steps::check()
            .and_then(|()| python::check())
            .and_then(|()| node::check()),
        ["check", "rust"] => steps::check(),
        ["check", "python"] => python::check(),
        ["check", "node"] => node::check(),
        ["gen"] => steps::generate(),
        ["gen", "--check"] => steps::generated_is_current(),
        ["native"] => node::native(),
        ["bench"] => steps::bench()
            .and_then(|()| python::bench())
            .and_then(|()| node::bench()),
        ["bench", "rust"] => steps::bench(),
        ["bench", "python"] => python::bench(),
        ["bench", "node"] => node::bench(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
