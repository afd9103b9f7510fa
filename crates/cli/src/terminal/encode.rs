//! Pictures as the codes that terminals draw them by: kitty's graphics, iTerm's inline images, sixel, coloured half
//! blocks. Each code sequence is drawn from where the cursor stands.

use std::fmt::Write as _;
use std::io::Cursor;

use ::image::imageops::FilterType;
use ::image::{DynamicImage, ImageFormat, RgbImage};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use icy_sixel::SixelImage;

/// A way to draw a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Kitty,
    Iterm,
    Sixel,
    /// Half blocks in 24-bit colour.
    Blocks,
    /// Half blocks in the 256 colours that nearly every terminal has.
    Blocks256,
}

/// A size in the terminal's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) rows: u16,
    pub(super) columns: u16,
}

/// A picture ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(super) codes: String,
    pub(super) size: Cells,
}

/// A cell's size in pixels where the terminal does not tell: twice as high as wide, as nearly everywhere.
const USUAL_CELL: (u16, u16) = (10, 20);
/// The longest chunk of data in one of kitty's sequences.
const KITTY_CHUNK: usize = 4096;
/// The picture's number at kitty: a new picture under the same one takes the old one's place.
const KITTY_ID: u32 = 0x6d6a;

/// Encodes a picture to fit the room. Nothing where it has no size, or the encoder refuses it.
pub(super) fn encode(
    protocol: Protocol,
    picture: &DynamicImage,
    room: Cells,
    cell: Option<(u16, u16)>,
) -> Option<Encoded> {
    let cell = cell.unwrap_or(USUAL_CELL);
    let size = fit((picture.width(), picture.height()), room, cell)?;
    let pixels = (
        u32::from(size.columns) * u32::from(cell.0),
        u32::from(size.rows) * u32::from(cell.1),
    );
    let codes = match protocol {
        Protocol::Kitty => kitty(&png(picture, pixels)?, size),
        Protocol::Iterm => iterm(&png(picture, pixels)?, size),
        Protocol::Sixel => sixel(picture, pixels)?,
        Protocol::Blocks => blocks(picture, size, true),
        Protocol::Blocks256 => blocks(picture, size, false),
    };
    Some(Encoded { codes, size })
}

/// The largest size in cells that keeps the picture's shape within the room.
fn fit(picture: (u32, u32), room: Cells, cell: (u16, u16)) -> Option<Cells> {
    let (width, height) = (f64::from(picture.0), f64::from(picture.1));
    let (cell_width, cell_height) = (f64::from(cell.0), f64::from(cell.1));
    if width < 1.0 || height < 1.0 || room.rows == 0 || room.columns == 0 {
        return None;
    }
    let scale = (f64::from(room.columns) * cell_width / width)
        .min(f64::from(room.rows) * cell_height / height);
    let cells = |length: f64, most: u16| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was clamped to 1 and `most`"
        )]
        let cells = length.round().clamp(1.0, f64::from(most)) as u16;
        cells
    };
    Some(Cells {
        rows: cells(height * scale / cell_height, room.rows),
        columns: cells(width * scale / cell_width, room.columns),
    })
}

fn scaled(picture: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    picture.resize_exact(width, height, FilterType::Triangle)
}

/// The picture as a PNG file no larger than it is shown: a terminal may sit behind a slow line.
fn png(picture: &DynamicImage, pixels: (u32, u32)) -> Option<Vec<u8>> {
    let small = if picture.width() > pixels.0 {
        &scaled(picture, pixels)
    } else {
        picture
    };
    let mut file = Cursor::new(Vec::new());
    small.to_rgb8().write_to(&mut file, ImageFormat::Png).ok()?;
    Some(file.into_inner())
}

/// Kitty's graphics protocol: transmit and show (`a=T`) a PNG (`f=100`), the cursor stays (`C=1`), no answers (`q=2`).
fn kitty(png: &[u8], size: Cells) -> String {
    let data = BASE64_STANDARD.encode(png);
    let mut codes = format!("\x1b_Ga=d,d=I,i={KITTY_ID},q=2\x1b\\");
    let mut rest = data.as_str();
    let mut head = format!(
        "a=T,f=100,i={KITTY_ID},c={},r={},C=1,q=2,",
        size.columns, size.rows
    );
    loop {
        let (chunk, after) = rest.split_at(rest.len().min(KITTY_CHUNK));
        let more = u8::from(!after.is_empty());
        // Writing to a string cannot fail.
        let _ = write!(codes, "\x1b_G{head}m={more};{chunk}\x1b\\");
        if after.is_empty() {
            return codes;
        }
        "q=2,".clone_into(&mut head);
        rest = after;
    }
}

fn iterm(png: &[u8], size: Cells) -> String {
    format!(
        "\x1b]1337;File=inline=1;size={};width={};height={};preserveAspectRatio=1:{}\x07",
        png.len(),
        size.columns,
        size.rows,
        BASE64_STANDARD.encode(png)
    )
}

fn sixel(picture: &DynamicImage, pixels: (u32, u32)) -> Option<String> {
    // Sixels come six to a band: the last band must not reach into the row below.
    let height = (pixels.1 / 6 * 6).max(6);
    let picture = scaled(picture, (pixels.0, height)).into_rgba8();
    let (width, height) = (
        usize::try_from(picture.width()).ok()?,
        usize::try_from(height).ok()?,
    );
    SixelImage::from_rgba(picture.into_raw(), width, height)
        .encode()
        .ok()
}

