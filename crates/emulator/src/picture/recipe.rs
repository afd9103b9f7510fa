//! What a picture is made of: the log of a prompt and every action since. The painter draws what comes of it.

use serde::{Deserialize, Serialize};

use midjourney_imagine_painter::{
    Direction, Enlargement, Picture, Rendered, Strength, View, ZoomFactor,
};

use super::RegionMask;

/// One action since the prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Tile(u8),
    Vary {
        tile: Option<u8>,
        strength: Strength,
        seed: u64,
    },
    Region {
        mask: RegionMask,
        prompt: String,
        seed: u64,
    },
    ZoomOut {
        factor: ZoomFactor,
        seed: u64,
    },
    Pan {
        direction: Direction,
        seed: u64,
    },
    Square {
        seed: u64,
    },
    Enlarge(Enlargement),
}

impl Action {
    fn makes_grid(&self) -> bool {
        !matches!(self, Self::Tile(_) | Self::Enlarge(_))
    }
}

/// What a picture is made of: enough to draw it at any time, on any machine, to the same byte.
///
/// A recipe is either a grid (2×2 tiles of one size, numbered 1 top left, 2 top right, 3 bottom left, 4 bottom right)
/// or a single picture. It is a few hundred bytes in serde's forms, whatever the length of its lineage; only masks
/// add to that.
///
/// No method fails. Which action a picture offers is for the caller to check; an action that makes no sense for a
/// picture (upscaling a single, a tile number outside 1..=4) does the nearest thing that does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipe {
    prompt: String,
    seed: u64,
    /// Width and height of the prompt's aspect ratio.
    aspect: (u32, u32),
    pub(super) actions: Vec<Action>,
}

impl Recipe {
    /// A grid for a prompt. Flags (`--ar 16:9`) and leading picture URLs in the prompt are not drawn; the aspect ratio
    /// is `aspect`, held within 1:4 and 4:1 (a zero counts as 1).
    pub(crate) fn generate(prompt: &str, seed: u64, aspect: (u32, u32)) -> Self {
        Self {
            prompt: prompt.to_owned(),
            seed,
            aspect,
            actions: Vec::new(),
        }
    }

    /// A grid made as this one was, from another seed: the same subject and palette, composed anew. For a grid of
    /// pans, zooms or regions it repeats that step; for a single, it repeats the grid that it was taken from.
    pub(crate) fn reroll(&self, seed: u64) -> Self {
        let mut rerolled = self.clone();
        while rerolled.actions.pop_if(|last| !last.makes_grid()).is_some() {}
        match rerolled.actions.last_mut() {
            None => rerolled.seed = seed,
            Some(
                Action::Vary { seed: last, .. }
                | Action::Region { seed: last, .. }
                | Action::ZoomOut { seed: last, .. }
                | Action::Pan { seed: last, .. }
                | Action::Square { seed: last },
            ) => *last = seed,
            Some(Action::Tile(_) | Action::Enlarge(_)) => {}
        }
        rerolled
    }

    /// A grid related to one tile (1..=4) of this grid, or to this single picture (`tile` is `None`).
    pub(crate) fn variation(&self, tile: Option<u8>, strength: Strength, seed: u64) -> Self {
        self.then(Action::Vary {
            tile,
            strength,
            seed,
        })
    }

    /// A grid in which only the mask's white area differs from this picture; the area is drawn from `prompt`, or
    /// from this picture's own prompt when it is blank.
    ///
    /// For a grid the mask covers the whole grid. For a single it covers the single, and each of the four tiles is
    /// that picture with the area drawn in another way. A mask of another size is scaled, nearest neighbour.
    pub(crate) fn region(&self, mask: RegionMask, prompt: &str, seed: u64) -> Self {
        self.then(Action::Region {
            mask,
            prompt: prompt.to_owned(),
            seed,
        })
    }

    /// A grid whose tiles each hold this single picture, smaller and exactly centred, with new surroundings.
    pub(crate) fn zoom_out(&self, factor: ZoomFactor, seed: u64) -> Self {
        self.then(Action::ZoomOut { factor, seed })
    }

