//! The last pass over a drawn tile: paper and brush texture, and the manners that the words ask for.
//!
//! Pixel arithmetic only. The texture is kept to a few levels and to coarse cells: noise in each pixel would treble
//! the size of a PNG.

use image::{Rgb, RgbImage};

use super::{
    dice::{mix, noise2, turn},
    stage::Stage,
    words::Manner,
};

type Pixel = [u8; 3];

/// A drawn tile that is read from.
struct Drawn<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    /// Pixels to the shorter side: what all lengths here are parts of, so that a small draft looks like the original.
    unit: f32,
}

impl Drawn<'_> {
    fn at(&self, x: usize, y: usize) -> Pixel {
        let index = (y * self.width + x) * 4;
        [
            self.pixels[index],
            self.pixels[index + 1],
            self.pixels[index + 2],
        ]
    }

    /// The pixel at a place that may be outside.
    fn near(&self, x: f32, y: f32) -> Pixel {
        let x = (x.max(0.0) as usize).min(self.width - 1);
        let y = (y.max(0.0) as usize).min(self.height - 1);
        self.at(x, y)
    }
}

/// Smooth noise over the pixels of a row, in levels: knots on a lattice, straight lines between them.
struct Grain {
    seed: u64,
    /// Pixels from knot to knot.
    cell: f32,
    levels: f32,
    row: Vec<f32>,
}

impl Grain {
    fn new(seed: u64, cell: f32, levels: f32) -> Self {
        Self {
            seed,
            cell: cell.max(1.0),
            levels,
            row: Vec::new(),
        }
    }

