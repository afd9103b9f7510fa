//! Backdrops out of doors: skies, land, water, cities and space. What stands before them is drawn elsewhere.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, glow, sheer},
    colour::{Colour, WHITE, rgb},
    dice::{Dice, noise, rugged, turn},
    plants,
    stage::Stage,
    words::{Hour, Place},
};

/// The sky over all that is seen, down to the horizon's height.
pub(super) fn sky(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let frame = stage.frame;
    let [top, middle, low] = stage.palette.sky;
    let stops = vec![(0.0, top, 1.0), (0.58, middle, 1.0), (1.0, low, 1.0)];
    canvas.cover(Ink::Linear((0.0, stage.core.top), (0.0, horizon), stops));
    if stage.palette.hour == Hour::Night {
        stars(canvas, stage, horizon);
    }
    sun(canvas, stage, horizon);
    clouds(canvas, stage, horizon);
}

fn stars(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    for ((x, y), dice) in stage.over("star", 0.055, stage.frame.top, horizon) {
        if dice.chance("seen", 0.45) {
            let size = 0.0012 + 0.003 * dice.unit("size") * dice.unit("size");
            canvas.fill(
                &Shape::circle((x, y), size),
                sheer(WHITE, 0.35 + 0.6 * dice.unit("light")),
            );
            if size > 0.0032 {
                canvas.fill(
                    &Shape::star((x, y), 4, size * 3.4, size * 0.55, 0.0),
                    sheer(WHITE, 0.8),
                );
            }
        }
    }
}

fn sun(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let palette = stage.palette;
    let dice = stage.dice;
    let height = horizon - stage.core.top;
    let x = stage.key * dice.range("sun x", 0.2, 0.38) * stage.core.width();
    let (part, radius, light) = match palette.hour {
        Hour::Day => (0.72, 0.055, 0.7),
        Hour::Morning => (0.3, 0.075, 0.75),
        Hour::Golden => (0.2, 0.11, 0.9),
        Hour::Dusk => (0.08, 0.12, 0.8),
        Hour::Night => (0.68, 0.075, 0.4),
        Hour::Mist => (0.5, 0.09, 0.6),
        Hour::Storm => return,
    };
    let centre = (x, horizon - height * (part + dice.range("sun y", -0.06, 0.06)));
    let radius = radius * dice.range("sun size", 0.85, 1.2);
    let halo = radius * 5.5;
    canvas.fill(
        &Shape::circle(centre, halo),
        glow(centre, halo, palette.sun, light),
    );
    canvas.fill(&Shape::circle(centre, radius), palette.sun);
    if palette.hour == Hour::Night {
        let dim = palette.sun.darker(0.14);
        canvas.within(&Shape::circle(centre, radius), |canvas| {
            for index in 0..5 {
                let dice = dice.nth(index);
                let at = (
                    centre.0 + radius * dice.range("crater x", -0.8, 0.8),
                    centre.1 + radius * dice.range("crater y", -0.8, 0.8),
                );
                canvas.fill(
                    &Shape::circle(at, radius * dice.range("crater", 0.1, 0.26)),
                    sheer(dim, 0.7),
                );
            }
        });
    }
}

fn clouds(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let palette = stage.palette;
    let (often, light) = match palette.hour {
        Hour::Day => (0.5, 0.85),
        Hour::Morning | Hour::Golden => (0.55, 0.5),
        Hour::Dusk => (0.6, 0.34),
        Hour::Night => (0.3, 0.13),
        Hour::Mist => (0.5, 0.4),
        Hour::Storm => (0.95, 0.5),
    };
    let colour = match palette.hour {
        Hour::Storm => palette.sky[1].darker(0.2),
        Hour::Dusk | Hour::Night => palette.sky[2],
        _ => palette.sky[2].lighter(0.6),
    };
    for ((x, y), dice) in stage.over("cloud", 0.3, stage.frame.top, horizon - 0.22) {
        if !dice.chance("cloud", often) {
            continue;
        }
        let size = dice.range("cloud size", 0.05, 0.12);
        let mut shape = Shape::rounded(
            x - size * 1.7,
            y - size * 0.34,
            x + size * 1.7,
            y + size * 0.1,
            size,
        );
        for (index, offset) in [-0.9_f32, -0.2, 0.55, 1.0].into_iter().enumerate() {
            let puff = dice.nth(index).range("puff", 0.3, 0.62) * (1.2 - offset.abs() * 0.5);
            shape = shape.and(&Shape::circle((x + offset * size, y - size * 0.2), size * puff));
        }
        let stops = vec![(0.0, colour, light), (1.0, colour, light * 0.3)];
        canvas.fill(
            &shape,
            Ink::Linear((x, y - size * 0.8), (x, y + size * 0.2), stops),
        );
    }
}

