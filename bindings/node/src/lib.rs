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

/// An image's JSON as it is written everywhere.
#[napi]
pub fn read_image(text: String) -> Result<String, Thrown> {
    let image = bridge::read_image(&text).map_err(|error| refusal(&error))?;
    Ok(exact(&image).into_owned())
}

/// When an image's signed URL ends, as ISO 8601 text in UTC.
#[napi]
pub fn expires_at(image: String) -> Result<Option<String>, Thrown> {
    bridge::expires_at(&image).map_err(|error| refusal(&error))
}