    /// Knots between the lattice's rows, for one row of pixels.
    fn enter_row(&mut self, y: usize, width: usize) {
        let at = y as f32 / self.cell;
        let (upper, part) = (at.floor(), at - at.floor());
        let knot = |row: u64, column: u64| {
            (mix(self.seed, row << 32 | column) >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        let count = (width as f32 / self.cell) as u64 + 2;
        let row = upper as u64;
        let levels = self.levels;
        self.row.clear();
        self.row.extend((0..count).map(|column| {
            let (from, to) = (knot(row, column), knot(row + 1, column));
            (from + (to - from) * part) * levels
        }));
    }

    fn at(&self, x: usize) -> f32 {
        let at = x as f32 / self.cell;
        let column = at as usize;
        let (from, to) = (self.row[column], self.row[column + 1]);
        from + (to - from) * (at - column as f32)
    }
}

/// Makes a picture of a drawn tile (four bytes a pixel); `detail` deepens its texture.
pub(super) fn finish(
    pixels: &[u8],
    (width, height): (u32, u32),
    stage: &Stage<'_>,
    detail: usize,
) -> RgbImage {
    let drawn = Drawn {
        pixels,
        width: width as usize,
        height: height as usize,
        unit: width.min(height) as f32,
    };
    let seed = stage.dice.seed("texture");
    let mut picture = RgbImage::new(width, height);
    match stage.words.manner {
        Manner::Plain => plain(&drawn, &mut picture, seed, detail),
        Manner::Watercolour => watercolour(&drawn, &mut picture, seed),
        Manner::Oil => oil(&drawn, &mut picture, seed),
        Manner::Pixels => blocks(&drawn, &mut picture),
        Manner::Sketch => sketch(&drawn, &mut picture, seed),
        Manner::Noir => noir(&drawn, &mut picture, seed),
        Manner::Neon => neon(&drawn, &mut picture, seed),
    }
    picture
}

/// Calls `paint` for each pixel with its place and the sum of the grains there.
fn each_row(
    picture: &mut RgbImage,
    grains: &mut [Grain],
    mut paint: impl FnMut(usize, usize, f32) -> Pixel,
) {
    let width = picture.width() as usize;
    for (y, row) in picture.chunks_exact_mut(width * 3).enumerate() {
        for grain in grains.iter_mut() {
            grain.enter_row(y, width);
        }
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let sum = grains.iter().map(|grain| grain.at(x)).sum();
            pixel.copy_from_slice(&paint(x, y, sum));
        }
    }
}

fn shifted(pixel: Pixel, levels: f32) -> Pixel {
    let levels = if levels >= 0.0 {
        (levels + 0.5) as i16
    } else {
        (levels - 0.5) as i16
    };
    pixel.map(|part| (i16::from(part) + levels).clamp(0, 255) as u8)
}

fn luma([red, green, blue]: Pixel) -> f32 {
    f32::from(red) * 0.299 + f32::from(green) * 0.587 + f32::from(blue) * 0.114
}

fn level(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

fn plain(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64, detail: usize) {
    let unit = drawn.unit;
    let mut grains = vec![
        Grain::new(seed, unit * 0.0085, 2.6),
        Grain::new(seed ^ 1, unit * 0.03, 2.4),
    ];
    if detail > 0 {
        grains.push(Grain::new(
            seed ^ 2,
            unit * 0.0025,
            5.0 * detail.min(3) as f32,
        ));
    }
    each_row(picture, &mut grains, |x, y, grain| {
        shifted(drawn.at(x, y), grain)
    });
}

fn watercolour(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64) {
    let unit = drawn.unit;
    // Where the brush went: the drawing's edges wander, coarsely and finely.
    let mut across = [
        Grain::new(seed ^ 3, unit * 0.05, unit * 0.007),
        Grain::new(seed ^ 4, unit * 0.011, unit * 0.0035),
    ];
    let mut down = [
        Grain::new(seed ^ 5, unit * 0.05, unit * 0.007),
        Grain::new(seed ^ 6, unit * 0.011, unit * 0.0035),
    ];
    let mut paper = [Grain::new(seed, unit * 0.008, 3.0)];
    let mut wash = [
        Grain::new(seed ^ 1, unit * 0.09, 0.16),
        Grain::new(seed ^ 2, unit * 0.03, 0.1),
    ];
    let width = drawn.width;
    let edge = unit * 0.0035;
    for (y, row) in picture.chunks_exact_mut(width * 3).enumerate() {
        for grain in across
            .iter_mut()
            .chain(&mut down)
            .chain(&mut paper)
            .chain(&mut wash)
        {
            grain.enter_row(y, width);
        }
        let sum =
            |grains: &[Grain], x: usize| -> f32 { grains.iter().map(|grain| grain.at(x)).sum() };
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let (at_x, at_y) = (x as f32 + sum(&across, x), y as f32 + sum(&down, x));
            let pigment = drawn.near(at_x, at_y);
            let beside = drawn.near(at_x + edge, at_y + edge);
            // Pigment gathers where a wash ends.
            let rim = ((luma(pigment) - luma(beside)).abs() - 10.0).clamp(0.0, 40.0) * 0.7;
            let strength = 0.74 + sum(&wash, x);
            let tooth = sum(&paper, x);
            let sheet = [250.0, 246.0, 236.0];
            for (part, (pigment, sheet)) in pixel.iter_mut().zip(pigment.into_iter().zip(sheet)) {
                *part = level(sheet + (f32::from(pigment) - sheet) * strength - rim + tooth);
            }
        }
    }
}

/// One stroke of the brush.
struct Touch {
    centre: (f32, f32),
    along: (f32, f32),
    colour: Pixel,
    order: u32,
}

/// Each pixel takes the colour of the stroke that it lies in.
fn oil(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64) {
    let cell = drawn.unit * 0.0092;
    let width = drawn.width;
    let columns = (width as f32 / cell) as usize + 3;
    let rows = (drawn.height as f32 / cell) as usize + 3;
    let touches: Vec<Touch> = (0..rows * columns)
        .map(|index| {
            let hash = mix(seed, index as u64);
            let part = |shift: u32| (hash >> shift & 0xff) as f32 / 255.0 - 0.5;
            let (column, row) = (
                (index % columns) as f32 - 1.0,
                (index / columns) as f32 - 1.0,
            );
            let centre = (
                (column + 0.5 + part(0)) * cell,
                (row + 0.5 + part(8)) * cell,
            );
            let bearing = noise2(
                seed ^ 9,
                centre.0 / drawn.unit * 3.0,
                centre.1 / drawn.unit * 3.0,
            ) * 0.5
                + part(16) * 0.12;
            let light = part(24) * 26.0;
            Touch {
                centre,
                along: turn(bearing),
                colour: shifted(drawn.near(centre.0, centre.1), light),
                order: (hash >> 40) as u32,
            }
        })
        .collect();
    for (y, row) in picture.chunks_exact_mut(width * 3).enumerate() {
        let middle = (y as f32 / cell) as usize + 1;
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let column = (x as f32 / cell) as usize + 1;
            let mut best: Option<(&Touch, f32)> = None;
            for near in middle.saturating_sub(1)..=(middle + 1).min(rows - 1) {
                for touch in &touches[near * columns + column.saturating_sub(1)
                    ..=near * columns + (column + 1).min(columns - 1)]
                {
                    let (dx, dy) = (x as f32 - touch.centre.0, y as f32 - touch.centre.1);
                    let along = dx * touch.along.0 + dy * touch.along.1;
                    let beside = dy * touch.along.0 - dx * touch.along.1;
                    let inside = along * along / (cell * cell * 1.9)
                        + beside * beside / (cell * cell * 0.42);
                    if inside < 1.0 && best.is_none_or(|(top, _)| touch.order > top.order) {
                        best = Some((touch, beside / cell));
                    }
                }
            }
            let colour = best.map_or_else(
                || drawn.at(x, y),
                |(touch, beside)| shifted(touch.colour, (-beside * 4.0).round() * 5.0),
            );
            pixel.copy_from_slice(&colour);
        }
    }
}

