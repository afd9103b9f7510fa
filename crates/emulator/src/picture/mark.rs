//! The small mark in each tile's lower right corner that says that the picture is emulated.

use image::RgbImage;

use super::{
    canvas::{Canvas, Frame, Shape, Spot, sheer},
    colour::{BLACK, WHITE},
};

/// The height of the letters, in scene units.
const HEIGHT: f32 = 0.0145;
/// Strokes of each letter on a grid two wide and four high.
const LETTERS: [&[&[Spot]]; 8] = {
    const E: &[&[Spot]] = &[
        &[(2.0, 0.0), (0.0, 0.0), (0.0, 4.0), (2.0, 4.0)],
        &[(0.0, 2.0), (1.6, 2.0)],
    ];
    const M: &[&[Spot]] = &[&[(0.0, 4.0), (0.0, 0.0), (1.2, 2.2), (2.4, 0.0), (2.4, 4.0)]];
    const U: &[&[Spot]] = &[&[
        (0.0, 0.0),
        (0.0, 3.2),
        (0.7, 4.0),
        (1.5, 4.0),
        (2.2, 3.2),
        (2.2, 0.0),
    ]];
    const L: &[&[Spot]] = &[&[(0.0, 0.0), (0.0, 4.0), (2.0, 4.0)]];
    const A: &[&[Spot]] = &[
        &[(0.0, 4.0), (1.2, 0.0), (2.4, 4.0)],
        &[(0.45, 2.7), (1.95, 2.7)],
    ];
    const T: &[&[Spot]] = &[&[(0.0, 0.0), (2.4, 0.0)], &[(1.2, 0.0), (1.2, 4.0)]];
    const D: &[&[Spot]] = &[&[
        (0.0, 0.0),
        (1.2, 0.0),
        (2.2, 1.0),
        (2.2, 3.0),
        (1.2, 4.0),
        (0.0, 4.0),
        (0.0, 0.0),
    ]];
    [E, M, U, L, A, T, E, D]
};
/// From one letter to the next, in the letters' own grid.
const ADVANCE: f32 = 3.7;

/// Where the mark stands in a frame: its plate.
fn place(frame: Frame) -> Frame {
    // As large in a wide view as in a narrow one: the unit here is the shorter side of what is seen.
    let unit = frame.width().min(frame.height());
    let (height, letter) = (HEIGHT * unit, HEIGHT * unit / 4.0);
    let width = letter * (ADVANCE * 8.0 - 1.3);
    let (gap, pad) = (0.018 * unit, 0.008 * unit);
    Frame {
        left: frame.right - gap - width - 2.0 * pad,
        top: frame.bottom - gap - height - 2.0 * pad,
        right: frame.right - gap,
        bottom: frame.bottom - gap,
    }
}

/// Draws the mark into the corner of a frame: light letters on a dark plate, to be read on any ground.
fn draw(canvas: &mut Canvas, frame: Frame) {
    let plate = place(frame);
    let unit = frame.width().min(frame.height());
    canvas.fill(
        &Shape::rounded(
            plate.left,
            plate.top,
            plate.right,
            plate.bottom,
            0.006 * unit,
        ),
        sheer(BLACK, 0.42),
    );
    let letter = HEIGHT * unit / 4.0;
    for (index, strokes) in LETTERS.iter().enumerate() {
        let left = plate.left + 0.008 * unit + letter * ADVANCE * index as f32;
        let top = plate.top + 0.008 * unit;
        canvas.placed((left, top), (letter, letter), 0.0, |canvas| {
            for stroke in *strokes {
                canvas.line(&Shape::segments(stroke), sheer(WHITE, 0.92), 0.62);
            }
        });
    }
}

/// The plate's first and last column and row in a picture of some size: left, top, right, bottom, in pixels.
pub(super) fn pixels(size: (u32, u32)) -> (u32, u32, u32, u32) {
    let frame = Frame::of_size(size);
    let scale = size.0 as f32 / frame.width();
    let plate = place(frame);
    (
        ((plate.left - frame.left) * scale) as u32,
        ((plate.top - frame.top) * scale) as u32,
        ((plate.right - frame.left) * scale) as u32,
        ((plate.bottom - frame.top) * scale) as u32,
    )
}

/// Puts the mark into the lower right corner of a finished picture.
pub(super) fn stamp(picture: &mut RgbImage) {
    let size = picture.dimensions();
    let frame = Frame::of_size(size);
    let scale = size.0 as f32 / frame.width();
    // From the plate to the corner, in whole pixels.
    let (left, top, ..) = pixels(size);
    let (width, height) = (size.0 - left, size.1 - top);
    let corner = Frame {
        left: frame.left + left as f32 / scale,
        top: frame.top + top as f32 / scale,
        right: frame.right,
        bottom: frame.bottom,
    };
    let mut canvas = Canvas::new((width, height), corner);
    draw(&mut canvas, frame);
    for (index, mark) in canvas.pixels().chunks_exact(4).enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        let pixel = picture.get_pixel_mut(left + x, top + y);
        let through = 255 - u16::from(mark[3]);
        for (part, mark) in pixel.0.iter_mut().zip(mark) {
            // The canvas is premultiplied.
            *part = u8::try_from(u16::from(*part) * through / 255 + u16::from(*mark))
                .unwrap_or(u8::MAX);
        }
    }
}
