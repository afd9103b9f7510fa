//! A picture: what each tile is, how large, and by which steps it follows from its ancestors. `trace` draws it.

use std::{array, sync::Arc};

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::{dice::mix, mask::Mask, scene::Scene, words::Words};

/// How far a variation departs from its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// `variation_subtle`: the same picture with small shifts.
    Subtle,
    /// `variation1` … `variation4`.
    Standard,
    /// `variation_strong`: the same subject, composed anew.
    Strong,
}

/// How much more of the surroundings a zoom shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoomFactor {
    /// `zoom_out_1_5x`: the source at two thirds of its size.
    #[serde(rename = "x1_5")]
    X1_5,
    /// `zoom_out_2x`: the source at half its size.
    X2,
}

/// The side on which a pan continues the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// `pan_left`.
    Left,
    /// `pan_right`.
    Right,
    /// `pan_up`.
    Up,
    /// `pan_down`.
    Down,
}

/// How a single picture is made larger. No side ever exceeds 4096 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enlargement {
    /// `upscale_2x`.
    X2,
    /// `upscale_4x`.
    X4,
    /// `upscale_subtle`: twice the size.
    Subtle,
    /// `upscale_creative`: twice the size, with detail that the source does not have.
    Creative,
}

/// The longest side of a tile that pans have widened, in pixels.
const MAX_TILE_SIDE: u32 = 3264;
/// The most pixels of such a tile.
const MAX_TILE_AREA: u32 = 1664 * 1664;
/// The longest side of an enlarged picture, in pixels.
const MAX_ENLARGED_SIDE: u32 = 4096;
/// The side of a tile of 1:1, and of what `square` makes, in pixels.
const SQUARE: u32 = 1024;

/// Width and height of a tile in pixels, for an aspect ratio.
///
/// 1:1 is 1024×1024 and 16:9 is 1456×816, as the service makes them; the others are between, in multiples of 16.
fn tile_size((width, height): (u32, u32)) -> (u32, u32) {
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let ratio = (width.max(height) / width.min(height)).min(4.0);
    let widest = 16.0 / 9.0;
    let growth = ((ratio - 1.0) / (widest - 1.0)).min(1.0) * 0.133;
    let area = f64::from(SQUARE * SQUARE) * (1.0 + growth);
    let sixteenths = |side: f64| ((side / 16.0).round() * 16.0) as u32;
    let long = sixteenths((area * ratio).sqrt());
    let short = sixteenths(f64::from(long) / ratio);
    if width >= height {
        (long, short)
    } else {
        (short, long)
    }
}

/// A step from one picture to the next.
#[derive(Clone, PartialEq)]
pub(crate) enum Step {
    /// The picture so far, `shown` large, its corner `at` on a new canvas, and around it more of the same world.
    Extend {
        canvas: (u32, u32),
        shown: (u32, u32),
        at: (i64, i64),
        seed: u64,
    },
    /// A mask's white area drawn from another scene.
    Redraw { scene: Scene, area: Area },
}

/// The part of a mask that covers one picture: the mask covers a picture `whole` large, of which this one, `tile`
/// large, is the part that starts at `corner`.
#[derive(Clone, PartialEq)]
pub(crate) struct Area {
    pub(crate) mask: Arc<Mask>,
    pub(crate) whole: (u32, u32),
    pub(crate) corner: (u32, u32),
    pub(crate) tile: (u32, u32),
}

/// One tile, or a picture made from one.
#[derive(Clone)]
pub(crate) struct Single {
    pub(crate) scene: Scene,
    /// The size that the scene was composed for.
    pub(crate) first: (u32, u32),
    pub(crate) steps: Vec<Step>,
    /// The size after all steps.
    pub(crate) size: (u32, u32),
    pub(crate) enlarged: Vec<Enlargement>,
}

/// A picture that can be drawn at any time: how it came about, resolved to scenes and steps.
///
/// It is either a grid (2×2 tiles of one size, numbered 1 top left, 2 top right, 3 bottom left, 4 bottom right) or a single
/// picture. Nothing is drawn until it is asked for, and the same steps give the same pixels.
///
/// No method fails. An action that makes no sense for a picture (upscaling a single, a tile number outside 1..=4) does the
/// nearest thing that does.
#[derive(Clone)]
pub struct Picture {
    words: Arc<Words>,
    pub(crate) plate: Plate,
}

#[derive(Clone)]
pub(crate) enum Plate {
    Grid(Box<[Single; 4]>),
    Single(Box<Single>),
}

