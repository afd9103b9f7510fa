//! What the emulator remembers of a picture: a log that the painter draws from whenever somebody fetches a file.

mod mask;
mod recipe;

#[cfg(test)]
mod tests;

pub(crate) use mask::RegionMask;
pub(crate) use midjourney_imagine_painter::{
    Direction, Enlargement, Rendered, Strength, View, ZoomFactor,
};
pub(crate) use recipe::Recipe;
