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
mod lineage;
mod mark;
mod mask;
mod overlay;
mod recipe;
mod scene;
mod trace;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use mask::RegionMask;
pub use recipe::{Direction, Enlargement, Recipe, Strength, ZoomFactor};
pub use view::{Rendered, View};