impl Picture {
    /// A grid for a prompt. Flags (`--ar 16:9`) and leading picture URLs in the prompt are not drawn; the aspect ratio
    /// is `aspect`, held within 1:4 and 4:1 (a zero counts as 1).
    #[must_use]
    pub fn generate(prompt: &str, seed: u64, aspect: (u32, u32)) -> Self {
        let words = Arc::new(Words::read(prompt));
        let size = tile_size(aspect);
        let plate = Plate::grid(|slot| Single {
            scene: Scene::new(Arc::clone(&words), seed, slot),
            first: size,
            steps: Vec::new(),
            size,
            enlarged: Vec::new(),
        });
        Self { words, plate }
    }

    fn with(&self, plate: Plate) -> Self {
        Self {
            words: Arc::clone(&self.words),
            plate,
        }
    }

    /// A grid related to one tile (1..=4) of this grid, or to this single picture (`tile` is `None`).
    #[must_use]
    pub fn variation(&self, tile: Option<u8>, strength: Strength, seed: u64) -> Self {
        let source = self.plate.tile(tile);
        self.with(Plate::grid(|slot| {
            source.varied(strength, mix(seed, slot as u64))
        }))
    }

    /// A grid in which only the mask's white area differs from this picture; the area is drawn from `prompt`, or
    /// from this picture's own prompt when it is blank.
    ///
    /// For a grid the mask covers the whole grid. For a single it covers the single, and each of the four tiles is
    /// that picture with the area drawn in another way. A mask of another size is scaled, nearest neighbour.
    #[must_use]
    pub fn region(&self, mask: &Arc<Mask>, prompt: &str, seed: u64) -> Self {
        let words = if prompt.trim().is_empty() {
            Arc::clone(&self.words)
        } else {
            Arc::new(Words::read(prompt))
        };
        self.with(Plate::grid(|slot| {
            let mut tile = self.plate.tile(Some(slot as u8 + 1));
            let mut area = Area {
                mask: Arc::clone(mask),
                whole: tile.size,
                corner: (0, 0),
                tile: tile.size,
            };
            if self.is_grid() {
                let (width, height) = tile.size;
                area.whole = (2 * width, 2 * height);
                area.corner = (slot as u32 % 2 * width, slot as u32 / 2 * height);
            }
            let scene = Scene::new(Arc::clone(&words), mix(seed, 0x7e61), slot);
            tile.steps.push(Step::Redraw { scene, area });
            tile
        }))
    }

    /// A grid whose tiles each hold this single picture, smaller and exactly centred, with new surroundings.
    #[must_use]
    pub fn zoom_out(&self, factor: ZoomFactor, seed: u64) -> Self {
        let canvas = self.plate.tile(None).size;
        let smaller = |side: u32| match factor {
            ZoomFactor::X2 => side / 2,
            // Even, as the side is: the middle stays the middle.
            ZoomFactor::X1_5 => side / 3 * 2,
        };
        let shown = (smaller(canvas.0), smaller(canvas.1));
        self.grown(canvas, shown, middle(canvas, shown), seed)
    }

    /// A grid whose tiles each continue this single picture to one side: the canvas grows by half on that axis, and
    /// the source stays as it is, to the pixel.
    ///
    /// A tile grows to at most 3264 pixels a side and 1664² in all; past that the picture scrolls, and what falls off
    /// the far side is lost.
    #[must_use]
    pub fn pan(&self, direction: Direction, seed: u64) -> Self {
        let shown = self.plate.tile(None).size;
        let (canvas, at) = panned(shown, direction);
        self.grown(canvas, shown, at, seed)
    }

    /// A grid whose tiles each continue this single picture to 1:1, the source in the middle. A square source comes
    /// back unchanged, four times.
    #[must_use]
    pub fn square(&self, seed: u64) -> Self {
        let (width, height) = self.plate.tile(None).size;
        let longer = width.max(height);
        let fitted = |side: u32| (side * SQUARE / longer) & !1;
        let (canvas, shown) = if width == height {
            ((width, height), (width, height))
        } else {
            ((SQUARE, SQUARE), (fitted(width), fitted(height)))
        };
        self.grown(canvas, shown, middle(canvas, shown), seed)
    }

    fn grown(&self, canvas: (u32, u32), shown: (u32, u32), at: (i64, i64), seed: u64) -> Self {
        let source = self.plate.tile(None);
        self.with(Plate::grid(|slot| {
            let mut tile = source.clone();
            tile.steps.push(Step::Extend {
                canvas,
                shown,
                at,
                seed: mix(seed, slot as u64),
            });
            tile.size = canvas;
            tile
        }))
    }

