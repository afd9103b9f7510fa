//! Reads a recipe's log: what each tile is, how large, and how it follows from its ancestors; and draws it, each
//! ancestor once, in a loop (a lineage may be long).

use std::{array, sync::Arc};

use image::{RgbImage, imageops};

use super::{
    RegionMask,
    canvas::Frame,
    dice::mix,
    mark,
    recipe::{Action, Direction, Enlargement, Recipe, Strength, ZoomFactor},
    scene::{Scene, View},
    stage::Ring,
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
/// How many times its core a scene is looked at in all; past that its world stays as large as it is.
const MAX_WORLD: f32 = 5.0;

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
enum Step {
    /// The picture so far, `shown` large, its corner `at` on a new canvas, and around it more of the same world.
    Extend {
        canvas: (u32, u32),
        shown: (u32, u32),
        at: (i64, i64),
        seed: u64,
    },
    /// A mask's white area drawn from another scene. The mask covers a picture `whole` large, of which the tile is
    /// the part that starts at `corner`.
    Redraw {
        scene: Scene,
        mask: Arc<RegionMask>,
        whole: (u32, u32),
        corner: (u32, u32),
    },
}

/// One tile, or a picture made from one.
#[derive(Clone)]
struct Single {
    scene: Scene,
    /// The size that the scene was composed for.
    first: (u32, u32),
    steps: Vec<Step>,
    /// The size after all steps.
    size: (u32, u32),
    enlarged: Vec<Enlargement>,
}

/// A recipe, resolved.
pub(super) enum Plate {
    Grid(Box<[Single; 4]>),
    Single(Box<Single>),
}

impl Plate {
    pub(super) fn of(recipe: &Recipe) -> Self {
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
            Action::Vary { tile, strength, seed } => {
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
    pub(super) fn size(&self) -> (u32, u32) {
        let (width, height) = self.tile_size();
        match self {
            Self::Grid(_) => (2 * width, 2 * height),
            Self::Single(_) => (width, height),
        }
    }

    pub(super) fn tile_size(&self) -> (u32, u32) {
        match self {
            Self::Grid(tiles) => tiles[0].size,
            Self::Single(single) => single.enlarged_size(),
        }
    }

    pub(super) fn draw(&self) -> RgbImage {
        self.draw_with_tiles(self.tile_size())
    }

    /// One tile (1..=4) of a grid; a single has one tile, itself.
    pub(super) fn draw_tile(&self, tile: u8) -> RgbImage {
        match self {
            Self::Grid(tiles) => tiles[usize::from(tile.clamp(1, 4)) - 1].draw(self.tile_size()),
            Self::Single(single) => single.draw(self.tile_size()),
        }
    }

    /// The picture drawn at a fraction of its size.
    pub(super) fn draw_small(&self, by: u32) -> RgbImage {
        let (width, height) = self.tile_size();
        self.draw_with_tiles(((width / by).max(1), (height / by).max(1)))
    }

    fn draw_with_tiles(&self, (width, height): (u32, u32)) -> RgbImage {
        match self {
            Self::Single(single) => single.draw((width, height)),
            Self::Grid(tiles) => {
                let shared = shared_steps(tiles);
                let scale = Scale {
                    from: tiles[0].size,
                    to: (width, height),
                };
                let stem = shared.map(|count| tiles[0].walk(0..count, None, &scale));
                let mut grid = RgbImage::new(2 * width, 2 * height);
                for (slot, tile) in (0_u32..).zip(tiles.iter()) {
                    let start = shared.unwrap_or(0);
                    let drawn = tile.walk(start..tile.steps.len(), stem.clone(), &scale);
                    let corner = (slot % 2 * width, slot / 2 * height);
                    imageops::replace(&mut grid, &drawn.picture, corner.0.into(), corner.1.into());
                }
                grid
            }
        }
    }
}

/// How many steps all four tiles have in common from their beginning, if they begin alike.
fn shared_steps(tiles: &[Single; 4]) -> Option<usize> {
    let [first, others @ ..] = tiles;
    let alike = others
        .iter()
        .all(|tile| tile.scene == first.scene && tile.first == first.first);
    let same = |index: &usize| {
        others
            .iter()
            .all(|tile| tile.steps.get(*index) == first.steps.get(*index))
    };
    alike.then(|| (0..first.steps.len()).take_while(same).count())
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

/// From the pixels that a lineage is counted in to those that are drawn.
struct Scale {
    from: (u32, u32),
    to: (u32, u32),
}

impl Scale {
    fn x(&self, x: i64) -> i64 {
        scaled(x, self.from.0, self.to.0)
    }

    fn y(&self, y: i64) -> i64 {
        scaled(y, self.from.1, self.to.1)
    }

    fn size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let side = |side: i64| u32::try_from(side.max(1)).unwrap_or(1);
        (side(self.x(width.into())), side(self.y(height.into())))
    }
}

fn scaled(value: i64, from: u32, to: u32) -> i64 {
    let (from, to) = (i64::from(from), i64::from(to));
    (2 * value * to + from).div_euclid(2 * from)
}

/// A picture on its way through a lineage, and the world that it shows.
#[derive(Clone)]
struct Drawn {
    picture: RgbImage,
    view: View,
}

impl Single {
    fn enlarged_size(&self) -> (u32, u32) {
        self.enlarged.iter().fold(self.size, |(width, height), by| {
            let factor = match by {
                Enlargement::X4 => 4,
                Enlargement::X2 | Enlargement::Subtle | Enlargement::Creative => 2,
            };
            let longer = width.max(height);
            let target = (longer * factor).min(MAX_ENLARGED_SIDE).max(longer);
            let side = |side: u32| {
                u32::try_from(scaled(side.into(), longer, target))
                    .unwrap_or(1)
                    .max(1)
            };
            (side(width), side(height))
        })
    }

    fn varied(&self, strength: Strength, seed: u64) -> Self {
        let mut varied = self.clone();
        varied.scene = self.scene.drifted(strength, seed);
        for step in &mut varied.steps {
            match step {
                Step::Extend { seed: own, .. } if strength != Strength::Subtle => *own = mix(*own, seed),
                Step::Extend { .. } => {}
                Step::Redraw { scene, .. } => *scene = scene.drifted(strength, seed),
            }
        }
        varied
    }

    fn draw(&self, size: (u32, u32)) -> RgbImage {
        self.walk(
            0..self.steps.len(),
            None,
            &Scale {
                from: self.size,
                to: size,
            },
        )
        .picture
    }

    /// Draws some of the steps, from what the steps before them gave, or from the beginning.
    fn walk(&self, steps: std::ops::Range<usize>, before: Option<Drawn>, scale: &Scale) -> Drawn {
        let detail = self
            .enlarged
            .iter()
            .filter(|by| **by == Enlargement::Creative)
            .count();
        let scene = self.scene.with_detail(detail);
        let mut drawn = before.unwrap_or_else(|| {
            let view = View::of_size(self.first);
            Drawn {
                picture: scene.draw_marked(scale.size(self.first), &view),
                view,
            }
        });
        for step in &self.steps[steps] {
            match step {
                Step::Extend {
                    canvas,
                    shown,
                    at,
                    seed,
                } => {
                    extend(&mut drawn, &scene, scale, (*canvas, *shown, *at), *seed);
                }
                Step::Redraw {
                    scene,
                    mask,
                    whole,
                    corner,
                } => {
                    redraw(
                        &mut drawn.picture,
                        &scene.with_detail(detail),
                        mask,
                        *whole,
                        *corner,
                        scale,
                    );
                }
            }
        }
        drawn
    }
}

fn extend(
    drawn: &mut Drawn,
    scene: &Scene,
    scale: &Scale,
    (canvas, shown, at): ((u32, u32), (u32, u32), (i64, i64)),
    seed: u64,
) {
    let inner = drawn.view.frame;
    // Scene units to a pixel of the source as it is shown.
    let unit = (inner.width() / shown.0 as f32, inner.height() / shown.1 as f32);
    let (left, top) = (
        inner.left - at.0 as f32 * unit.0,
        inner.top - at.1 as f32 * unit.1,
    );
    let seen = Frame {
        left,
        top,
        right: left + canvas.0 as f32 * unit.0,
        bottom: top + canvas.1 as f32 * unit.1,
    };
    drawn.view.rings.push(Ring { inner, seed });
    drawn.view.frame = held(seen, drawn.view.core);

    let size = scale.size(canvas);
    let (x, y) = (scale.x(at.0), scale.y(at.1));
    let source_size = (
        u32::try_from(scale.x(at.0 + i64::from(shown.0)) - x)
            .unwrap_or(1)
            .max(1),
        u32::try_from(scale.y(at.1 + i64::from(shown.1)) - y)
            .unwrap_or(1)
            .max(1),
    );
    let mut picture = scene.draw_marked(size, &drawn.view);
    if source_size == drawn.picture.dimensions() {
        imageops::replace(&mut picture, &drawn.picture, x, y);
    } else {
        let source = imageops::resize(
            &drawn.picture,
            source_size.0,
            source_size.1,
            imageops::FilterType::Triangle,
        );
        imageops::replace(&mut picture, &source, x, y);
    }
    drawn.picture = picture;
}

/// Keeps what is seen of a world within bounds: numbers stay sound however often a picture is zoomed out of.
fn held(seen: Frame, core: Frame) -> Frame {
    let excess = (seen.width() / core.width()).max(seen.height() / core.height()) / MAX_WORLD;
    let shrink = 1.0 / excess.max(1.0);
    let middle = |from: f32, to: f32| f32::midpoint(from, to).clamp(-MAX_WORLD, MAX_WORLD);
    let (x, y) = (middle(seen.left, seen.right), middle(seen.top, seen.bottom));
    let (across, down) = (seen.width() * shrink / 2.0, seen.height() * shrink / 2.0);
    Frame {
        left: x - across,
        top: y - down,
        right: x + across,
        bottom: y + down,
    }
}

fn redraw(
    picture: &mut RgbImage,
    scene: &Scene,
    mask: &RegionMask,
    whole: (u32, u32),
    corner: (u32, u32),
    scale: &Scale,
) {
    let (width, height) = picture.dimensions();
    // The mask is read in the lineage's own pixels, whatever is drawn: a draft shows the same area.
    let source = |at: u32, from: u32, to: u32| {
        u32::try_from((2 * u64::from(at) + 1) * u64::from(from) / (2 * u64::from(to))).unwrap_or(0)
    };
    let columns: Vec<u32> = (0..width)
        .map(|x| corner.0 + source(x, scale.from.0, scale.to.0))
        .collect();
    let rows: Vec<u32> = (0..height)
        .map(|y| corner.1 + source(y, scale.from.1, scale.to.1))
        .collect();
    let white = |x: u32, y: u32| mask.is_white(columns[x as usize], rows[y as usize], whole);
    let mut bounds: Option<(u32, u32, u32, u32)> = None;
    for y in 0..height {
        for x in (0..width).filter(|x| white(*x, y)) {
            let (left, top, right, _) = bounds.unwrap_or((x, y, x, y));
            bounds = Some((left.min(x), top, right.max(x), y));
        }
    }
    let Some((left, top, right, bottom)) = bounds else {
        return;
    };
    // The new scene is composed for the area, so that its subject stands in it, and is never a mere speck.
    let span = |first: u32, last: u32, whole: u32| {
        let least = (whole / 8).max(1);
        let length = (last - first + 1).max(least).min(whole);
        (first.min(whole - length), length)
    };
    let ((left, across), (top, down)) = (span(left, right, width), span(top, bottom, height));
    let mut layer = picture.clone();
    let patch = scene.draw((across, down), &View::of_size((across, down)));
    imageops::replace(&mut layer, &patch, left.into(), top.into());
    mark::stamp(&mut layer);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if x >= left && x < left + across && y >= top && y < top + down && white(x, y) {
            *pixel = image::Rgb(told_apart(layer.get_pixel(x, y).0, pixel.0));
        }
    }
}

/// A colour that is seen to differ from the old one: an area that was to be redrawn has no pixel left as it was.
fn told_apart(new: [u8; 3], old: [u8; 3]) -> [u8; 3] {
    const LEAST: u8 = 10;
    if new.iter().zip(old).any(|(new, old)| new.abs_diff(old) >= LEAST) {
        return new;
    }
    old.map(|part| {
        if old[1] > 127 {
            part.saturating_sub(LEAST)
        } else {
            part.saturating_add(LEAST)
        }
    })
}