/// Two pixels to a cell: the upper half block in the colour of one, on the colour of the other.
fn blocks(picture: &DynamicImage, size: Cells, is_true_colour: bool) -> String {
    let pixels: RgbImage = picture
        .resize_exact(
            u32::from(size.columns),
            u32::from(size.rows) * 2,
            FilterType::Triangle,
        )
        .into_rgb8();
    let colour = |[red, green, blue]: [u8; 3]| {
        if is_true_colour {
            format!("2;{red};{green};{blue}")
        } else {
            format!("5;{}", nearest_of_256([red, green, blue]))
        }
    };
    let mut codes = String::new();
    for row in 0..u32::from(size.rows) {
        let (mut above, mut below) = (String::new(), String::new());
        for column in 0..u32::from(size.columns) {
            let upper = colour(pixels.get_pixel(column, row * 2).0);
            let lower = colour(pixels.get_pixel(column, row * 2 + 1).0);
            if upper != above {
                let _ = write!(codes, "\x1b[38;{upper}m");
            }
            if lower != below {
                let _ = write!(codes, "\x1b[48;{lower}m");
            }
            (above, below) = (upper, lower);
            codes.push('▀');
        }
        let _ = write!(codes, "\x1b[0m\x1b[{}D\x1b[1B", size.columns);
    }
    codes
}

/// The nearest of the 256 colours: the 6×6×6 cube, or the greys between its own.
fn nearest_of_256(colour: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |value: u8| {
        let (index, _) = LEVELS
            .iter()
            .enumerate()
            .min_by_key(|(_, level)| level.abs_diff(value))
            .unwrap_or((0, &0));
        u8::try_from(index).unwrap_or(0)
    };
    let distance = |other: [u8; 3]| -> u32 {
        colour
            .iter()
            .zip(other)
            .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
            .sum()
    };
    let [red, green, blue] = colour.map(level);
    let cube = [red, green, blue].map(|index| LEVELS[usize::from(index)]);
    let mean = colour.iter().map(|value| u32::from(*value)).sum::<u32>() / 3;
    // 24 greys, from 8 in steps of 10.
    let step = u8::try_from(mean.saturating_sub(3) / 10)
        .unwrap_or(23)
        .min(23);
    let grey = 8 + 10 * step;
    if distance([grey; 3]) < distance(cube) {
        232 + step
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Cells = Cells {
        rows: 20,
        columns: 80,
    };

    fn picture(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            ::image::Rgb([
                if x < width / 2 { 255 } else { 0 },
                if y < height / 2 { 255 } else { 0 },
                0,
            ])
        }))
    }

    #[test]
    fn pictures_keep_their_shape_within_the_room() {
        assert_eq!(
            fit((2048, 2048), ROOM, USUAL_CELL),
            Some(Cells {
                rows: 20,
                columns: 40
            })
        );
        assert_eq!(
            fit((2912, 1632), ROOM, USUAL_CELL),
            Some(Cells {
                rows: 20,
                columns: 71
            })
        );
        assert_eq!(
            fit((4000, 500), ROOM, USUAL_CELL),
            Some(Cells {
                rows: 5,
                columns: 80
            })
        );
        assert_eq!(
            fit((500, 4000), ROOM, USUAL_CELL),
            Some(Cells {
                rows: 20,
                columns: 5
            })
        );
        assert_eq!(fit((0, 10), ROOM, USUAL_CELL), None);
    }

    #[test]
    fn blocks_hold_two_pixels_to_a_cell() {
        let codes = blocks(
            &picture(2, 4),
            Cells {
                rows: 2,
                columns: 2,
            },
            true,
        );
        let yellow_over_yellow = "\x1b[38;2;255;255;0m\x1b[48;2;255;255;0m▀";
        assert!(codes.starts_with(yellow_over_yellow), "{codes:?}");
        assert_eq!(codes.matches('▀').count(), 4);
        assert_eq!(
            codes.matches("\x1b[0m").count(),
            2,
            "every row leaves the colours as they were"
        );
    }

    #[test]
    fn the_nearest_of_256_colours() {
        assert_eq!(nearest_of_256([255, 0, 0]), 196);
        assert_eq!(nearest_of_256([0, 0, 0]), 16);
        assert_eq!(nearest_of_256([255, 255, 255]), 231);
        assert_eq!(nearest_of_256([128, 128, 128]), 244);
        assert_eq!(nearest_of_256([95, 135, 175]), 67);
    }

    #[test]
    fn kitty_gets_chunks_and_the_last_one_says_so() {
        let codes = kitty(
            &[7; 10_000],
            Cells {
                rows: 3,
                columns: 6,
            },
        );
        let sequences: Vec<&str> = codes.split_inclusive("\x1b\\").collect();
        assert!(sequences[0].contains("a=d"));
        assert!(sequences[1].starts_with("\x1b_Ga=T,f=100,") && sequences[1].contains("c=6,r=3"));
        assert!(sequences[1].contains("m=1;"));
        let last = sequences.last().expect("a last one");
        assert!(last.contains("m=0;"));
        assert!(
            sequences
                .iter()
                .all(|sequence| sequence.len() <= KITTY_CHUNK + 80)
        );
    }

    #[test]
    fn every_protocol_encodes_a_picture() {
        for (protocol, start) in [
            (Protocol::Kitty, "\x1b_G"),
            (Protocol::Iterm, "\x1b]1337;File=inline=1"),
            (Protocol::Sixel, "\x1bP"),
            (Protocol::Blocks, "\x1b[38;2;"),
            (Protocol::Blocks256, "\x1b[38;5;"),
        ] {
            let encoded = encode(protocol, &picture(64, 64), ROOM, None).expect("encoded");
            assert!(encoded.codes.starts_with(start), "{protocol:?}");
            assert_eq!(
                encoded.size,
                Cells {
                    rows: 20,
                    columns: 40
                }
            );
        }
    }
}
