//! The small mark in each tile's lower right corner that says that the picture is emulated.

use image::RgbImage;
use resvg::tiny_skia::{Pixmap, Transform};

use crate::figure::Figure;

/// Between the mark and the picture's edges, in parts of the picture's shorter side.
const GAP: f32 = 0.018;
/// Width and height of the mark, likewise.
const PLATE: (f32, f32) = (0.119, 0.031);

/// The mark's first and last column and row in a picture of some size: left, top, right, bottom, in pixels.
pub(crate) fn pixels((width, height): (u32, u32)) -> (u32, u32, u32, u32) {
    // As large in a wide picture as in a narrow one.
    let unit = width.min(height) as f32;
    let (right, bottom) = (width as f32 - GAP * unit, height as f32 - GAP * unit);
    (
        (right - PLATE.0 * unit) as u32,
        (bottom - PLATE.1 * unit) as u32,
        right as u32,
        bottom as u32,
    )
}

/// Puts the mark into the lower right corner of a finished picture.
pub(crate) fn stamp(picture: &mut RgbImage) {
    let size = picture.dimensions();
    let (left, top, ..) = pixels(size);
    let (width, height) = (size.0 - left, size.1 - top);
    let unit = size.0.min(size.1) as f32;
    let (Some(figure), Some(mut corner)) = (Figure::find("mark"), Pixmap::new(width, height))
    else {
        return;
    };
    let foot = (width as f32 - GAP * unit, height as f32 - GAP * unit);
    let place = Transform::from_translate(foot.0, foot.1).pre_scale(unit / 1000.0, unit / 1000.0);
    figure.draw_plain(&mut corner, place);
    for (index, mark) in (0_u32..).zip(corner.data().chunks_exact(4)) {
        let pixel = picture.get_pixel_mut(left + index % width, top + index / width);
        let through = 255 - u16::from(mark[3]);
        for (part, mark) in pixel.0.iter_mut().zip(mark) {
            // The drawn mark is premultiplied.
            *part = (u16::from(*part) * through / 255 + u16::from(*mark)) as u8;
        }
    }
}
