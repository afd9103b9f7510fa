//! A colour and what is done to it.

use super::dice::turn;

/// A colour in sRGB, each part 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colour {
    pub(super) red: f32,
    pub(super) green: f32,
    pub(super) blue: f32,
}

/// A colour from its six hexadecimal digits.
pub(super) const fn rgb(hex: u32) -> Colour {
    Colour {
        red: (hex >> 16 & 0xff) as f32 / 255.0,
        green: (hex >> 8 & 0xff) as f32 / 255.0,
        blue: (hex & 0xff) as f32 / 255.0,
    }
}

pub(super) const WHITE: Colour = rgb(0xff_ffff);
pub(super) const BLACK: Colour = rgb(0);

impl Colour {
    fn map(self, other: Self, join: impl Fn(f32, f32) -> f32) -> Self {
        Self {
            red: join(self.red, other.red).clamp(0.0, 1.0),
            green: join(self.green, other.green).clamp(0.0, 1.0),
            blue: join(self.blue, other.blue).clamp(0.0, 1.0),
        }
    }

    /// This colour at `part` 0, the other one at 1.
    pub(super) fn mix(self, other: Self, part: f32) -> Self {
        self.map(other, |from, to| from + (to - from) * part)
    }

    pub(super) fn lighter(self, part: f32) -> Self {
        self.mix(WHITE, part)
    }

    pub(super) fn darker(self, part: f32) -> Self {
        // Shadows are bluish rather than black: flat pictures look dirty otherwise.
        self.mix(
            Self {
                red: 0.05,
                green: 0.04,
                blue: 0.12,
            },
            part,
        )
    }

    /// As seen through a filter of the other colour.
    pub(super) fn times(self, filter: Self) -> Self {
        self.map(filter, |light, filter| light * filter)
    }

    /// How light it looks, 0..=1.
    pub(super) fn luma(self) -> f32 {
        self.red * 0.299 + self.green * 0.587 + self.blue * 0.114
    }

    /// Further from grey when `by` is above 1, nearer when below.
    pub(super) fn saturated(self, by: f32) -> Self {
        let luma = self.luma();
        self.map(self, |part, _| luma + (part - luma) * by)
    }

    /// The hue turned, in turns, at the same lightness.
    pub(super) fn turned(self, turns: f32) -> Self {
        let luma = self.luma();
        let (u, v) = (self.blue - luma, self.red - luma);
        let (cos, sin) = turn(turns);
        let (u, v) = (u * cos - v * sin, u * sin + v * cos);
        let (red, blue) = (luma + v, luma + u);
        let green = (luma - 0.299 * red - 0.114 * blue) / 0.587;
        let turned = Self { red, green, blue };
        turned.map(turned, |part, _| part)
    }

    /// A vivid colour of a hue in turns (0 red, ⅓ green, ⅔ blue).
    pub(super) fn of_hue(turns: f32, saturation: f32, lightness: f32) -> Self {
        let part = |offset: f32| {
            let at = (turns + offset - (turns + offset).floor()) * 6.0;
            let full = ((at - 3.0).abs() - 1.0).clamp(0.0, 1.0);
            lightness + saturation * (full - 0.5) * (1.0 - (2.0 * lightness - 1.0).abs())
        };
        Self {
            red: part(0.0),
            green: part(2.0 / 3.0),
            blue: part(1.0 / 3.0),
        }
    }
}
