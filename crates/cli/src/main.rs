//! The `mj` command.

fn main() {}
