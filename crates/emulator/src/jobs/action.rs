//! What can be done with a picture: which actions each kind of picture offers, and what they make of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::picture::{Direction, Enlargement, Recipe, RegionMask, Strength, ZoomFactor};

/// What kind of picture it is, which decides the actions that it offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Four tiles.
    Grid,
    /// One tile of a grid.
    Single,
    /// A single made larger; holds what it was made from, for the `redo_…` actions.
    Enlarged { from: Arc<Recipe> },
}

/// A picture that actions are carried out on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub(crate) recipe: Arc<Recipe>,
    pub(crate) kind: Kind,
    /// Made by model version 6 or later, whose upscaled pictures offer other actions.
    pub(crate) modern: bool,
    /// Bytes of the masks in its lineage: the one part of a recipe that can be large.
    pub(crate) mask_bytes: usize,
}

/// What an offered action makes.
#[derive(Clone, Copy, Debug)]
enum Effect {
    Upscale(u8),
    Enlarge(Enlargement),
    Reroll,
    Variation(Option<u8>, Strength),
    ZoomOut(ZoomFactor),
    Pan(Direction),
    Square,
}

type Offer = (&'static str, Effect);

const GRID: &[Offer] = &[
    ("upscale1", Effect::Upscale(1)),
    ("upscale2", Effect::Upscale(2)),
    ("upscale3", Effect::Upscale(3)),
    ("upscale4", Effect::Upscale(4)),
    ("reroll", Effect::Reroll),
    ("variation1", Effect::Variation(Some(1), Strength::Standard)),
    ("variation2", Effect::Variation(Some(2), Strength::Standard)),
    ("variation3", Effect::Variation(Some(3), Strength::Standard)),
    ("variation4", Effect::Variation(Some(4), Strength::Standard)),
];
const SINGLE: &[Offer] = &[
    ("upscale_2x", Effect::Enlarge(Enlargement::X2)),
    ("upscale_4x", Effect::Enlarge(Enlargement::X4)),
];
const MODERN_SINGLE: &[Offer] = &[
    ("upscale_subtle", Effect::Enlarge(Enlargement::Subtle)),
    ("upscale_creative", Effect::Enlarge(Enlargement::Creative)),
];
const ENLARGED: &[Offer] = &[
    ("redo_upscale_2x", Effect::Enlarge(Enlargement::X2)),
    ("redo_upscale_4x", Effect::Enlarge(Enlargement::X4)),
];
const MODERN_ENLARGED: &[Offer] = &[
    ("redo_upscale_subtle", Effect::Enlarge(Enlargement::Subtle)),
    (
        "redo_upscale_creative",
        Effect::Enlarge(Enlargement::Creative),
    ),
];
const ONE_PICTURE: &[Offer] = &[
    (
        "variation_subtle",
        Effect::Variation(None, Strength::Subtle),
    ),
    (
        "variation_strong",
        Effect::Variation(None, Strength::Strong),
    ),
    ("zoom_out_2x", Effect::ZoomOut(ZoomFactor::X2)),
    ("zoom_out_1_5x", Effect::ZoomOut(ZoomFactor::X1_5)),
    ("pan_left", Effect::Pan(Direction::Left)),
    ("pan_right", Effect::Pan(Direction::Right)),
    ("pan_up", Effect::Pan(Direction::Up)),
    ("pan_down", Effect::Pan(Direction::Down)),
];
const SQUARE: &[Offer] = &[("square", Effect::Square)];

/// The action that is never listed and always accepted.
pub(crate) const VARIATION_REGION: &str = "variation_region";

impl Picture {
    /// The new grid of a prompt.
    pub(crate) fn generate(prompt: &str, seed: u64, aspect: (u32, u32), modern: bool) -> Self {
        Self {
            recipe: Arc::new(Recipe::generate(prompt, seed, aspect)),
            kind: Kind::Grid,
            modern,
            mask_bytes: 0,
        }
    }

    /// The names of the actions that this picture lists, in the service's order.
    pub(crate) fn offered(&self) -> Vec<&'static str> {
        self.offers().map(|(name, _)| *name).collect()
    }

    fn offers(&self) -> impl Iterator<Item = &'static Offer> {
        let (width, height) = self.recipe.size();
        let square = if self.modern && width != height {
            SQUARE
        } else {
            &[]
        };
        let parts = match (&self.kind, self.modern) {
            (Kind::Grid, _) => [GRID, &[], &[]],
            (Kind::Single, false) => [SINGLE, ONE_PICTURE, square],
            (Kind::Single, true) => [MODERN_SINGLE, ONE_PICTURE, square],
            (Kind::Enlarged { .. }, false) => [ENLARGED, ONE_PICTURE, square],
            (Kind::Enlarged { .. }, true) => [MODERN_ENLARGED, ONE_PICTURE, square],
        };
        parts.into_iter().flatten()
    }

    /// What an offered action makes of this picture; nothing when the action is not one of [`Self::offered`].
    pub(crate) fn act(&self, action: &str, seed: u64) -> Option<Self> {
        let (_, effect) = self.offers().find(|(name, _)| *name == action)?;
        let recipe = &self.recipe;
        let grid = match *effect {
            Effect::Upscale(tile) => return Some(self.derived(recipe.upscale(tile), Kind::Single)),
            Effect::Enlarge(by) => return Some(self.enlarged(by)),
            Effect::Reroll => recipe.reroll(seed),
            Effect::Variation(tile, strength) => recipe.variation(tile, strength, seed),
            Effect::ZoomOut(factor) => recipe.zoom_out(factor, seed),
            Effect::Pan(direction) => recipe.pan(direction, seed),
            Effect::Square => recipe.square(seed),
        };
        Some(self.derived(grid, Kind::Grid))
    }

    /// This picture with an area drawn anew.
    pub(crate) fn region(&self, mask: RegionMask, prompt: &str, seed: u64) -> Self {
        let (width, height) = mask.size();
        // A mask takes one bit a pixel.
        let mask_bytes = self.mask_bytes + (width as usize * height as usize) / 8;
        Self {
            mask_bytes,
            ..self.derived(self.recipe.region(mask, prompt, seed), Kind::Grid)
        }
    }

    fn enlarged(&self, by: Enlargement) -> Self {
        let from = match &self.kind {
            Kind::Enlarged { from } => from,
            Kind::Grid | Kind::Single => &self.recipe,
        };
        self.derived(
            from.enlarge(by),
            Kind::Enlarged {
                from: Arc::clone(from),
            },
        )
    }

    fn derived(&self, recipe: Recipe, kind: Kind) -> Self {
        Self {
            recipe: Arc::new(recipe),
            kind,
            modern: self.modern,
            mask_bytes: self.mask_bytes,
        }
    }
}

