//! Draws what a picture's lineage resolves to: each ancestor once, in a loop (a lineage may be long), and at the size
//! at which it is seen in the end.

use image::{Rgb, RgbImage, imageops};

use crate::{
    frame::{Frame, Ring, Sight},
    mark,
    picture::{Area, Enlargement, Plate, Single, Step},
    scene::Scene,
};

/// How many times its core a scene is looked at in all; past that its world stays as large as it is.
const MAX_WORLD: f32 = 3.5;

impl Plate {
    pub(crate) fn draw(&self) -> RgbImage {
        self.draw_with_tiles(self.tile_size())
    }

    /// One tile (1..=4) of a grid; a single has one tile, itself.
    pub(crate) fn draw_tile(&self, tile: u8) -> RgbImage {
        match self {
            Self::Grid(tiles) => tiles[usize::from(tile.clamp(1, 4)) - 1].draw(self.tile_size()),
            Self::Single(single) => single.draw(self.tile_size()),
        }
    }

    /// The picture drawn at a fraction of its size.
    pub(crate) fn draw_small(&self, by: u32) -> RgbImage {
        let (width, height) = self.tile_size();
        self.draw_with_tiles(((width / by).max(1), (height / by).max(1)))
    }

    fn draw_with_tiles(&self, (width, height): (u32, u32)) -> RgbImage {
        match self {
            Self::Single(single) => single.draw((width, height)),
            Self::Grid(tiles) => {
                // What all four tiles begin with is drawn once.
                let shared = shared_steps(tiles);
                let stem = shared.map(|count| tiles[0].walk(0..count, None, (width, height)));
                let mut grid = RgbImage::new(2 * width, 2 * height);
                for (slot, tile) in (0_u32..).zip(tiles.iter()) {
                    let steps = shared.unwrap_or(0)..tile.steps.len();
                    let drawn = tile.walk(steps, stem.clone(), (width, height));
                    let row = 3 * width as usize;
                    let first = 2 * (slot / 2 * height) as usize + slot as usize % 2;
                    let halves = grid.chunks_exact_mut(row).skip(first).step_by(2);
                    for (half, drawn) in halves.zip(drawn.picture.chunks_exact(row)) {
                        half.copy_from_slice(drawn);
                    }
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

/// From the pixels that a lineage is counted in to those that are drawn.
struct Scale {
    from: (u32, u32),
    to: (u32, u32),
}

impl Scale {
    /// A point of the lineage as it is drawn.
    fn at(&self, (x, y): (i64, i64)) -> (i64, i64) {
        let scaled = |value: i64, from: u32, to: u32| {
            let (from, to) = (i64::from(from), i64::from(to));
            (2 * value * to + from).div_euclid(2 * from)
        };
        (
            scaled(x, self.from.0, self.to.0),
            scaled(y, self.from.1, self.to.1),
        )
    }

    /// Width and height of a rectangle, so that its edges fall where those of its neighbours do.
    fn span(&self, at: (i64, i64), (width, height): (u32, u32)) -> (u32, u32) {
        let (left, top) = self.at(at);
        let (right, bottom) = self.at((at.0 + i64::from(width), at.1 + i64::from(height)));
        let side = |side: i64| u32::try_from(side.max(1)).unwrap_or(1);
        (side(right - left), side(bottom - top))
    }
}

/// A picture on its way through a lineage, and the world that it shows.
#[derive(Clone)]
struct Drawn {
    picture: RgbImage,
    sight: Sight,
}

impl Single {
    fn draw(&self, size: (u32, u32)) -> RgbImage {
        self.walk(0..self.steps.len(), None, size).picture
    }

    /// The size at which the picture before each step, and the last one, is drawn: what is later shown smaller is
    /// drawn smaller.
    fn drawn_sizes(&self, size: (u32, u32)) -> Vec<(u32, u32)> {
        let mut sizes = vec![size; self.steps.len() + 1];
        for (index, step) in self.steps.iter().enumerate().rev() {
            sizes[index] = match step {
                Step::Extend {
                    canvas, shown, at, ..
                } => Scale {
                    from: *canvas,
                    to: sizes[index + 1],
                }
                .span(*at, *shown),
                Step::Redraw { .. } => sizes[index + 1],
            };
        }
        sizes
    }

    /// Draws some of the steps, from what the steps before them gave or from the beginning, for a picture that is
    /// `size` pixels after the last step of all.
    fn walk(
        &self,
        steps: std::ops::Range<usize>,
        before: Option<Drawn>,
        size: (u32, u32),
    ) -> Drawn {
        let sizes = self.drawn_sizes(size);
        let detail = self
            .enlarged
            .iter()
            .filter(|by| **by == Enlargement::Creative)
            .count();
        let scene = self.scene.with_detail(detail);
        let mut drawn = before.unwrap_or_else(|| {
            let sight = Sight::of_size(self.first);
            Drawn {
                picture: scene.draw_marked(sizes[0], &sight),
                sight,
            }
        });
        for index in steps {
            match &self.steps[index] {
                Step::Extend {
                    canvas,
                    shown,
                    at,
                    seed,
                } => {
                    drawn.sight.widen(*canvas, *shown, *at, *seed);
                    let scale = Scale {
                        from: *canvas,
                        to: sizes[index + 1],
                    };
                    let mut picture = scene.draw_marked(sizes[index + 1], &drawn.sight);
                    let (x, y) = scale.at(*at);
                    imageops::replace(&mut picture, &drawn.picture, x, y);
                    drawn.picture = picture;
                }
                Step::Redraw { scene, area } => {
                    redraw(&mut drawn.picture, &scene.with_detail(detail), area);
                }
            }
        }
        drawn
    }
}

impl Sight {
    /// Sees more of the world: what was seen so far is `shown` large on a new canvas, its corner `at`.
    fn widen(&mut self, canvas: (u32, u32), shown: (u32, u32), at: (i64, i64), seed: u64) {
        let (inner, core) = (self.frame, self.core);
        // Scene units to a pixel of the source as it is shown.
        let unit = inner.width() / shown.0 as f32;
        let (width, height) = (canvas.0 as f32 * unit, canvas.1 as f32 * unit);
        // Numbers stay sound however often a picture is zoomed out of: what is seen of a world is held within bounds.
        let excess = (width / core.width()).max(height / core.height()) / MAX_WORLD;
        let shrink = 1.0 / excess.max(1.0);
        let middle = |from: f32, length: f32| (from + length / 2.0).clamp(-MAX_WORLD, MAX_WORLD);
        let x = middle(inner.left - at.0 as f32 * unit, width);
        let y = middle(inner.top - at.1 as f32 * unit, height);
        self.rings.push(Ring { inner, seed });
        self.frame = Frame::around((x, y), width * shrink, height * shrink);
    }
}

impl Area {
    /// Which pixels of a drawing of some size are white, row by row. The mask is read in the lineage's own pixels,
    /// whatever is drawn: a draft shows the same area.
    fn whites(&self, (width, height): (u32, u32)) -> Vec<bool> {
        let source = |at: u32, from: u32, to: u32| {
            let centre = (2 * u64::from(at) + 1) * u64::from(from);
            (centre / (2 * u64::from(to))) as u32
        };
        let column = |x: u32| self.corner.0 + source(x, self.tile.0, width);
        let columns: Vec<u32> = (0..width).map(column).collect();
        let row = |y: u32| self.corner.1 + source(y, self.tile.1, height);
        (0..height)
            .map(row)
            .flat_map(|row| columns.iter().map(move |column| (*column, row)))
            .map(|(x, y)| self.mask.is_white(x, y, self.whole))
            .collect()
    }
}

fn redraw(picture: &mut RgbImage, scene: &Scene, area: &Area) {
    let (width, height) = picture.dimensions();
    let whites = area.whites((width, height));
    let (mut left, mut top, mut right, mut bottom) = (width, height, 0, 0);
    for (index, _) in (0_u32..).zip(&whites).filter(|(_, white)| **white) {
        let (x, y) = (index % width, index / width);
        (left, right) = (left.min(x), right.max(x));
        (top, bottom) = (top.min(y), bottom.max(y));
    }
    if left > right {
        return;
    }
    // The new scene is composed for the area, so that its subject stands in it, and is never a mere speck.
    let span = |first: u32, last: u32, whole: u32| {
        let least = (whole / 8).max(1);
        let length = (last - first + 1).max(least).min(whole);
        (first.min(whole - length), length)
    };
    let ((left, across), (top, down)) = (span(left, right, width), span(top, bottom, height));
    let mut layer = picture.clone();
    let patch = scene.draw((across, down), &Sight::of_size((across, down)));
    imageops::replace(&mut layer, &patch, left.into(), top.into());
    mark::stamp(&mut layer);
    let pixels = picture.pixels_mut().zip(layer.pixels()).zip(whites);
    for ((old, new), _) in pixels.filter(|(_, white)| *white) {
        *old = Rgb(told_apart(new.0, old.0));
    }
}

/// A colour that is seen to differ from the old one: an area that was to be redrawn has no pixel left as it was.
fn told_apart(new: [u8; 3], old: [u8; 3]) -> [u8; 3] {
    const LEAST: u8 = 10;
    let mut parts = new.iter().zip(old);
    if parts.any(|(new, old)| new.abs_diff(old) >= LEAST) {
        new
    } else if old[1] > 127 {
        old.map(|part| part.saturating_sub(LEAST))
    } else {
        old.map(|part| part.saturating_add(LEAST))
    }
}
