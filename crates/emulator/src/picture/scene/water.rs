//! The sea, lakes, and what is below their surface.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, sheer},
    colour::{Colour, WHITE, rgb},
    dice::{Dice, turn},
    heavens,
    land::Range,
    stage::Stage,
};

/// Water from a height down to the lower edge, with the light upon it.
pub(super) fn water(canvas: &mut Canvas, stage: &Stage<'_>, top: f32) {
    let palette = stage.palette;
    let frame = stage.frame;
    let surface = Shape::rectangle(frame.left, top, frame.right, frame.bottom.max(top));
    let near = palette.water.darker(0.25);
    canvas.fill(
        &surface,
        downward(
            top,
            palette.water.mix(palette.sky[2], 0.55),
            top + 0.4,
            near,
        ),
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

pub(super) fn sea(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let dice = stage.dice;
    let horizon = dice.range("horizon", -0.02, 0.1);
    heavens::sky(canvas, stage, horizon);
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

pub(super) fn underwater(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
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
                coral(
                    canvas,
                    root,
                    dice.range("height", 0.05, 0.1),
                    0.0,
                    4,
                    tint,
                    &dice,
                );
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

fn coral(
    canvas: &mut Canvas,
    root: Spot,
    length: f32,
    lean: f32,
    depth: usize,
    colour: Colour,
    dice: &Dice,
) {
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
