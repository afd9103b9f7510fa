//! What the Python and Node bindings share. JSON text goes in, JSON text comes out, and a handle stays; names, defaults and
//! documentation belong to the host packages, the protocol to the core.
//!
//! All work of all clients runs on one thread of this process ([`Runtime`]). A host starts a call with a [`Listener`], is told
//! [`Event`]s from that thread, and ends the call by dropping [`Running`].

#![forbid(unsafe_code)]

mod arguments;
mod client;
mod command;
mod emulator;
mod event;
mod failure;
mod log;
mod process;
mod runtime;
mod stream;

pub use client::{Client, inspect};
pub use emulator::Emulator;
pub use event::{Call, Event, Listener, LogLevel, LogRecord, Pulled, Reply};
pub use failure::payload;
pub use log::install as install_log;
pub use midjourney_imagine::{Error, ErrorKind, media_type};
pub use process::PerProcess;
pub use runtime::{Paused, Running, Runtime};
pub use stream::Stream;

/// The JSON Schemas of all that hosts write, under the names of their types: what the types of the host languages are generated
/// from.
#[must_use]
pub fn schemas() -> serde_json::Map<String, serde_json::Value> {
    let mut generator = schemars::SchemaGenerator::default();
    generator.subschema_for::<client::ClientSettings>();
    generator.subschema_for::<command::Command>();
    generator.subschema_for::<command::StreamCommand>();
    generator.subschema_for::<emulator::EmulatorSettings>();
    generator.subschema_for::<emulator::EmulatorCommand>();
    generator.take_definitions(true)
}

/// The version of all packages of this project.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
