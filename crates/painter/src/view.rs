//! The files of a picture (raw, preview, tiles, unfinished frames): their sizes, scaling and encoding.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageFormat, RgbImage, imageops};

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
                overlay::print(&mut picture, prompt, facts, first, grid);
            };
        }
        if matches!(view, View::Preview | View::Draft { preview: true, .. }) {
            picture = halved(&picture);
        }
        let (format, content_type) = match view {
            View::Draft { .. } => (ImageFormat::WebP, "image/webp"),
            View::Raw | View::Preview | View::Tile(_) => (ImageFormat::Png, "image/png"),
        };
        let mut file = Cursor::new(Vec::with_capacity(picture.as_raw().len() / 4));
        picture
            .write_to(&mut file, format)
            .expect("a picture of a sound size is written to memory");
        Rendered {
            bytes: file.into_inner().into(),
            content_type,
            size: picture.dimensions(),
        }
    }
}

/// Each pixel the mean of four. An odd last row or column counts to the one before it.
fn halved(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    imageops::thumbnail(picture, (width / 2).max(1), (height / 2).max(1))
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