fn blocks(drawn: &Drawn<'_>, picture: &mut RgbImage) {
    let count = |pixels: usize| ((pixels as f32 / drawn.unit * 104.0) as usize).max(1);
    let (columns, rows) = (count(drawn.width), count(drawn.height));
    let edge = |index: usize, count: usize, whole: usize| index * whole / count;
    for row in 0..rows {
        let (top, bottom) = (
            edge(row, rows, drawn.height),
            edge(row + 1, rows, drawn.height),
        );
        for column in 0..columns {
            let (left, right) = (
                edge(column, columns, drawn.width),
                edge(column + 1, columns, drawn.width),
            );
            let mut sum = [0_u32; 3];
            for y in top..bottom {
                for x in left..right {
                    for (sum, part) in sum.iter_mut().zip(drawn.at(x, y)) {
                        *sum += u32::from(part);
                    }
                }
            }
            let area = ((bottom - top) * (right - left)).max(1) as u32;
            // Few levels, with a chequered dither between them.
            let dither = if (row + column) % 2 == 0 { 4 } else { 14 };
            let colour = sum.map(|sum| ((sum / area + dither) / 18 * 18).min(255) as u8);
            for y in top..bottom {
                for x in left..right {
                    picture.put_pixel(x as u32, y as u32, Rgb(colour));
                }
            }
        }
    }
}

