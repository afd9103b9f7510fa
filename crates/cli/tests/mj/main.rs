//! `mj` as people and scripts use it: a process of its own, against an emulator. One program, so that it is linked once.

mod emulated;
mod exit_codes;
mod help;
#[cfg(unix)]
mod interrupted;
mod output;
mod support;
#[cfg(unix)]
mod terminal;