    /// A grid whose tiles each continue this single picture to one side: the canvas grows by half on that axis, and
    /// the source stays as it is, to the pixel.
    ///
    /// A tile grows to at most 3072 pixels a side and 1536² in all; past that the picture scrolls, and what falls off
    /// the far side is lost.
    pub(crate) fn pan(&self, direction: Direction, seed: u64) -> Self {
        self.then(Action::Pan { direction, seed })
    }

    /// A grid whose tiles each continue this single picture to 1:1, the source in the middle. A square source comes
    /// back unchanged, four times.
    pub(crate) fn square(&self, seed: u64) -> Self {
        self.then(Action::Square { seed })
    }

    /// One tile (1..=4) of this grid as a single picture, pixel for pixel.
    pub(crate) fn upscale(&self, tile: u8) -> Self {
        if self.is_grid() {
            self.then(Action::Tile(tile.clamp(1, 4)))
        } else {
            self.clone()
        }
    }

    /// This single picture, larger: at most 4096 pixels a side, the ratio kept.
    ///
    /// A grid made from an enlarged picture starts from the picture as it was before it was enlarged, so that grids
    /// stay within bounds.
    pub(crate) fn enlarge(&self, by: Enlargement) -> Self {
        if self.is_grid() {
            self.upscale(1).enlarge(by)
        } else {
            self.then(Action::Enlarge(by))
        }
    }

    fn then(&self, action: Action) -> Self {
        let mut next = self.clone();
        next.actions.push(action);
        next
    }

    /// The action that made the picture, and the seed that it was made with.
    fn last_action(&self) -> (&'static str, u64) {
        let seed = self.actions.iter().rev().find_map(|action| match action {
            Action::Vary { seed, .. }
            | Action::Region { seed, .. }
            | Action::ZoomOut { seed, .. }
            | Action::Pan { seed, .. }
            | Action::Square { seed } => Some(*seed),
            Action::Tile(_) | Action::Enlarge(_) => None,
        });
        let name = match self.actions.last() {
            None => "generate",
            Some(Action::Tile(_)) => "upscale",
            Some(Action::Vary { .. }) => "variation",
            Some(Action::Region { .. }) => "variation_region",
            Some(Action::ZoomOut { .. }) => "zoom_out",
            Some(Action::Pan { .. }) => "pan",
            Some(Action::Square { .. }) => "square",
            Some(Action::Enlarge(_)) => "enlarge",
        };
        (name, seed.unwrap_or(self.seed))
    }

    /// Whether this is a grid of four tiles rather than a single picture.
    pub(crate) fn is_grid(&self) -> bool {
        self.actions.last().is_none_or(Action::makes_grid)
    }

    /// What the painter draws.
    pub(crate) fn picture(&self) -> Picture {
        let first = Picture::generate(&self.prompt, self.seed, self.aspect);
        let after = |picture: Picture, action: &Action| match action {
            Action::Tile(tile) => picture.upscale(*tile),
            Action::Vary {
                tile,
                strength,
                seed,
            } => picture.variation(*tile, *strength, *seed),
            Action::Region { mask, prompt, seed } => picture.region(&mask.0, prompt, *seed),
            Action::ZoomOut { factor, seed } => picture.zoom_out(*factor, *seed),
            Action::Pan { direction, seed } => picture.pan(*direction, *seed),
            Action::Square { seed } => picture.square(*seed),
            Action::Enlarge(by) => picture.enlarge(*by),
        };
        self.actions.iter().fold(first, after)
    }

    /// Width and height of the raw picture, in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.picture().size()
    }

    /// Width and height of one file of the picture, in pixels. Draws nothing.
    pub(crate) fn view_size(&self, view: View) -> (u32, u32) {
        self.picture().view_size(view)
    }

    /// Draws and encodes one file of the picture, with the overlay if it is asked for: call it off the async threads.
    pub(crate) fn render(&self, view: View, overlay: bool) -> Rendered {
        let picture = self.picture();
        if overlay {
            let (action, seed) = self.last_action();
            picture.render_with_overlay(view, &self.prompt, &format!("{action}  seed {seed}"))
        } else {
            picture.render(view)
        }
    }
}