/// A range of land: `sharp` for mountains, else rolling hills.
struct Range {
    seed: u64,
    base: f32,
    height: f32,
    bumps: f32,
    sharp: bool,
}

impl Range {
    fn at(&self, stage: &Stage<'_>, x: f32) -> f32 {
        let departure = stage.departure(x, self.seed) * self.height * 0.7;
        let rise = if self.sharp {
            let peak = 1.0 - noise(self.seed, x * self.bumps).abs() * 1.7;
            peak * 0.74 + rugged(self.seed ^ 7, x * self.bumps * 5.0) * 0.2
        } else {
            rugged(self.seed, x * self.bumps) * 0.8
        };
        self.base - rise * self.height - departure
    }

    fn draw(&self, canvas: &mut Canvas, stage: &Stage<'_>, colour: Colour, foot: Colour) -> Vec<Spot> {
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
        Place::Sea => sea(canvas, stage),
        Place::Underwater => underwater(canvas, stage),
        Place::City => city(canvas, stage),
        Place::Space => space(canvas, stage),
        Place::Desert => desert(canvas, stage),
        Place::Meadow | Place::Room | Place::Studio | Place::Abstract => meadow(canvas, stage),
    }
}

fn meadow(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let horizon = dice.range("horizon", 0.0, 0.12);
    sky(canvas, stage, horizon + 0.05);
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
        let colour = palette.far.mix(palette.near, part).mix(haze, 0.3 * (1.0 - part));
        range.draw(canvas, stage, colour.lighter(0.1), colour.darker(0.16 * part));
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
    sky(canvas, stage, horizon);
    let white = stage.lit(rgb(0xf6_f8ff));
    let near = if snow {
        stage.lit(rgb(0xdc_e6f2))
    } else {
        palette.near
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
            .mix(palette.sky[2], 0.38 * (1.0 - part));
        let line = range.draw(canvas, stage, rock, rock.mix(palette.sky[2], 0.35));
        if index < 2 {
            // Snow on all that is higher than a ragged line; the side away from the light is bluish.
            let limit = range.base - range.height * 0.42;
            let seed = dice.seed("snow line");
            let cap: Vec<Spot> = line.iter().filter(|(_, y)| *y < limit + 0.1).copied().collect();
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
        water(canvas, stage, horizon + 0.1);
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
    sky(canvas, stage, ground);
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
        let line = stage.skyline(|x| base + 0.018 * rugged(dice.seed("floor") ^ u64::from(layer), x * 3.0));
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
fn crown(canvas: &mut Canvas, stage: &Stage<'_>, centre: Spot, height: f32, colour: Colour, dice: &Dice) {
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

/// Water from a height down to the lower edge, with the light upon it.
fn water(canvas: &mut Canvas, stage: &Stage<'_>, top: f32) {
    let palette = stage.palette;
    let frame = stage.frame;
    let surface = Shape::rectangle(frame.left, top, frame.right, frame.bottom.max(top));
    let near = palette.water.darker(0.25);
    canvas.fill(
        &surface,
        downward(top, palette.water.mix(palette.sky[2], 0.55), top + 0.4, near),
    );
    let light = palette.sky[2].mix(palette.sun, 0.5);
    let sun = stage.key * stage.dice.range("sun x", 0.2, 0.38) * stage.core.width();
    for ((x, y), dice) in stage.over("ripple", 0.05, top, frame.bottom) {
        let depth = y - top;
        if depth < 0.004 {
            continue;
        }
        // Ripples gather under the sun.
        let below_sun = 1.0 - ((x - sun) / (0.1 + depth * 0.5)).abs();
        if !dice.chance("ripple", 0.3 + 0.6 * below_sun.clamp(0.0, 1.0)) {
            continue;
        }
        let length = (0.018 + depth * 0.13) * dice.range("length", 0.4, 1.2);
        let shape = Shape::curve(&[
            (x - length, y),
            (x - length * 0.3, y - length * 0.06),
            (x + length * 0.4, y),
            (x + length, y - length * 0.03),
        ]);
        let (colour, strength) = if below_sun > 0.0 {
            (light, 0.3 + 0.4 * below_sun)
        } else if dice.chance("dark", 0.5) {
            (near, 0.4)
        } else {
            (light, 0.22)
        };
        canvas.line(&shape, sheer(colour, strength), 0.0025 + depth * 0.008);
    }
}

fn sea(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let dice = stage.dice;
    let horizon = dice.range("horizon", -0.02, 0.1);
    sky(canvas, stage, horizon);
    if dice.chance("island", 0.6) {
        let island = Range {
            seed: dice.seed("island"),
            base: horizon + 0.05,
            height: 0.11,
            bumps: 1.7,
            sharp: true,
        };
        let colour = stage.palette.far.mix(stage.palette.sky[2], 0.35);
        island.draw(canvas, stage, colour, colour.mix(stage.palette.sky[2], 0.3));
    }
    water(canvas, stage, horizon);
    horizon + 0.24
}

fn underwater(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice, frame) = (stage.palette, stage.dice, stage.frame);
    let shallow = palette.water.mix(rgb(0x5f_d3d0), 0.5).lighter(0.12);
    let deep = palette.water.mix(rgb(0x0b_2a5e), 0.6).darker(0.2);
    canvas.cover(downward(stage.core.top, shallow, 0.5, deep));
    let light = stage.lit(rgb(0xe6_fff2));
    for (x, dice) in stage.along("ray", 0.2, -0.5) {
        let width = dice.range("width", 0.02, 0.07);
        let lean = dice.range("lean", -0.25, 0.1) - 0.1 * stage.key;
        let top = frame.top.max(-1.2);
        let ray = Shape::polygon(&[
            (x, top),
            (x + width, top),
            (x + width * 3.0 + lean, 0.35),
            (x + lean, 0.35),
        ]);
        canvas.fill(
            &ray,
            Ink::Linear(
                (x, stage.core.top),
                (x, 0.35),
                vec![(0.0, light, 0.22), (1.0, light, 0.0)],
            ),
        );
    }
    let sand = stage.lit(rgb(0xd9_c08c)).mix(deep, 0.45);
    let ground = 0.36;
    for layer in 0..2_u8 {
        let range = Range {
            seed: dice.seed("sand") ^ u64::from(layer),
            base: ground + 0.07 * f32::from(layer),
            height: 0.05,
            bumps: 1.8,
            sharp: false,
        };
        let colour = sand.mix(deep, 0.4 * (1.0 - f32::from(layer)));
        range.draw(canvas, stage, colour.lighter(0.1), colour.darker(0.2));
        for (x, dice) in stage.along(["weed", "coral"][usize::from(layer)], 0.085, 0.4) {
            if x.abs() < 0.12 && layer == 1 || !dice.chance("plant", 0.62) {
                continue;
            }
            let root = (x, range.at(stage, x) + 0.02);
            let tint = if dice.chance("kind", 0.5) {
                palette.accent
            } else {
                palette.second
            };
            let tint = stage.lit(tint).mix(deep, 0.5 - 0.3 * f32::from(layer));
            if dice.chance("weed", 0.55) {
                for blade in 0..4 {
                    let dice = dice.nth(blade);
                    let height = dice.range("height", 0.08, 0.26);
                    let sway = dice.range("sway", -0.05, 0.05);
                    let foot = (root.0 + blade as f32 * 0.012, root.1);
                    let blade = Shape::curve(&[
                        foot,
                        (foot.0 + sway, foot.1 - height * 0.4),
                        (foot.0 - sway * 0.6, foot.1 - height * 0.75),
                        (foot.0 + sway, foot.1 - height),
                    ]);
                    canvas.line(&blade, tint.mix(rgb(0x2f_9a6a), 0.6), 0.011);
                }
            } else {
                coral(canvas, root, dice.range("height", 0.05, 0.1), 0.0, 4, tint, &dice);
            }
        }
    }
    for ((x, y), dice) in stage.over("bubble", 0.13, frame.top, ground) {
        if dice.chance("bubble", 0.4) {
            let size = dice.range("size", 0.004, 0.014);
            canvas.line(&Shape::circle((x, y), size), sheer(WHITE, 0.5), 0.0025);
            canvas.fill(
                &Shape::circle((x - size * 0.3, y - size * 0.3), size * 0.25),
                sheer(WHITE, 0.7),
            );
        }
    }
    0.3
}

fn coral(canvas: &mut Canvas, root: Spot, length: f32, lean: f32, depth: usize, colour: Colour, dice: &Dice) {
    let (cos, sin) = turn(lean - 0.25);
    let tip = (root.0 + cos * length, root.1 + sin * length);
    canvas.line(&Shape::segments(&[root, tip]), colour, length * 0.3);
    if depth > 0 {
        for (index, side) in [-0.09_f32, 0.07].into_iter().enumerate() {
            let dice = dice.nth(index);
            let bend = side + dice.range("bend", -0.03, 0.03);
            coral(
                canvas,
                tip,
                length * 0.74,
                lean + bend,
                depth - 1,
                colour.lighter(0.06),
                &dice,
            );
        }
    }
}

fn city(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let ground = dice.range("horizon", 0.27, 0.33);
    sky(canvas, stage, ground - 0.1);
    let dark = palette.is_dark();
    for layer in 0..3_u8 {
        let part = f32::from(layer) / 2.0;
        let colour = palette
            .far
            .mix(palette.sky[2], 0.5 * (1.0 - part))
            .darker(if dark { 0.5 * part } else { 0.28 * part });
        let spacing = 0.1 + 0.03 * part;
        for (x, dice) in stage.along(["far", "middle", "front"][usize::from(layer)], spacing, 0.0) {
            let dice = dice.nth(usize::from(layer));
            if layer == 2 && x.abs() < 0.2 {
                continue;
            }
            let half = spacing * dice.range("width", 0.34, 0.56);
            let top = ground - dice.range("height", 0.2, 0.62) * (1.0 - 0.28 * part);
            let tone = colour.mix(palette.accent, 0.1 * dice.unit("tone"));
            tower(
                canvas,
                stage,
                (x - half, top, x + half, ground + 0.02),
                tone,
                &dice,
                part,
            );
        }
    }
    let street = stage.lit(rgb(0x5a_5d68)).mix(palette.near, 0.25);
    let frame = stage.frame;
    canvas.fill(
        &Shape::rectangle(frame.left, ground, frame.right, frame.bottom.max(ground)),
        downward(ground, street.lighter(0.12), 0.55, street.darker(0.3)),
    );
    canvas.fill(
        &Shape::rectangle(frame.left, ground, frame.right, ground + 0.012),
        street.lighter(0.3),
    );
    for (x, _) in stage.along("none", 0.2, ground) {
        canvas.fill(
            &Shape::polygon(&[
                (x, ground + 0.13),
                (x + 0.08, ground + 0.13),
                (x + 0.075, ground + 0.142),
                (x - 0.006, ground + 0.142),
            ]),
            sheer(WHITE, 0.55),
        );
    }
    ground + 0.1
}

fn tower(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    (left, top, right, bottom): (f32, f32, f32, f32),
    colour: Colour,
    dice: &Dice,
    part: f32,
) {
    let ink = Ink::Linear(
        (left, 0.0),
        (right, 0.0),
        if stage.key > 0.0 {
            vec![(0.0, colour.darker(0.16), 1.0), (1.0, colour.lighter(0.08), 1.0)]
        } else {
            vec![(0.0, colour.lighter(0.08), 1.0), (1.0, colour.darker(0.16), 1.0)]
        },
    );
    let middle = f32::midpoint(left, right);
    let mut shape = Shape::rectangle(left, top, right, bottom);
    match dice.pick("roof", 4) {
        0 => {
            shape = shape.and(&Shape::polygon(&[
                (left, top),
                (middle, top - 0.05),
                (right, top),
            ]))
        }
        1 => shape = shape.and(&Shape::rectangle(middle - 0.004, top - 0.08, middle + 0.004, top)),
        2 => shape = shape.and(&Shape::rectangle(left + 0.02, top - 0.03, right - 0.02, top)),
        _ => {}
    }
    canvas.fill(&shape, ink);
    if part < 0.4 {
        return;
    }
    // Windows as one shape a tower: thousands of single fills would cost more than the rest of the picture.
    let (mut bright, mut dim) = (Shape::default(), Shape::default());
    let (columns, rows) = (
        ((right - left) / 0.024) as usize,
        ((bottom - top - 0.03) / 0.034) as usize,
    );
    for index in 0..columns * rows {
        let x = left + 0.01 + (index % columns) as f32 * 0.024;
        let y = top + 0.016 + (index / columns) as f32 * 0.034;
        let pane = Shape::rectangle(x, y, x + 0.012, y + 0.018);
        if dice.nth(index).chance("lit", 0.42) {
            bright = bright.and(&pane)
        } else {
            dim = dim.and(&pane)
        }
    }
    let lamp = if stage.palette.is_dark() {
        rgb(0xff_d98a).mix(stage.palette.accent, 0.25)
    } else {
        stage.palette.sky[1].lighter(0.4)
    };
    canvas.fill(&bright, sheer(lamp, 0.85));
    canvas.fill(&dim, sheer(colour.darker(0.35), 0.6));
}

fn space(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice, frame) = (stage.palette, stage.dice, stage.frame);
    let deep = rgb(0x07_0818).mix(palette.accent.darker(0.7), 0.3);
    canvas.cover(downward(
        frame.top,
        deep,
        frame.bottom,
        deep.mix(palette.sky[1].darker(0.5), 0.4),
    ));
    for ((x, y), dice) in stage.over("nebula", 0.4, frame.top, frame.bottom) {
        let colour = [palette.accent, palette.second, palette.sky[1], palette.sky[2]][dice.pick("colour", 4)];
        let radius = dice.range("size", 0.22, 0.46);
        canvas.fill(
            &Shape::circle((x, y), radius),
            glow(
                (x, y),
                radius,
                colour.saturated(1.2),
                dice.range("light", 0.12, 0.42),
            ),
        );
    }
    stars(canvas, stage, frame.bottom);
    let x = stage.key * dice.range("planet x", 0.24, 0.36) * stage.core.width();
    planet(
        canvas,
        stage,
        (x, dice.range("planet y", -0.36, -0.2)),
        dice.range("planet", 0.07, 0.13),
        &dice.nth(3),
    );
    0.3
}

/// A banded planet, sometimes with a ring.
pub(super) fn planet(canvas: &mut Canvas, stage: &Stage<'_>, centre: Spot, radius: f32, dice: &Dice) {
    let colour = if dice.chance("which", 0.5) {
        stage.palette.accent
    } else {
        stage.palette.second
    };
    let tilt = dice.range("tilt", -0.08, 0.08);
    let ringed = dice.chance("ring", 0.7);
    canvas.placed(centre, (radius, radius), tilt, |canvas| {
        let ring = |canvas: &mut Canvas, near: bool| {
            for (across, strength, width) in [(1.55, 0.75, 0.14), (1.8, 0.5, 0.1), (1.98, 0.35, 0.04)] {
                let points: Vec<Spot> = (0..=24)
                    .map(|index| {
                        let (cos, sin) = turn(index as f32 / 48.0 + if near { 0.0 } else { 0.5 });
                        (cos * across, sin * across * 0.3)
                    })
                    .collect();
                canvas.line(
                    &Shape::curve(&points),
                    sheer(colour.lighter(0.45), strength),
                    width,
                );
            }
        };
        if ringed {
            ring(canvas, false);
        }
        let ball = Shape::circle((0.0, 0.0), 1.0);
        canvas.within(&ball, |canvas| {
            canvas.fill(&ball, colour);
            for index in 0..7_u8 {
                let dice = dice.nth(usize::from(index));
                let y = f32::from(index) * 0.3 - 1.0 + dice.range("band", -0.06, 0.06);
                let tone = if index % 2 == 0 {
                    colour.lighter(0.22)
                } else {
                    colour.turned(0.05).darker(0.15)
                };
                let line: Vec<Spot> = (0..=8_u8)
                    .map(|step: u8| {
                        (
                            f32::from(step) * 0.28 - 1.1,
                            y + 0.04 * noise(u64::from(index), f32::from(step)),
                        )
                    })
                    .collect();
                canvas.line(
                    &Shape::curve(&line),
                    sheer(tone, 0.8),
                    dice.range("width", 0.08, 0.2),
                );
            }
            let shade = rgb(0x05_0518);
            let stops = vec![(0.0, shade, 0.0), (0.55, shade, 0.08), (1.0, shade, 0.82)];
            canvas.fill(&ball, Ink::Radial((stage.key * 0.45, -0.4), 1.75, stops));
        });
        if ringed {
            ring(canvas, true);
        }
    });
}

fn desert(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let horizon = dice.range("horizon", 0.03, 0.12);
    sky(canvas, stage, horizon + 0.04);
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
