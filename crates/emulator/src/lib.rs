//! The emulator.

pub mod picture;
