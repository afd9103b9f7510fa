//! What every part of a scene is drawn from: the words, the chances, the colours, and how much of the world is seen.

use super::{
    canvas::{Canvas, Frame, Ink, Shape, Spot},
    colour::{Colour, rgb},
    dice::{Dice, noise, smooth},
    palette::Palette,
    recipe::Strength,
    words::Words,
};

/// The world around a scene beyond what an earlier picture of it showed.
#[derive(Clone, Copy, Debug)]
pub(in crate::picture) struct Ring {
    /// What the earlier picture showed: outside of it, the world is drawn by `seed`.
    pub(in crate::picture) inner: Frame,
    pub(in crate::picture) seed: u64,
}

pub(super) struct Stage<'a> {
    pub(super) words: &'a Words,
    pub(super) dice: &'a Dice,
    pub(super) palette: &'a Palette,
    /// The frame that the scene was composed for.
    pub(super) core: Frame,
    /// What is seen of it now: the core, or more than that.
    pub(super) frame: Frame,
    /// Innermost first.
    pub(super) rings: &'a [Ring],
    /// Pixels to a scene unit.
    pub(super) unit: f32,
    /// The side that the light comes from: -1 left, 1 right.
    pub(super) key: f32,
}

impl Stage<'_> {
    /// The chances of a place: the scene's own within its core, each ring's beyond it.
    ///
    /// What straddles an edge belongs to the picture within, where part of it can be seen already: hence a margin as
    /// wide as what may stand there.
    pub(super) fn dice_at(&self, (x, y): Spot, margin: f32) -> Dice {
        let outside = |frame: &Frame| {
            x < frame.left - margin
                || x > frame.right + margin
                || y < frame.top - margin
                || y > frame.bottom + margin
        };
        match self.rings.iter().rev().find(|ring| outside(&ring.inner)) {
            Some(ring) => self.dice.drifted(Strength::Strong, ring.seed),
            None => self.dice.clone(),
        }
    }

    /// How much the land departs from the scene's own at some x: nothing within the core, and without a step.
    pub(super) fn departure(&self, x: f32, seed: u64) -> f32 {
        self.rings
            .iter()
            .map(|ring| {
                let beyond = (ring.inner.left - x).max(x - ring.inner.right).max(0.0);
                noise(seed ^ ring.seed, x * 2.3) * smooth(beyond * 2.5)
            })
            .sum()
    }

    /// One place in each stretch of x that is seen, some way beyond the edges too.
    pub(super) fn along(&self, name: &str, spacing: f32, y: f32) -> Vec<(f32, Dice)> {
        let first = ((self.frame.left - 0.3) / spacing).floor() as i64;
        let last = ((self.frame.right + 0.3) / spacing).ceil() as i64;
        (first..=last)
            .map(|index| {
                let middle = index as f32 * spacing;
                let dice = self
                    .dice_at((middle, y), spacing * 0.7)
                    .nth((index + 10_000) as usize);
                (middle + dice.range(name, -0.4, 0.4) * spacing, dice)
            })
            .collect()
    }

    /// One place in each square that is seen between two heights.
    pub(super) fn over(
        &self,
        name: &str,
        spacing: f32,
        top: f32,
        bottom: f32,
    ) -> Vec<(Spot, Dice)> {
        if spacing * self.unit < 2.0 {
            // Too small to be seen, and far too many.
            return Vec::new();
        }
        let first = (top.max(self.frame.top - spacing) / spacing).floor() as i64;
        let last = (bottom.min(self.frame.bottom + spacing) / spacing).ceil() as i64;
        let mut places = Vec::new();
        for row in first..last {
            let y = (row as f32 + 0.5) * spacing;
            for (x, dice) in self.along(name, spacing, y) {
                let dice = dice.nth((row + 20_000) as usize);
                let spot = (
                    x + dice.range("across", -0.3, 0.3) * spacing,
                    y + dice.range("down", -0.45, 0.45) * spacing,
                );
                places.push((spot, dice));
            }
        }
        places
    }

    /// A line of land over all that is seen: heights from a function of x.
    pub(super) fn skyline(&self, height: impl Fn(f32) -> f32) -> Vec<Spot> {
        let steps = (96.0 * self.frame.width() / self.core.width()).min(400.0) as usize;
        // On a fixed lattice, so that a wider view bends the land at the same places.
        let step = self.core.width() / 96.0;
        let step = step.max(self.frame.width() / steps as f32);
        let first = (self.frame.left / step).floor() as i64 - 1;
        let last = (self.frame.right / step).ceil() as i64 + 1;
        (first..=last)
            .map(|index| index as f32 * step)
            .map(|x| (x, height(x)))
            .collect()
    }

    /// A colour as it looks in the scene's light.
    pub(super) fn lit(&self, colour: Colour) -> Colour {
        self.palette.lit(colour)
    }

    /// Fills a shape of some extent as a rounded body: lighter towards the light, darker away from it.
    pub(super) fn body(
        &self,
        canvas: &mut Canvas,
        shape: &Shape,
        centre: Spot,
        reach: f32,
        colour: Colour,
    ) {
        let lit = self.lit(colour);
        let lean = self.key * 0.7 * reach;
        canvas.fill(
            shape,
            Ink::Linear(
                (centre.0 + lean, centre.1 - reach),
                (centre.0 - lean, centre.1 + reach),
                vec![
                    (0.0, lit.lighter(0.2), 1.0),
                    (0.45, lit, 1.0),
                    (1.0, lit.darker(0.3), 1.0),
                ],
            ),
        );
    }

    /// Fills a shape with one colour in the scene's light.
    pub(super) fn flat(&self, canvas: &mut Canvas, shape: &Shape, colour: Colour) {
        canvas.fill(shape, self.lit(colour));
    }

    /// A soft shadow on the ground.
    pub(super) fn shadow(&self, canvas: &mut Canvas, at: Spot, across: f32) {
        let dark = rgb(0x14_1030);
        let strength = if self.palette.is_dark() { 0.5 } else { 0.38 };
        canvas.placed(
            (at.0 - self.key * across * 0.12, at.1),
            (1.0, 0.17),
            0.0,
            |canvas| {
                let stops = vec![
                    (0.0, dark, strength),
                    (0.55, dark, strength * 0.6),
                    (1.0, dark, 0.0),
                ];
                canvas.fill(
                    &Shape::circle((0.0, 0.0), across),
                    Ink::Radial((0.0, 0.0), across, stops),
                );
            },
        );
    }
}