fn sketch(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64) {
    let unit = drawn.unit;
    let step = unit * 0.0018;
    let pitch = unit * 0.0125;
    let mut grains = [Grain::new(seed, unit * 0.05, unit * 0.004)];
    each_row(picture, &mut grains, |x, y, wander| {
        let (at_x, at_y) = (x as f32 + wander * 0.6, y as f32 - wander * 0.6);
        let tone = luma(drawn.near(at_x, at_y));
        let slope_x = luma(drawn.near(at_x + step, at_y)) - luma(drawn.near(at_x - step, at_y));
        let slope_y = luma(drawn.near(at_x, at_y + step)) - luma(drawn.near(at_x, at_y - step));
        let line = ((slope_x * slope_x + slope_y * slope_y).sqrt() * 3.2 - 26.0).clamp(0.0, 190.0);
        // Darker tones get more layers of hatching, each in another direction.
        let mut hatch = 0.0_f32;
        for (limit, across, down) in [(165.0, 0.71, 0.71), (105.0, 0.71, -0.71), (60.0, 1.0, 0.12)]
        {
            if tone < limit {
                let at = (x as f32 * across + y as f32 * down + wander * 2.0) / pitch;
                let part = (at - at.floor() - 0.5).abs();
                let reach = 0.07 + (limit - tone) / 420.0;
                hatch += ((reach - part) * pitch).clamp(0.0, 1.0) * 44.0;
            }
        }
        let ink = (line + hatch).min(205.0);
        let wash = (255.0 - tone) * 0.2;
        // A hint of the colour stays, as in a tinted drawing.
        let colour = drawn.at(x, y);
        [(251.0, 0), (246.0, 1), (234.0, 2)].map(|(sheet, part)| {
            let tint = (f32::from(colour[part]) - tone) * 0.22;
            level(((sheet - ink - wash + tint) / 5.0).round() * 5.0)
        })
    });
}

fn noir(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64) {
    let unit = drawn.unit;
    let (width, height) = (drawn.width as f32, drawn.height as f32);
    let mut grains = [
        Grain::new(seed, unit * 0.007, 4.0),
        Grain::new(seed ^ 1, unit * 0.03, 3.0),
    ];
    each_row(picture, &mut grains, |x, y, grain| {
        let tone = luma(drawn.at(x, y)) / 255.0;
        let curve = tone * tone * (3.0 - 2.0 * tone);
        let (dx, dy) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
        let shade = 1.0 - (dx * dx + dy * dy) * 0.9;
        let tone = (curve * 1.12 - 0.03) * shade * 255.0 + grain;
        [level(tone * 1.0), level(tone * 0.985), level(tone * 0.95)]
    });
}

fn neon(drawn: &Drawn<'_>, picture: &mut RgbImage, seed: u64) {
    // The bright parts at an eighth of the size, blurred: their light spills over.
    let step = ((drawn.unit / 128.0) as usize).max(1);
    let (width, height) = (drawn.width.div_ceil(step), drawn.height.div_ceil(step));
    let bright = RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let pixel = drawn.near(x as f32 * step as f32, y as f32 * step as f32);
        let most = pixel.into_iter().max().unwrap_or(0);
        let keep = (f32::from(most) - 120.0).max(0.0) / 135.0;
        // White light would only wash the picture out.
        let keep = keep * (0.25 + f32::from(most - pixel.into_iter().min().unwrap_or(0)) / 340.0);
        Rgb(pixel.map(|part| level(f32::from(part) * keep)))
    });
    let spill = image::imageops::fast_blur(&bright, 3.2);
    let lines = drawn.unit * 0.0045;
    let mut grains = [Grain::new(seed, drawn.unit * 0.02, 2.5)];
    each_row(picture, &mut grains, |x, y, grain| {
        let (at_x, at_y) = (x as f32 / step as f32, y as f32 / step as f32);
        let (left, top) = (at_x as u32, at_y as u32);
        let (right, below) = (
            (left + 1).min(width as u32 - 1),
            (top + 1).min(height as u32 - 1),
        );
        let (part_x, part_y) = (at_x - left as f32, at_y - top as f32);
        let pixel = drawn.at(x, y);
        let tone = luma(pixel);
        let scan = if ((y as f32 / lines) as usize).is_multiple_of(2) {
            1.0
        } else {
            0.93
        };
        let mut shone = [0; 3];
        for (part, shone) in shone.iter_mut().enumerate() {
            let corner = |x: u32, y: u32| f32::from(spill.get_pixel(x, y).0[part]);
            let upper = corner(left, top) + (corner(right, top) - corner(left, top)) * part_x;
            let lower = corner(left, below) + (corner(right, below) - corner(left, below)) * part_x;
            let light = upper + (lower - upper) * part_y;
            let vivid = tone + (f32::from(pixel[part]) - tone) * 1.35;
            *shone = level((vivid * 0.92 + light * 1.1) * scan + grain);
        }
        shone
    });
}
