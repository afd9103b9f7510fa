//! The white area of a `variation_region` mask: decoding what a client sent, and keeping it small.
//!
//! What the area is redrawn with is the painter's business.

use std::{io::Cursor, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use image::{ImageDecoder, ImageFormat, ImageReader};
use midjourney_imagine_painter::Mask;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest side of a mask that is decoded, in pixels.
const MAX_SIDE: u32 = 4096;
/// The most memory that decoding a mask may take, in bytes: 4096×4096 at four 16-bit channels, and some room.
const MAX_ALLOCATION: u64 = 160 << 20;
/// From this grey level (of 255) on, a pixel is white.
const WHITE: u32 = 128;

/// The painter's mask, as clients send it and as the state folder keeps it.
///
/// Serde keeps it lossless as base64 of run lengths, or of the plain bits where those are shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegionMask(pub(crate) Arc<Mask>);

impl RegionMask {
    /// Decodes the bytes of a PNG, JPEG or WebP picture. A pixel is white from grey level 128 on; what is transparent
    /// counts as black.
    ///
    /// # Errors
    ///
    /// Says in plain words what is wrong: another format, damaged data, or a side above 4096 pixels, which is found
    /// out before any pixel is decoded.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
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
    pub(crate) fn size(&self) -> (u32, u32) {
        self.0.size()
    }

    fn from_fn(width: u32, height: u32, white: impl Fn(u32, u32) -> bool) -> Self {
        Self(Arc::new(Mask::from_fn(width, height, white)))
    }

    /// Whether each pixel is white, row by row.
    fn pixels(&self) -> impl Iterator<Item = bool> {
        let (width, height) = self.size();
        (0..height)
            .flat_map(move |y| (0..width).map(move |x| self.0.is_white(x, y, (width, height))))
    }

    /// Run lengths, black first, each in groups of seven bits, lowest first.
    fn runs(&self) -> Vec<u8> {
        let mut runs = Vec::new();
        let mut push = |mut run: u64| {
            while run >= 0x80 {
                runs.push((run & 0x7f) as u8 | 0x80);
                run >>= 7;
            }
            runs.push((run & 0x7f) as u8);
        };
        let (mut white, mut run) = (false, 0_u64);
        for pixel in self.pixels() {
            if pixel != white {
                push(run);
                (white, run) = (pixel, 0);
            }
            run += 1;
        }
        push(run);
        runs
    }

    fn bits(&self) -> Vec<u8> {
        let (width, height) = self.size();
        let mut bits = vec![0; bytes_for(width, height)];
        for (index, white) in self.pixels().enumerate() {
            bits[index / 8] |= u8::from(white) << (7 - index % 8);
        }
        bits
    }

    fn from_bits(width: u32, height: u32, bits: &[u8]) -> Self {
        Self::from_fn(width, height, |x, y| {
            let index = y as usize * width as usize + x as usize;
            bits[index / 8] >> (7 - index % 8) & 1 == 1
        })
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
        (at == total).then(|| Self::from_bits(width, height, &bits))
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
        let (width, height) = self.size();
        let packed = if runs.len() < bytes_for(width, height) {
            Packed::Runs(STANDARD_NO_PAD.encode(runs))
        } else {
            Packed::Bits(STANDARD_NO_PAD.encode(self.bits()))
        };
        Stored {
            width,
            height,
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
                    Ok(Self::from_bits(width, height, &bits))
                } else {
                    Err(de::Error::custom("the mask's bits do not fill it"))
                }
            }
        }
    }
}