    /// One tile (1..=4) of this grid as a single picture, pixel for pixel.
    #[must_use]
    pub fn upscale(&self, tile: u8) -> Self {
        if self.is_grid() {
            self.with(Plate::Single(Box::new(self.plate.tile(Some(tile)))))
        } else {
            self.clone()
        }
    }

    /// This single picture, larger: at most 4096 pixels a side, the ratio kept.
    ///
    /// A grid made from an enlarged picture starts from the picture as it was before it was enlarged, so that grids
    /// stay within bounds.
    #[must_use]
    pub fn enlarge(&self, by: Enlargement) -> Self {
        let mut single = match &self.plate {
            Plate::Grid(tiles) => Box::new(tiles[0].clone()),
            Plate::Single(single) => single.clone(),
        };
        single.enlarged.push(by);
        self.with(Plate::Single(single))
    }

    /// Whether this is a grid of four tiles rather than a single picture.
    #[must_use]
    pub fn is_grid(&self) -> bool {
        matches!(self.plate, Plate::Grid(_))
    }

    /// Width and height of the raw picture, in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.plate.size()
    }

    /// Draws the raw picture. Takes in the order of 0.1 to 0.5 seconds of processor time: call it off the async threads.
    #[must_use]
    pub fn draw(&self) -> RgbImage {
        self.plate.draw()
    }
}

impl Plate {
    fn grid(tile: impl FnMut(usize) -> Single) -> Self {
        Self::Grid(Box::new(array::from_fn(tile)))
    }

    /// One tile of a grid (1..=4), or the single picture, as large as it was before it was enlarged.
    fn tile(&self, tile: Option<u8>) -> Single {
        let mut single = match self {
            Self::Grid(tiles) => tiles[usize::from(tile.unwrap_or(1).clamp(1, 4)) - 1].clone(),
            Self::Single(single) => Single::clone(single),
        };
        single.enlarged.clear();
        single
    }

    /// Width and height of the raw picture, in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height) = self.tile_size();
        match self {
            Self::Grid(_) => (2 * width, 2 * height),
            Self::Single(_) => (width, height),
        }
    }

    pub(crate) fn tile_size(&self) -> (u32, u32) {
        match self {
            Self::Grid(tiles) => tiles[0].size,
            Self::Single(single) => single.enlarged_size(),
        }
    }
}

fn middle(canvas: (u32, u32), shown: (u32, u32)) -> (i64, i64) {
    (
        i64::from(canvas.0 - shown.0) / 2,
        i64::from(canvas.1 - shown.1) / 2,
    )
}

/// The canvas of a pan, and where the source's corner is on it: half as much again on one side, or as much as fits,
/// with the rest of the source scrolled out on the other.
fn panned((width, height): (u32, u32), direction: Direction) -> ((u32, u32), (i64, i64)) {
    let grown = |side: u32, other: u32| {
        let eighths = |pixels: u32| pixels / 8 * 8;
        let most = eighths((MAX_TILE_AREA / other).min(MAX_TILE_SIDE)).max(side);
        let added = eighths(side / 2);
        let total = (side + added).min(most);
        // Towards the left or the top, the source begins after what was added; else it ends before it.
        (
            total,
            i64::from(added),
            i64::from(total) - i64::from(added) - i64::from(side),
        )
    };
    let ((wide, before, behind), (high, above, below)) =
        (grown(width, height), grown(height, width));
    match direction {
        Direction::Left => ((wide, height), (before, 0)),
        Direction::Right => ((wide, height), (behind, 0)),
        Direction::Up => ((width, high), (0, above)),
        Direction::Down => ((width, high), (0, below)),
    }
}

impl Single {
    /// Width and height of the picture as it is in the end, in pixels.
    fn enlarged_size(&self) -> (u32, u32) {
        self.enlarged.iter().fold(self.size, |(width, height), by| {
            let factor = match by {
                Enlargement::X4 => 4,
                Enlargement::X2 | Enlargement::Subtle | Enlargement::Creative => 2,
            };
            let longer = width.max(height);
            let target = (longer * factor).min(MAX_ENLARGED_SIDE).max(longer);
            let side = |side: u32| ((side * target + longer / 2) / longer).max(1);
            (side(width), side(height))
        })
    }

    fn varied(&self, strength: Strength, seed: u64) -> Self {
        let mut varied = self.clone();
        varied.scene = self.scene.drifted(strength, seed);
        for step in &mut varied.steps {
            match step {
                Step::Extend { seed: own, .. } if strength != Strength::Subtle => {
                    *own = mix(*own, seed);
                }
                Step::Extend { .. } => {}
                Step::Redraw { scene, .. } => *scene = scene.drifted(strength, seed),
            }
        }
        varied
    }
}
