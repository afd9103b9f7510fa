//! The overlay: the prompt, the tile, the action and the seed, printed on each tile.

use font8x8::legacy::BASIC_LEGACY;
use image::{Rgb, RgbImage};

/// Pixels of a letter's side.
const LETTER: u32 = 8;
/// The most lines that a prompt takes.
const PROMPT_LINES: usize = 3;

/// Prints them into the upper left corner of each tile of a grid, or of one picture, which is tile `first`.
pub(crate) fn print(picture: &mut RgbImage, prompt: &str, facts: &str, first: u8, grid: bool) {
    let (across, tiles) = if grid { (2, 4) } else { (1, 1) };
    let (width, height) = (picture.width() / across, picture.height() / across);
    // Legible at the size of a preview, and at least two pixels to a dot where there is room.
    let dot = (width / 400).max(1);
    let columns = ((width / dot).saturating_sub(LETTER) / LETTER).max(1) as usize;
    for index in 0..tiles {
        let corner = (index % across * width, index / across * height);
        let prompt: Vec<char> = prompt.chars().collect();
        let mut lines: Vec<String> = prompt
            .chunks(columns)
            .take(PROMPT_LINES)
            .map(|line| line.iter().collect())
            .collect();
        let number = first + index as u8;
        let facts = format!("tile {number}  {facts}");
        lines.push(facts.chars().take(columns).collect());
        for (row, line) in (0_u32..).zip(&lines) {
            write(
                picture,
                line,
                (corner.0, corner.1 + row * dot * (LETTER + 2)),
                dot,
            );
        }
    }
}

/// Writes one line, white on a darkened strip. A letter that the font lacks is a question mark.
fn write(picture: &mut RgbImage, line: &str, (left, top): (u32, u32), dot: u32) {
    for (column, letter) in (0_u32..).zip(line.chars()) {
        let glyph = BASIC_LEGACY
            .get(letter as usize)
            .unwrap_or(&BASIC_LEGACY[usize::from(b'?')]);
        for (y, x) in (0..LETTER + 2).flat_map(|y| (0..LETTER).map(move |x| (y, x))) {
            let lit = y
                .checked_sub(1)
                .and_then(|y| glyph.get(y as usize))
                .is_some_and(|row| row >> x & 1 == 1);
            let corner = (left + dot * (column * LETTER + x), top + dot * y);
            for (dx, dy) in (0..dot).flat_map(|dx| (0..dot).map(move |dy| (dx, dy))) {
                if let Some(pixel) = picture.get_pixel_mut_checked(corner.0 + dx, corner.1 + dy) {
                    *pixel = if lit {
                        Rgb([255; 3])
                    } else {
                        Rgb(pixel.0.map(|part| part / 4))
                    };
                }
            }
        }
    }
}
