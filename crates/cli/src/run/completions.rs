//! `mj completions`: the shell's script, on stdout.

use crate::args::{self, CompletionsArgs};
use crate::exit::Result;
use crate::output::print_bytes;

pub(super) fn run(arguments: &CompletionsArgs) -> Result<()> {
    print_bytes(&args::completions(arguments.shell))
}
