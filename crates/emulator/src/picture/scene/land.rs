//! Backdrops out of doors: which there are, and those that are land. What stands before them is drawn elsewhere.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, sheer},
    city,
    colour::{Colour, rgb},
    dice::{Dice, noise, rugged, turn},
    heavens, plants,
    stage::Stage,
    water,
    words::Place,
};

/// A range of land: `sharp` for mountains, else rolling hills.
pub(super) struct Range {
    pub(super) seed: u64,
    pub(super) base: f32,
    pub(super) height: f32,
    pub(super) bumps: f32,
    pub(super) sharp: bool,
}

impl Range {
    pub(super) fn at(&self, stage: &Stage<'_>, x: f32) -> f32 {
        let departure = stage.departure(x, self.seed) * self.height * 0.7;
        let rise = if self.sharp {
            let peak = 1.0 - noise(self.seed, x * self.bumps).abs() * 1.7;
            peak * 0.74 + rugged(self.seed ^ 7, x * self.bumps * 5.0) * 0.2
        } else {
            rugged(self.seed, x * self.bumps) * 0.8
        };
        self.base - rise * self.height - departure
    }

    pub(super) fn draw(
        &self,
        canvas: &mut Canvas,
        stage: &Stage<'_>,
        colour: Colour,
        foot: Colour,
    ) -> Vec<Spot> {
        let line = stage.skyline(|x| self.at(stage, x));
        let bottom = stage.frame.bottom.max(0.6);
        let ink = downward(
            self.base - self.height,
            colour,
            self.base + self.height * 1.1,
            foot,
        );
        canvas.fill(&Shape::below(&line, bottom), ink);
        line
    }
}

/// A backdrop, and the height of the ground that things stand on in its middle.
pub(super) fn backdrop(canvas: &mut Canvas, stage: &Stage<'_>, place: Place) -> f32 {
    match place {
        Place::Mountains => mountains(canvas, stage, false),
        Place::Winter => mountains(canvas, stage, true),
        Place::Forest => forest(canvas, stage),
        Place::Sea => water::sea(canvas, stage),
        Place::Underwater => water::underwater(canvas, stage),
        Place::City => city::city(canvas, stage),
        Place::Space => heavens::space(canvas, stage),
        Place::Desert => desert(canvas, stage),
        Place::Meadow | Place::Room | Place::Studio | Place::Abstract => meadow(canvas, stage),
    }
}

fn meadow(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let horizon = dice.range("horizon", 0.0, 0.12);
    heavens::sky(canvas, stage, horizon + 0.05);
    let haze = palette.sky[2];
    for index in 0..4_u8 {
        let part = f32::from(index) / 3.0;
        let range = Range {
            seed: dice.seed("hill") ^ u64::from(index) << 8,
            base: horizon + 0.24 * part * part + 0.02,
            height: 0.14 - 0.06 * part,
            bumps: 1.5 - 0.5 * part,
            sharp: index == 0 && dice.chance("peaks", 0.5),
        };
        let colour = palette
            .far
            .mix(palette.near, part)
            .mix(haze, 0.3 * (1.0 - part));
        range.draw(
            canvas,
            stage,
            colour.lighter(0.1),
            colour.darker(0.16 * part),
        );
        if index == 1 || index == 2 {
            let size = 0.035 + 0.045 * part;
            for (x, dice) in stage.along("tree", size * 1.3, horizon) {
                if dice.chance("tree", 0.5) {
                    let y = range.at(stage, x) + 0.006;
                    plants::small_tree(
                        canvas,
                        stage,
                        (x, y),
                        size * dice.range("size", 0.7, 1.3),
                        &dice,
                        colour,
                    );
                }
            }
        }
    }
    let ground = horizon + 0.33;
    grass(canvas, stage, ground - 0.04);
    ground
}

/// Blades and blossoms from a height down to the lower edge.
fn grass(canvas: &mut Canvas, stage: &Stage<'_>, top: f32) {
    let palette = stage.palette;
    for ((x, y), dice) in stage.over("grass", 0.05, top, stage.frame.bottom) {
        let size = 0.016 + (y - top).max(0.0) * 0.05;
        let tint = if dice.chance("light", 0.5) {
            palette.near.lighter(0.14)
        } else {
            palette.near.darker(0.22)
        };
        let lean = dice.range("lean", -0.5, 0.5) * size;
        let blades = Shape::segments(&[(x, y), (x + lean, y - size)]).and(&Shape::segments(&[
            (x + size * 0.3, y),
            (x + size * 0.3 + lean * 1.6, y - size * 0.8),
        ]));
        canvas.line(&blades, sheer(tint, 0.8), size * 0.12);
        if dice.chance("blossom", 0.16) {
            let petal = if dice.chance("which", 0.6) {
                palette.accent
            } else {
                palette.second
            };
            plants::blossom(canvas, stage, (x + lean, y - size), size * 0.36, petal);
        }
    }
}

