//! The native module of the Node package. It hands JSON text and bytes over the border, and decides on which thread that
//! happens; names, defaults and documentation are the package's own, in TypeScript.

#![expect(
    clippy::needless_pass_by_value,
    reason = "napi hands arguments over by value"
)]

mod client;
mod completion;
mod emulator;
mod reply;
mod stream;

use midjourney_imagine_bridge as bridge;
use napi_derive::{module_init, napi};

use crate::reply::{Thrown, exact, refusal};

/// The version of this file; the loader compares it with the package's.
#[napi]
pub const VERSION: &str = bridge::VERSION;

/// Once for the whole process, however many threads load the module.
#[module_init]
fn init() {
    bridge::install_log();
}

/// What an image's JSON says by itself.
#[napi]
pub fn inspect(image: String) -> Result<String, Thrown> {
    let told = bridge::inspect(&image).map_err(|error| refusal(&error))?;
    Ok(exact(&told).into_owned())
}

/// The media type of a picture file's content.
#[napi]
#[must_use]
pub fn media_type(content: &[u8]) -> &'static str {
    bridge::media_type(content)
}
