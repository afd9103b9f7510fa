#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels and levels go from whole numbers to f32 and back all the time, within bounds"
)]

mod colour;
mod dice;
mod figure;
mod frame;
mod light;
mod mark;
mod mask;
mod overlay;
mod picture;
mod scene;
mod trace;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use mask::Mask;
pub use picture::{Direction, Enlargement, Picture, Strength, ZoomFactor};
pub use view::{Rendered, View};
