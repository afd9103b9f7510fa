//! Real pixels for emulated pictures: a pure function from a [`Recipe`] to bytes.
//!
//! A recipe is the log of how a picture came about (the prompt, the seed, each action since), small enough to keep
//! for every image of a run; nothing is drawn until somebody fetches a file. The same recipe gives the same bytes on
//! every machine: all randomness is hashed from the recipe, and the arithmetic keeps to `+ - * /` and `sqrt`.
//!
//! Not here: image ids, URLs, which action is offered when. That is the server's business.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels, levels and lattice cells go from whole numbers to f32 and back all the time, within bounds"
)]

mod canvas;
mod colour;
mod dice;
mod lineage;
mod mark;
mod mask;
mod recipe;
mod scene;
mod trace;
mod view;

#[cfg(test)]
mod tests;

pub use mask::RegionMask;
pub use recipe::{Direction, Enlargement, Recipe, Strength, ZoomFactor};
pub use view::{Rendered, View};
