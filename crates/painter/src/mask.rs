//! The white area of a picture that is redrawn in part.

/// Which pixels of a picture are to be redrawn: white ones are, black ones are not. One bit a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    /// Row by row without padding, the first pixel in the highest bit.
    bits: Vec<u8>,
}

impl Mask {
    /// A mask of some width and height, in pixels, whose pixels are white where `white` says so, by column and row.
    #[must_use]
    pub fn from_fn(width: u32, height: u32, white: impl Fn(u32, u32) -> bool) -> Self {
        let mut bits = vec![0; (width as usize * height as usize).div_ceil(8)];
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        for (index, (x, y)) in pixels.enumerate() {
            bits[index / 8] |= u8::from(white(x, y)) << (7 - index % 8);
        }
        Self {
            width,
            height,
            bits,
        }
    }

    /// Width and height, in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Whether the pixel is white, as if the mask were of the size that is given (nearest neighbour).
    #[must_use]
    pub fn is_white(&self, x: u32, y: u32, (width, height): (u32, u32)) -> bool {
        let scaled = |at: u32, from: u32, to: u32| {
            // The centre of the asked pixel, in the mask's own pixels.
            let centre = (2 * u64::from(at) + 1) * u64::from(to) / (2 * u64::from(from));
            usize::try_from(centre).unwrap_or(usize::MAX)
        };
        let index =
            scaled(y, height, self.height) * self.width as usize + scaled(x, width, self.width);
        let byte = self.bits.get(index / 8);
        byte.is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1)
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Megabytes of bits tell a reader nothing.
        write!(f, "Mask({}×{})", self.width, self.height)
    }
}