fn mountains(canvas: &mut Canvas, stage: &Stage<'_>, snow: bool) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let horizon = dice.range("horizon", 0.04, 0.14);
    heavens::sky(canvas, stage, horizon);
    let white = stage.lit(rgb(0xf6_f8ff));
    let near = if snow {
        stage.lit(rgb(0xdc_e6f2))
    } else {
        palette.near
    };
    // By night mountains stand out from the sky by being darker.
    let (veil, shade) = if palette.is_dark() {
        (0.12, 0.3)
    } else {
        (0.38, 0.0)
    };
    for index in 0..3_u8 {
        let part = f32::from(index) / 2.0;
        let range = Range {
            seed: dice.seed("peak") ^ u64::from(index) << 8,
            base: horizon + 0.02 + 0.07 * part,
            height: 0.44 - 0.2 * part,
            bumps: 1.6 + 0.7 * part,
            sharp: true,
        };
        let rock = palette
            .far
            .mix(palette.near.darker(0.35), part * 0.6)
            .mix(palette.sky[2], veil * (1.0 - part))
            .darker(shade * (1.0 - 0.5 * part));
        let line = range.draw(canvas, stage, rock, rock.mix(palette.sky[2], 0.35));
        if index < 2 {
            // Snow on all that is higher than a ragged line; the side away from the light is bluish.
            let limit = range.base - range.height * 0.42;
            let seed = dice.seed("snow line");
            let cap: Vec<Spot> = line
                .iter()
                .filter(|(_, y)| *y < limit + 0.1)
                .copied()
                .collect();
            for run in cap.chunk_by(|from, to| to.0 - from.0 < stage.core.width() / 96.0 * 1.6) {
                if run.len() > 2 {
                    let mut outline = run.to_vec();
                    let hem = |(x, y): &Spot| {
                        let depth = (limit - y).max(0.0) * 0.55;
                        (*x, y + depth * (0.7 + 0.6 * rugged(seed, x * 24.0)))
                    };
                    outline.extend(run.iter().rev().map(hem));
                    canvas.fill(&Shape::polygon(&outline), sheer(white, 0.86));
                }
            }
        }
    }
    let lake = !snow && dice.chance("lake", 0.6);
    let front = Range {
        seed: dice.seed("front"),
        base: horizon + if lake { 0.3 } else { 0.17 },
        height: 0.05,
        bumps: 1.2,
        sharp: false,
    };
    if lake {
        water::water(canvas, stage, horizon + 0.1);
    }
    let pines = if snow {
        palette.near.darker(0.35)
    } else {
        palette.near.darker(0.3)
    };
    let shore = Range {
        seed: front.seed ^ 3,
        base: horizon + 0.115,
        height: 0.025,
        bumps: 2.0,
        sharp: false,
    };
    if !lake {
        shore.draw(canvas, stage, near.darker(0.2), near.darker(0.1));
    }
    for (x, dice) in stage.along("pine", 0.036, horizon) {
        if dice.chance("pine", 0.75) {
            let y = if lake {
                horizon + 0.105
            } else {
                shore.at(stage, x) + 0.012
            };
            plants::pine(
                canvas,
                (x, y),
                dice.range("size", 0.045, 0.1),
                pines,
                if snow { Some(white) } else { None },
            );
        }
    }
    front.draw(canvas, stage, near.lighter(0.05), near.darker(0.18));
    if !snow {
        grass(canvas, stage, front.base + 0.03);
    }
    front.base + 0.08
}

