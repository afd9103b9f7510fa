//! A colour and what is done to it.

/// A colour in sRGB: red, green and blue, each 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour(pub(crate) [f32; 3]);

pub(crate) const WHITE: Colour = Colour([1.0; 3]);
/// Shadows are bluish rather than black: flat pictures look dirty otherwise.
pub(crate) const SHADE: Colour = Colour([0.05, 0.04, 0.12]);
const CREAM: Colour = Colour([0.97, 0.92, 0.85]);

impl Colour {
    /// A colour from its six hexadecimal digits.
    pub(crate) fn from_hex(digits: &str) -> Option<Self> {
        let value = u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| digits.len() == 6)?;
        let part = |shift: u32| (value >> shift & 0xff) as f32 / 255.0;
        Some(Self([part(16), part(8), part(0)]))
    }

    pub(crate) fn to_hex(self) -> String {
        let [red, green, blue] = self
            .0
            .map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8);
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    fn map(self, other: Self, join: impl Fn(f32, f32) -> f32) -> Self {
        let part = |index: usize| join(self.0[index], other.0[index]).clamp(0.0, 1.0);
        Self([part(0), part(1), part(2)])
    }

    /// This colour at `part` 0, the other one at 1.
    pub(crate) fn mix(self, other: Self, part: f32) -> Self {
        self.map(other, |from, to| from + (to - from) * part)
    }

    /// As seen through a filter of the other colour.
    pub(crate) fn times(self, filter: Self) -> Self {
        self.map(filter, |light, filter| light * filter)
    }

    /// How light it looks, 0..=1.
    pub(crate) fn luma(self) -> f32 {
        self.0[0] * 0.299 + self.0[1] * 0.587 + self.0[2] * 0.114
    }

    /// Further from grey when `by` is above 1, nearer when below.
    pub(crate) fn saturated(self, by: f32) -> Self {
        let luma = self.luma();
        self.map(self, |part, _| luma + (part - luma) * by)
    }

    /// The hue turned by a small angle, in radians, at the same lightness.
    pub(crate) fn turned(self, angle: f32) -> Self {
        let luma = self.luma();
        let (u, v) = (self.0[2] - luma, self.0[0] - luma);
        // Each platform's own sine rounds in its own way.
        let (cos, sin) = (
            1.0 - angle * angle / 2.0,
            angle - angle * angle * angle / 6.0,
        );
        let (u, v) = (u * cos - v * sin, u * sin + v * cos);
        let (red, blue) = (luma + v, luma + u);
        let green = (luma - 0.299 * red - 0.114 * blue) / 0.587;
        let turned = Self([red, green, blue]);
        turned.map(turned, |part, _| part)
    }

    /// The shades of a slot: the suffix of each shade's class, and its colour.
    pub(crate) fn shades(self) -> [(&'static str, Self); 5] {
        [
            ("", self),
            ("-light", self.mix(WHITE, 0.2)),
            ("-dark", self.mix(SHADE, 0.3)),
            ("-deep", self.mix(SHADE, 0.45)),
            ("-pale", self.mix(CREAM, 0.72)),
        ]
    }
}
