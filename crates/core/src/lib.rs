//! The client for the Ace Data Cloud Midjourney Imagine API. It never pays twice, and it never loses a picture.
//!
//! ```no_run
//! use midjourney_imagine::Client;
//!
//! # async fn example() -> midjourney_imagine::Result<()> {
//! let client = Client::from_env()?; // ACEDATACLOUD_API_TOKEN
//! let grid = client.imagine("A cat sitting on a table").await?;
//! let cat = grid.upscale(2).await?;
//! cat.save("cat.png").await?;
//! # Ok(()) }
//! ```
//!
//! A [`Client`] sends; a [`Task`] is one generation, running or finished; an [`Image`] is a picture that the API made (the
//! 2×2 grid is one image); an [`Update`] is one observed step of a running generation.
//!
//! # Your money
//!
//! Every failure of a paid request is one of three. It was *not sent*: it is tried again. It was *refused*: it costs
//! nothing, and after a 429 it is tried again. Or its outcome is *unknown*: then it is never sent again, its task is picked
//! up where it has a name, and the error says so where it has none ([`Error::may_have_been_accepted`]).

#![forbid(unsafe_code)]

// From the ground up; each floor knows those before it.
mod error;
mod token;

mod mask;
mod model;
mod prompt;

mod service;

#[cfg(feature = "blocking")]
pub mod blocking;
mod client;
mod download;
mod image;
mod imagine;
mod save;
mod task;
mod updates;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

/// The Rust lines of the README and of the documents compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../../../docs/emulator.md")]
#[doc = include_str!("../../../docs/money.md")]
#[doc = include_str!("../../../docs/service-rust.md")]
struct Documents;

pub use client::Client;
pub use download::Download;
pub use error::{Error, ErrorKind, Result};
pub use image::Image;
pub use imagine::Imagine;
pub use mask::Mask;
pub use model::image::{Actions, ImageData};
pub use model::request::{ImagineRequest, Mode};
pub use model::task::{TaskData, TaskState};
pub use prompt::prompt_warnings;
pub use save::Save;
pub use service::settings::ClientBuilder;
pub use task::Task;
pub use updates::{Update, Updates};