/// Whether an action is a quick one: the service upscales in less time than it varies.
pub(crate) fn is_quick(action: &str) -> bool {
    action.starts_with("upscale") || action.starts_with("redo_upscale")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offered_action_is_carried_out() {
        for modern in [false, true] {
            let grid = Picture::generate("a cat --ar 16:9", 1, (16, 9), modern);
            let single = grid.act("upscale2", 2).unwrap();
            let enlarged = single.act(single.offered()[0], 3).unwrap();
            for picture in [&grid, &single, &enlarged] {
                for action in picture.offered() {
                    assert!(picture.act(action, 4).is_some(), "{action}");
                }
                assert!(picture.act(VARIATION_REGION, 4).is_none());
                assert!(picture.act("vary", 4).is_none());
            }
            assert!(matches!(enlarged.kind, Kind::Enlarged { .. }));
            assert_eq!(single.offered().contains(&"square"), modern);
        }
    }

    #[test]
    fn redoing_an_upscale_starts_from_what_was_upscaled() {
        let single = Picture::generate("a cat", 1, (1, 1), false)
            .act("upscale1", 2)
            .unwrap();
        let twice = single.act("upscale_2x", 3).unwrap();
        let redone = twice.act("redo_upscale_4x", 4).unwrap();
        assert_eq!(redone.recipe, single.act("upscale_4x", 5).unwrap().recipe);
    }
}
