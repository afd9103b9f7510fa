//! The files of a picture (raw, preview, tiles, unfinished frames): their sizes, scaling and encoding.

use bytes::Bytes;
use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use super::{Recipe, lineage::Plate};

/// Which file of a picture is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// The picture at full size; PNG.
    Raw,
    /// The picture at half its width and height; PNG.
    Preview,
    /// One tile of a grid, 1..=4, equal to that quadrant of the raw picture; PNG. A single has one tile, itself.
    Tile(u8),
    /// An unfinished frame: small and blurred, clearer as it progresses; lossless WebP.
    Draft {
        /// How far the generation has come, in percent.
        progress: u8,
        /// The frame's own preview, at half its width and height.
        preview: bool,
    },
}

/// One file of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The encoded file.
    pub bytes: Bytes,
    /// `image/png` or `image/webp`.
    pub content_type: &'static str,
    /// Width and height, in pixels.
    pub size: (u32, u32),
}

/// How many times smaller than the raw picture an unfinished frame is, on each side.
const DRAFT: u32 = 4;

impl Recipe {
    /// Width and height of one file of this picture, in pixels. Draws nothing.
    #[must_use]
    pub fn view_size(&self, view: View) -> (u32, u32) {
        let plate = Plate::of(self);
        let (width, height) = plate.size();
        let divided = |by: u32| ((width / by).max(1), (height / by).max(1));
        match view {
            View::Raw => (width, height),
            View::Preview => divided(2),
            View::Tile(_) => plate.tile_size(),
            View::Draft { preview, .. } => divided(if preview { 2 * DRAFT } else { DRAFT }),
        }
    }

    /// Draws and encodes one file of this picture. Takes up to about half a second of processor time: call it off the
    /// async threads.
    #[must_use]
    pub fn render(&self, view: View) -> Rendered {
        let plate = Plate::of(self);
        let (picture, content_type) = match view {
            View::Raw => (plate.draw(), "image/png"),
            View::Preview => (halved(&plate.draw()), "image/png"),
            View::Tile(tile) => (plate.draw_tile(tile), "image/png"),
            View::Draft { progress, preview } => {
                let draft = draft(&plate, progress);
                (if preview { halved(&draft) } else { draft }, "image/webp")
            }
        };
        let bytes = if content_type == "image/png" {
            png(&picture)
        } else {
            webp(&picture)
        };
        Rendered {
            bytes,
            content_type,
            size: picture.dimensions(),
        }
    }
}

/// Each pixel the mean of four. An odd last row or column is dropped.
fn halved(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn((width / 2).max(1), (height / 2).max(1), |x, y| {
        let at = |dx: u32, dy: u32| {
            picture
                .get_pixel((2 * x + dx).min(width - 1), (2 * y + dy).min(height - 1))
                .0
        };
        let four = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
        image::Rgb(std::array::from_fn(|channel| {
            let sum: u16 = four.iter().map(|pixel| u16::from(pixel[channel])).sum();
            u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
        }))
    })
}

/// A frame as it looks before the picture is done: blurred, the less the further it has come.
fn draft(plate: &Plate, progress: u8) -> RgbImage {
    let left = u32::from(100_u8.saturating_sub(progress));
    if left < 40 {
        return blurred(plate.draw_small(DRAFT), left / 6);
    }
    // What is blurred this much may as well be drawn at half the size, at a quarter of the cost.
    let (width, height) = {
        let (width, height) = plate.size();
        ((width / DRAFT).max(1), (height / DRAFT).max(1))
    };
    let small = plate.draw_small(2 * DRAFT);
    let doubled = RgbImage::from_fn(width, height, |x, y| {
        *small.get_pixel(
            (x / 2).min(small.width() - 1),
            (y / 2).min(small.height() - 1),
        )
    });
    blurred(doubled, left / 6)
}

/// Two box blurs on each axis: close to a Gaussian of about the same radius, in whole numbers.
fn blurred(mut picture: RgbImage, radius: u32) -> RgbImage {
    if radius == 0 {
        return picture;
    }
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut line = Vec::new();
    for _ in 0..2 {
        for row in 0..height {
            smear(
                &mut picture,
                &mut line,
                row * width * 3,
                3,
                width,
                radius as usize,
            );
        }
        for column in 0..width {
            smear(
                &mut picture,
                &mut line,
                column * 3,
                width * 3,
                height,
                radius as usize,
            );
        }
    }
    picture
}

/// Replaces each of `count` pixels, `step` bytes apart from `start` on, by the mean of those within the radius; the
/// first and the last one go on beyond the edges.
fn smear(
    picture: &mut [u8],
    line: &mut Vec<[u8; 3]>,
    start: usize,
    step: usize,
    count: usize,
    radius: usize,
) {
    let pixel = |index: usize| start + index * step;
    line.clear();
    line.extend((0..count).map(|index| {
        let at = pixel(index);
        [picture[at], picture[at + 1], picture[at + 2]]
    }));
    let clamped = |index: usize| line[index.saturating_sub(radius).min(count - 1)];
    let mut sums = [0_u32; 3];
    for index in 0..=2 * radius {
        for (sum, part) in sums.iter_mut().zip(clamped(index)) {
            *sum += u32::from(part);
        }
    }
    let size = 2 * radius as u32 + 1;
    for index in 0..count {
        let at = pixel(index);
        let (gone, come) = (clamped(index), clamped(index + 2 * radius + 1));
        for part in 0..3 {
            picture[at + part] = ((sums[part] + size / 2) / size) as u8;
            sums[part] = sums[part] + u32::from(come[part]) - u32::from(gone[part]);
        }
    }
}

fn png(picture: &RgbImage) -> Bytes {
    encoded(picture, |file| {
        PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::Adaptive).write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
    })
}

fn webp(picture: &RgbImage) -> Bytes {
    encoded(picture, |file| {
        WebPEncoder::new_lossless(file).write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
    })
}

fn encoded(
    picture: &RgbImage,
    write: impl FnOnce(&mut Vec<u8>) -> image::ImageResult<()>,
) -> Bytes {
    let mut file = Vec::with_capacity(picture.as_raw().len() / 4);
    write(&mut file).expect("a picture of a sound size is written to memory");
    file.into()
}
