//! What can be done with a picture: which actions each kind of picture offers, and what they make of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::picture::{Direction, Enlargement, Recipe, RegionMask, Strength, ZoomFactor};

/// What a picture is, as far as the actions on it are concerned.
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

/// A picture as the actions see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub(crate) recipe: Arc<Recipe>,
    pub(crate) kind: Kind,
    /// Made by model version 6 or later, whose upscaled pictures offer other actions.
    pub(crate) modern: bool,
    /// Bytes of the masks in its lineage: the one part of a recipe that can be large.
    pub(crate) mask_bytes: usize,
}

const GRID: [&str; 9] = [
    "upscale1",
    "upscale2",
    "upscale3",
    "upscale4",
    "reroll",
    "variation1",
    "variation2",
    "variation3",
    "variation4",
];
const AROUND: [&str; 8] = [
    "variation_subtle",
    "variation_strong",
    "zoom_out_2x",
    "zoom_out_1_5x",
    "pan_left",
    "pan_right",
    "pan_up",
    "pan_down",
];

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

    /// The actions that this picture lists, in the service's order.
    pub(crate) fn offered(&self) -> Vec<&'static str> {
        let mut actions = match (&self.kind, self.modern) {
            (Kind::Grid, _) => return GRID.to_vec(),
            (Kind::Single, false) => vec!["upscale_2x", "upscale_4x"],
            (Kind::Single, true) => vec!["upscale_subtle", "upscale_creative"],
            (Kind::Enlarged { .. }, false) => vec!["redo_upscale_2x", "redo_upscale_4x"],
            (Kind::Enlarged { .. }, true) => vec!["redo_upscale_subtle", "redo_upscale_creative"],
        };
        actions.extend(AROUND);
        let (width, height) = self.recipe.size();
        if self.modern && width != height {
            actions.push("square");
        }
        actions
    }

    /// What an offered action makes of this picture; nothing when the action is not one of [`Self::offered`].
    pub(crate) fn act(&self, action: &str, seed: u64) -> Option<Self> {
        if !self.offered().contains(&action) {
            return None;
        }
        let grid = |recipe| Some(self.derived(recipe, Kind::Grid));
        let recipe = &self.recipe;
        match action {
            "reroll" => grid(recipe.reroll(seed)),
            "variation_subtle" => grid(recipe.variation(None, Strength::Subtle, seed)),
            "variation_strong" => grid(recipe.variation(None, Strength::Strong, seed)),
            "zoom_out_2x" => grid(recipe.zoom_out(ZoomFactor::X2, seed)),
            "zoom_out_1_5x" => grid(recipe.zoom_out(ZoomFactor::X1_5, seed)),
            "pan_left" => grid(recipe.pan(Direction::Left, seed)),
            "pan_right" => grid(recipe.pan(Direction::Right, seed)),
            "pan_up" => grid(recipe.pan(Direction::Up, seed)),
            "pan_down" => grid(recipe.pan(Direction::Down, seed)),
            "square" => grid(recipe.square(seed)),
            "upscale_2x" | "redo_upscale_2x" => Some(self.enlarged(Enlargement::X2)),
            "upscale_4x" | "redo_upscale_4x" => Some(self.enlarged(Enlargement::X4)),
            "upscale_subtle" | "redo_upscale_subtle" => Some(self.enlarged(Enlargement::Subtle)),
            "upscale_creative" | "redo_upscale_creative" => {
                Some(self.enlarged(Enlargement::Creative))
            }
            _ => {
                let tile = action.as_bytes().last()? - b'0';
                if action.starts_with("upscale") {
                    Some(self.derived(recipe.upscale(tile), Kind::Single))
                } else {
                    grid(recipe.variation(Some(tile), Strength::Standard, seed))
                }
            }
        }
    }

    /// This picture with an area drawn anew.
    pub(crate) fn region(&self, mask: RegionMask, prompt: &str, seed: u64) -> Self {
        let (width, height) = mask.size();
        // A mask keeps one bit a pixel.
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