fn forest(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let ground = dice.range("horizon", 0.2, 0.27);
    heavens::sky(canvas, stage, ground);
    let mist = palette.sky[2];
    let leaf = palette
        .near
        .mix(rgb(0x2c_5b40), if palette.named { 0.2 } else { 0.5 });
    let leaf = stage.lit(leaf);
    for layer in 0..4_u8 {
        let part = f32::from(layer) / 3.0;
        let colour = leaf.mix(mist, 0.62 * (1.0 - part)).darker(0.38 * part);
        let base = ground - 0.13 + 0.16 * part;
        let spacing = 0.085 + 0.075 * part;
        for (x, dice) in stage.along(["a", "b", "c", "d"][usize::from(layer)], spacing, 0.0) {
            let dice = dice.nth(usize::from(layer));
            // A clearing in the middle, where the subject stands.
            if layer == 3 && x.abs() < 0.26 {
                continue;
            }
            let height = dice.range("height", 0.3, 0.5) * (0.75 + 0.6 * part);
            let root = (x, base + 0.02 + dice.range("root", -0.01, 0.015));
            if dice.chance("pine", 0.6) {
                plants::pine(canvas, root, height, colour, None);
            } else {
                let trunk = height * 0.04;
                let top = root.1 - height * 1.7;
                let trunk = Shape::polygon(&[
                    (root.0 - trunk, root.1),
                    (root.0 + trunk, root.1),
                    (root.0 + trunk * 0.6, top),
                    (root.0 - trunk * 0.6, top),
                ]);
                canvas.fill(&trunk, colour.darker(0.12));
                crown(
                    canvas,
                    stage,
                    (root.0, root.1 - height * 1.15),
                    height,
                    colour,
                    &dice,
                );
            }
        }
        let line = stage
            .skyline(|x| base + 0.018 * rugged(dice.seed("floor") ^ u64::from(layer), x * 3.0));
        canvas.fill(
            &Shape::below(&line, stage.frame.bottom.max(0.6)),
            downward(base, colour, 0.55, colour.darker(0.2)),
        );
    }
    light_shafts(canvas, stage, ground);
    grass(canvas, stage, ground + 0.06);
    ground + 0.1
}

/// The crown of a broad-leaved tree: clumps of leaves, the upper ones in the light.
fn crown(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    centre: Spot,
    height: f32,
    colour: Colour,
    dice: &Dice,
) {
    let clumps = 13;
    let (mut shade, mut light) = (Shape::default(), Shape::default());
    for index in 0..clumps {
        let dice = dice.nth(index);
        let (cos, sin) = turn(index as f32 / clumps as f32 + dice.range("angle", -0.03, 0.03));
        let reach = dice.range("reach", 0.12, 0.34) * height;
        let at = (centre.0 + cos * reach, centre.1 + sin * reach * 1.25);
        let radius = height * dice.range("clump", 0.1, 0.17);
        shade = shade.and(&Shape::circle(at, radius));
        if sin < 0.25 {
            let lit = (at.0 + stage.key * radius * 0.3, at.1 - radius * 0.35);
            light = light.and(&Shape::circle(lit, radius * 0.62));
        }
    }
    canvas.fill(
        &shade.and(&Shape::oval(centre, height * 0.22, height * 0.32)),
        colour,
    );
    canvas.fill(&light, sheer(colour.mix(stage.palette.sky[2], 0.25), 0.4));
}

fn light_shafts(canvas: &mut Canvas, stage: &Stage<'_>, ground: f32) {
    let top = stage.frame.top.max(-1.0);
    for (x, dice) in stage.along("shaft", 0.26, 0.0) {
        if dice.chance("shaft", 0.5) {
            let width = dice.range("width", 0.03, 0.09);
            let lean = -stage.key * 0.4;
            let shaft = Shape::polygon(&[
                (x, top),
                (x + width, top),
                (x + width * 1.8 + lean, ground + 0.1),
                (x + lean, ground + 0.1),
            ]);
            let light = stage.palette.sun;
            canvas.fill(
                &shaft,
                Ink::Linear(
                    (x, top),
                    (x, ground + 0.1),
                    vec![(0.0, light, 0.2), (1.0, light, 0.0)],
                ),
            );
        }
    }
}

fn desert(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let horizon = dice.range("horizon", 0.03, 0.12);
    heavens::sky(canvas, stage, horizon + 0.04);
    let sand = stage
        .lit(rgb(0xe2_a866))
        .mix(palette.near, if palette.named { 0.35 } else { 0.12 });
    for index in 0..4_u8 {
        let part = f32::from(index) / 3.0;
        let range = Range {
            seed: dice.seed("dune") ^ u64::from(index) << 8,
            base: horizon + 0.05 + 0.24 * part * part,
            height: 0.11,
            bumps: 0.9 + 0.4 * part,
            sharp: index % 2 == 1,
        };
        let colour = sand.mix(palette.sky[2], 0.5 * (1.0 - part));
        range.draw(canvas, stage, colour.lighter(0.16), colour.darker(0.22));
        if index == 2 {
            for (x, dice) in stage.along("cactus", 0.24, 0.0) {
                if dice.chance("cactus", 0.55) && x.abs() > 0.16 {
                    plants::cactus(
                        canvas,
                        stage,
                        (x, range.at(stage, x) + 0.03),
                        dice.range("size", 0.09, 0.17),
                    );
                }
            }
        }
    }
    horizon + 0.36
}
