//! Reads a recipe's log: what each tile is, how large, and by which steps it follows from its ancestors.
//!
//! No pixels here: `trace` draws what this resolves.

use std::{array, sync::Arc};

use crate::{
    RegionMask,
    dice::mix,
    recipe::{Action, Direction, Enlargement, Recipe, Strength, ZoomFactor},
    scene::Scene,
    words::Words,
};

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
    /// A mask's white area drawn from another scene. The mask covers a picture `whole` large, of which this one,
    /// `tile` large, is the part that starts at `corner`.
    Redraw {
        scene: Scene,
        mask: Arc<RegionMask>,
        whole: (u32, u32),
        corner: (u32, u32),
        tile: (u32, u32),
    },
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

/// A recipe, resolved.
pub(crate) enum Plate {
    Grid(Box<[Single; 4]>),
    Single(Box<Single>),
}

impl Plate {
    pub(crate) fn of(recipe: &Recipe) -> Self {
        let words = Arc::new(Words::read(&recipe.prompt));
        let size = tile_size(recipe.aspect);
        let first = Self::grid(|slot| Single {
            scene: Scene::new(Arc::clone(&words), recipe.seed, slot),
            first: size,
            steps: Vec::new(),
            size,
            enlarged: Vec::new(),
        });
        recipe
            .actions
            .iter()
            .fold(first, |plate, action| plate.after(action, &words))
    }

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

    fn after(self, action: &Action, words: &Arc<Words>) -> Self {
        let grow = |canvas: (u32, u32), shown: (u32, u32), at: (i64, i64), seed: u64| {
            let source = self.tile(None);
            Self::grid(|slot| {
                let mut tile = source.clone();
                tile.steps.push(Step::Extend {
                    canvas,
                    shown,
                    at,
                    seed: mix(seed, slot as u64),
                });
                tile.size = canvas;
                tile
            })
        };
        match action {
            Action::Tile(tile) => Self::Single(Box::new(self.tile(Some(*tile)))),
            Action::Vary {
                tile,
                strength,
                seed,
            } => {
                let source = self.tile(*tile);
                Self::grid(|slot| source.varied(*strength, mix(*seed, slot as u64)))
            }
            Action::Region { mask, prompt, seed } => {
                let words = if prompt.trim().is_empty() {
                    Arc::clone(words)
                } else {
                    Arc::new(Words::read(prompt))
                };
                let of_grid = matches!(self, Self::Grid(_));
                Self::grid(|slot| {
                    let mut tile = self.tile(Some(slot as u8 + 1));
                    let (width, height) = tile.size;
                    let (whole, corner) = if of_grid {
                        let corner = (slot as u32 % 2 * width, slot as u32 / 2 * height);
                        ((2 * width, 2 * height), corner)
                    } else {
                        (tile.size, (0, 0))
                    };
                    let scene = Scene::new(Arc::clone(&words), mix(*seed, 0x7e61), slot);
                    tile.steps.push(Step::Redraw {
                        scene,
                        mask: Arc::clone(mask),
                        whole,
                        corner,
                        tile: (width, height),
                    });
                    tile
                })
            }
            Action::ZoomOut { factor, seed } => {
                let canvas = self.tile(None).size;
                let smaller = |side: u32| match factor {
                    ZoomFactor::X2 => side / 2,
                    // Even, as the side is: the middle stays the middle.
                    ZoomFactor::X1_5 => side / 3 * 2,
                };
                let shown = (smaller(canvas.0), smaller(canvas.1));
                grow(canvas, shown, middle(canvas, shown), *seed)
            }
            Action::Pan { direction, seed } => {
                let shown = self.tile(None).size;
                let (canvas, at) = panned(shown, *direction);
                grow(canvas, shown, at, *seed)
            }
            Action::Square { seed } => {
                let (width, height) = self.tile(None).size;
                let longer = width.max(height);
                let fitted = |side: u32| (side * SQUARE / longer) & !1;
                let (canvas, shown) = if width == height {
                    ((width, height), (width, height))
                } else {
                    ((SQUARE, SQUARE), (fitted(width), fitted(height)))
                };
                grow(canvas, shown, middle(canvas, shown), *seed)
            }
            Action::Enlarge(by) => {
                let mut single = match self {
                    Self::Grid(tiles) => tiles[0].clone(),
                    Self::Single(single) => *single,
                };
                single.enlarged.push(*by);
                Self::Single(Box::new(single))
            }
        }
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
    match direction {
        Direction::Left => {
            let (total, first, _) = grown(width, height);
            ((total, height), (first, 0))
        }
        Direction::Right => {
            let (total, _, last) = grown(width, height);
            ((total, height), (last, 0))
        }
        Direction::Up => {
            let (total, first, _) = grown(height, width);
            ((width, total), (0, first))
        }
        Direction::Down => {
            let (total, _, last) = grown(height, width);
            ((width, total), (0, last))
        }
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
