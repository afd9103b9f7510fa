//! All of the pictures' chance, hashed from seeds and names: the same on every machine and in every order of asking.

use std::hash::{Hash, Hasher};

use super::recipe::Strength;

/// FNV-1a: hashing that no release of Rust will change under us.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// A hash of some text.
pub(super) fn hash(text: &str) -> u64 {
    let mut state = Fnv(0xcbf2_9ce4_8422_2325);
    text.hash(&mut state);
    state.finish()
}

/// Two seeds made one; not symmetric.
pub(super) fn mix(seed: u64, other: u64) -> u64 {
    // The finalizer of SplitMix64: each bit of the input moves each bit of the output.
    let mut mixed =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ other.wrapping_add(0x632b_e59b_d9b4_e019);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A hash as a number in 0..1, in steps that an `f32` holds exactly.
fn unit(hash: u64) -> f32 {
    (hash >> 40) as f32 / (1 << 24) as f32
}

/// Named chances of one scene. A variation keeps its source's and moves each of them a little: that makes it a
/// relative.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dice {
    /// Shared by the four tiles of a grid.
    family: u64,
    /// Which tile of the grid, 0..=3.
    slot: usize,
    seed: u64,
    drifts: Vec<(Strength, u64)>,
}

impl Dice {
    pub(super) fn new(family: u64, slot: usize) -> Self {
        Self {
            family,
            slot,
            seed: mix(family, slot as u64),
            drifts: Vec::new(),
        }
    }

    /// The same chances, moved.
    pub(super) fn drifted(&self, strength: Strength, seed: u64) -> Self {
        let mut drifted = self.clone();
        drifted.drifts.push((strength, seed));
        drifted
    }

    /// Independent chances for one of several alike things.
    pub(super) fn nth(&self, index: usize) -> Self {
        let mut nth = self.clone();
        nth.seed = mix(self.seed, 0x517c_c1b7 + index as u64);
        nth
    }

    /// A seed for noise; a strong variation has another one.
    pub(super) fn seed(&self, name: &str) -> u64 {
        self.drifts.iter().fold(
            mix(self.seed, hash(name)),
            |seed, (strength, drift)| match strength {
                Strength::Strong => mix(seed, *drift),
                Strength::Standard | Strength::Subtle => seed,
            },
        )
    }

    /// A number in 0..=1.
    pub(super) fn unit(&self, name: &str) -> f32 {
        let name = hash(name);
        let mut value = unit(mix(self.seed, name));
        for (strength, drift) in &self.drifts {
            let reach = match strength {
                Strength::Subtle => 0.3,
                Strength::Standard => 0.7,
                Strength::Strong => 1.6,
            };
            value += (unit(mix(mix(*drift, self.seed), name)) - 0.5) * reach;
            // Reflected at the ends rather than clamped, lest long lineages pile up there.
            value = value.abs();
            if value > 1.0 {
                value = 2.0 - value;
            }
        }
        value
    }

    /// A number in `low..=high`.
    pub(super) fn range(&self, name: &str, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit(name)
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&self, name: &str, probability: f32) -> bool {
        self.pick(name, 1000) < (probability * 1000.0) as usize
    }

    /// One of `count` things.
    pub(super) fn pick(&self, name: &str, count: usize) -> usize {
        self.redrawn(mix(self.seed, hash(name)), name, count)
    }

    /// One of `count` things, another one in each tile of a grid as far as they go round.
    pub(super) fn spread(&self, name: &str, count: usize) -> usize {
        let first = mix(self.family, hash(name));
        let start = self.redrawn(first, name, count);
        // A stride without a common divisor visits all before it repeats one.
        let stride = [1, 1, 3, 5][(first >> 60) as usize % 4];
        let stride = if count.is_multiple_of(stride) {
            1
        } else {
            stride
        };
        (start + self.slot * stride) % count
    }

    fn redrawn(&self, first: u64, name: &str, count: usize) -> usize {
        let mut drawn = first;
        for (strength, drift) in &self.drifts {
            let again = mix(mix(*drift, first), hash(name));
            let probability = match strength {
                Strength::Subtle => 0.0,
                Strength::Standard => 0.2,
                Strength::Strong => 0.55,
            };
            if unit(again) < probability {
                drawn = mix(again, 1);
            }
        }
        (drawn >> 16) as usize % count.max(1)
    }
}

/// Smooth noise along a line: about -1..1, one bump to each unit of `at`.
pub(super) fn noise(seed: u64, at: f32) -> f32 {
    let cell = at.floor();
    let part = at - cell;
    let knot = |index: i64| unit(mix(seed, index as u64)) * 2.0 - 1.0;
    let (from, to) = (knot(cell as i64), knot(cell as i64 + 1));
    from + (to - from) * smooth(part)
}

/// Three octaves of [`noise`], each half as high and twice as fine.
pub(super) fn rugged(seed: u64, at: f32) -> f32 {
    (noise(seed, at) * 4.0 + noise(seed ^ 1, at * 2.0) * 2.0 + noise(seed ^ 2, at * 4.0)) / 7.0
}

/// Smooth noise in the plane: about -1..1.
pub(super) fn noise2(seed: u64, x: f32, y: f32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (right, down) = (smooth(x - column), smooth(y - row));
    let knot = |dx: i64, dy: i64| {
        let key = (column as i64 + dx).wrapping_mul(0x1_0000_0001)
            ^ (row as i64 + dy).wrapping_mul(0x85eb_ca6b);
        unit(mix(seed, key as u64)) * 2.0 - 1.0
    };
    let along = |dy| {
        let from = knot(0, dy);
        from + (knot(1, dy) - from) * right
    };
    let upper = along(0);
    upper + (along(1) - upper) * down
}

/// 0 to 1 without a kink at either end.
pub(super) fn smooth(part: f32) -> f32 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// Cosine and sine of an angle given in turns. Own arithmetic, since each platform's libm rounds in its own way.
pub(super) fn turn(turns: f32) -> (f32, f32) {
    (sine(turns + 0.25), sine(turns))
}

fn sine(turns: f32) -> f32 {
    // Folded to a quarter turn either way, where the Taylor series is right to 1e-6.
    let mut part = turns - (turns + 0.5).floor();
    if part > 0.25 {
        part = 0.5 - part;
    } else if part < -0.25 {
        part = -0.5 - part;
    }
    let angle = part * std::f32::consts::TAU;
    let square = angle * angle;
    angle
        * (1.0
            - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))))
}
