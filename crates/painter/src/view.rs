//! The files of a picture (raw, preview, tiles, unfinished frames): their sizes, scaling and encoding.

use bytes::Bytes;
use image::{
    ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
    imageops,
};

use crate::{
    overlay,
    picture::{Picture, Plate},
};

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

impl Picture {
    /// Width and height of one file of this picture, in pixels. Draws nothing.
    #[must_use]
    pub fn view_size(&self, view: View) -> (u32, u32) {
        let plate = &self.plate;
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
        self.render_as(view, None)
    }

    /// As [`render`](Self::render), with the prompt, the tile's number and some facts printed on each tile, for those who
    /// look for what made it.
    #[must_use]
    pub fn render_with_overlay(&self, view: View, prompt: &str, facts: &str) -> Rendered {
        self.render_as(view, Some((prompt, facts)))
    }

    fn render_as(&self, view: View, overlay: Option<(&str, &str)>) -> Rendered {
        let plate = &self.plate;
        let mut picture = match view {
            View::Raw | View::Preview => plate.draw(),
            View::Tile(tile) => plate.draw_tile(tile),
            View::Draft { progress, .. } => draft(plate, progress),
        };
        if let Some((prompt, facts)) = overlay {
            let first = if let View::Tile(tile) = view { tile } else { 1 };
            {
                let grid = self.is_grid() && !matches!(view, View::Tile(_));
                overlay::print(&mut picture, prompt, facts, first, grid)
            };
        }
        if matches!(view, View::Preview | View::Draft { preview: true, .. }) {
            picture = halved(&picture);
        }
        let content_type = match view {
            View::Draft { .. } => "image/webp",
            View::Raw | View::Preview | View::Tile(_) => "image/png",
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
    let left = 100_u8.saturating_sub(progress);
    let small = plate.draw_small(DRAFT);
    if left < 5 {
        return small;
    }
    imageops::fast_blur(&small, f32::from(left) / 7.0)
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
