//! The white area of a `variation_region` mask: decoding what a client sent, and keeping it small.
//!
//! What the area is redrawn with lives in `lineage`.

use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use image::{ImageDecoder, ImageFormat, ImageReader};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest side of a mask that is decoded, in pixels.
const MAX_SIDE: u32 = 4096;
/// The most memory that decoding a mask may take, in bytes: 4096×4096 at four 16-bit channels, and some room.
const MAX_ALLOCATION: u64 = 160 << 20;
/// From this grey level (of 255) on, a pixel is white.
const WHITE: u32 = 128;

/// Which pixels of a picture are to be redrawn: white ones are, black ones are not.
///
/// One bit a pixel. Serde keeps it lossless as base64 of run lengths, or of the plain bits where those are shorter.
#[derive(Clone, PartialEq, Eq)]
pub struct RegionMask {
    width: u32,
    height: u32,
    /// Row by row without padding, the first pixel in the highest bit.
    bits: Vec<u8>,
}

impl RegionMask {
    /// Decodes the bytes of a PNG, JPEG or WebP picture. A pixel is white from grey level 128 on; what is transparent
    /// counts as black.
    ///
    /// # Errors
    ///
    /// Says in plain words what is wrong: another format, damaged data, or a side above 4096 pixels, which is found
    /// out before any pixel is decoded.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err("the mask is empty".to_owned());
        }
        let format = image::guess_format(bytes)
            .ok()
            .filter(|format| {
                matches!(
                    format,
                    ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP
                )
            })
            .ok_or("the mask is not a PNG, JPEG or WebP picture")?;
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(MAX_ALLOCATION);
        reader.limits(limits);
        let damaged = |error| format!("the mask cannot be decoded: {error}");
        let decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(format!(
                "the mask is {width}×{height} pixels, more than {MAX_SIDE}×{MAX_SIDE}"
            ));
        }
        let grey = image::DynamicImage::from_decoder(decoder)
            .map_err(damaged)?
            .into_luma_alpha8();
        Ok(Self::from_fn(width, height, |x, y| {
            let [level, alpha] = grey.get_pixel(x, y).0;
            u32::from(level) * u32::from(alpha) >= WHITE * 255
        }))
    }

    /// The mask's own width and height, in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    pub(crate) fn from_fn(width: u32, height: u32, white: impl Fn(u32, u32) -> bool) -> Self {
        let mut bits = vec![0; bytes_for(width, height)];
        let mut index = 0_usize;
        for y in 0..height {
            for x in 0..width {
                bits[index / 8] |= u8::from(white(x, y)) << (7 - index % 8);
                index += 1;
            }
        }
        Self {
            width,
            height,
            bits,
        }
    }

    /// Whether the pixel is to be redrawn, as if the mask were `width`×`height` pixels (nearest neighbour).
    pub(crate) fn is_white(&self, x: u32, y: u32, (width, height): (u32, u32)) -> bool {
        let scaled = |at: u32, from: u32, to: u32| {
            // The centre of the asked pixel, in the mask's own pixels.
            let centre = (2 * u64::from(at) + 1) * u64::from(to) / (2 * u64::from(from));
            usize::try_from(centre).unwrap_or(usize::MAX)
        };
        let index =
            scaled(y, height, self.height) * self.width as usize + scaled(x, width, self.width);
        self.bits
            .get(index / 8)
            .is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1)
    }

    /// Run lengths, black first, each in groups of seven bits, lowest first.
    fn runs(&self) -> Vec<u8> {
        let mut runs = Vec::new();
        let mut push = |mut run: u64| {
            while run >= 0x80 {
                runs.push(run as u8 | 0x80);
                run >>= 7;
            }
            runs.push(run as u8);
        };
        let (mut colour, mut run) = (0, 0_u64);
        for index in 0..self.width as usize * self.height as usize {
            let bit = self.bits[index / 8] >> (7 - index % 8) & 1;
            if bit != colour {
                push(run);
                (colour, run) = (bit, 0);
            }
            run += 1;
        }
        push(run);
        runs
    }

    fn from_runs(width: u32, height: u32, runs: &[u8]) -> Option<Self> {
        let total = u64::from(width) * u64::from(height);
        let mut bits = vec![0; bytes_for(width, height)];
        let (mut at, mut white, mut run, mut shift) = (0_u64, false, 0_u64, 0);
        for byte in runs {
            run |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 != 0 {
                continue;
            }
            let end = at.checked_add(run).filter(|end| *end <= total)?;
            if white {
                for index in at..end {
                    bits[usize::try_from(index / 8).ok()?] |= 0x80 >> (index % 8);
                }
            }
            (at, white, run, shift) = (end, !white, 0, 0);
        }
        (at == total).then_some(Self {
            width,
            height,
            bits,
        })
    }
}

impl std::fmt::Debug for RegionMask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Megabytes of bits tell a reader nothing.
        f.debug_struct("RegionMask")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

fn bytes_for(width: u32, height: u32) -> usize {
    (width as usize * height as usize).div_ceil(8)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Packed {
    Runs(String),
    Bits(String),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    width: u32,
    height: u32,
    #[serde(flatten)]
    packed: Packed,
}

impl Serialize for RegionMask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let runs = self.runs();
        let packed = if runs.len() < self.bits.len() {
            Packed::Runs(STANDARD_NO_PAD.encode(runs))
        } else {
            Packed::Bits(STANDARD_NO_PAD.encode(&self.bits))
        };
        Stored {
            width: self.width,
            height: self.height,
            packed,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RegionMask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored {
            width,
            height,
            packed,
        } = Stored::deserialize(deserializer)?;
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(de::Error::custom("the mask has no sound size"));
        }
        let decode = |text: String| STANDARD_NO_PAD.decode(text).map_err(de::Error::custom);
        match packed {
            Packed::Runs(text) => Self::from_runs(width, height, &decode(text)?)
                .ok_or_else(|| de::Error::custom("the mask's runs do not fill it")),
            Packed::Bits(text) => {
                let bits = decode(text)?;
                if bits.len() == bytes_for(width, height) {
                    Ok(Self {
                        width,
                        height,
                        bits,
                    })
                } else {
                    Err(de::Error::custom("the mask's bits do not fill it"))
                }
            }
        }
    }
}
