//! All of the pictures' chance, hashed from seeds and names: the same on every machine and in every order of asking.

use siphasher::sip::SipHasher13;

use crate::picture::Strength;

/// A hash of some text.
pub(crate) fn hash(text: &str) -> u64 {
    SipHasher13::new().hash(text.as_bytes())
}

/// Two seeds made one; not symmetric.
pub(crate) fn mix(seed: u64, other: u64) -> u64 {
    SipHasher13::new_with_keys(seed, other).hash(&[])
}

/// A hash as a number in 0..1, in steps that an `f32` holds exactly.
fn unit(hash: u64) -> f32 {
    (hash >> 40) as f32 / (1 << 24) as f32
}

/// Named chances of one scene. A variation keeps its source's and moves each of them a little: that makes it a
/// relative.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dice {
    /// Shared by the four tiles of a grid.
    family: u64,
    /// Which tile of the grid, 0..=3.
    slot: usize,
    seed: u64,
    drifts: Vec<(Strength, u64)>,
}

impl Dice {
    pub(crate) fn new(family: u64, slot: usize) -> Self {
        Self {
            family,
            slot,
            seed: mix(family, slot as u64),
            drifts: Vec::new(),
        }
    }

    /// The same chances, moved.
    pub(crate) fn drifted(&self, strength: Strength, seed: u64) -> Self {
        let mut drifted = self.clone();
        drifted.drifts.push((strength, seed));
        drifted
    }

    /// Independent chances for one of several alike things.
    pub(crate) fn nth(&self, index: usize) -> Self {
        let mut nth = self.clone();
        nth.seed = mix(self.seed, 0x517c_c1b7 + index as u64);
        nth
    }

    /// A number in 0..=1.
    pub(crate) fn unit(&self, name: &str) -> f32 {
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
    pub(crate) fn range(&self, name: &str, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit(name)
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&self, name: &str, probability: f32) -> bool {
        self.pick(name, 1000) < (probability * 1000.0) as usize
    }

    /// One way or the other, spread over the tiles: -1 or 1.
    pub(crate) fn sign(&self, name: &str) -> f32 {
        self.spread(name, 2) as f32 * 2.0 - 1.0
    }

    /// One of `count` things.
    pub(crate) fn pick(&self, name: &str, count: usize) -> usize {
        self.redrawn(mix(self.seed, hash(name)), name, count)
    }

    /// One of `count` things, another one in each tile of a grid as far as they go round.
    pub(crate) fn spread(&self, name: &str, count: usize) -> usize {
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
