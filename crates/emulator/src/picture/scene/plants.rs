//! Trees, flowers, mushrooms and cacti: as subjects about one unit high on the ground at (0, 0), and as small scenery.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, sheer},
    colour::{Colour, rgb},
    dice::{Dice, turn},
    stage::Stage,
};

/// A round tree of some height in the distance.
pub(super) fn small_tree(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    at: Spot,
    height: f32,
    dice: &Dice,
    land: Colour,
) {
    let leaf = if dice.chance("blossom", 0.14) {
        stage.palette.accent.mix(land, 0.35)
    } else {
        land.darker(0.22)
    };
    let trunk = Shape::rectangle(
        at.0 - height * 0.05,
        at.1 - height * 0.5,
        at.0 + height * 0.05,
        at.1,
    );
    canvas.fill(&trunk, land.darker(0.5));
    let crown = Shape::oval((at.0, at.1 - height * 0.75), height * 0.34, height * 0.46);
    canvas.fill(&crown, leaf);
    let lit = Shape::oval(
        (at.0 + stage.key * height * 0.1, at.1 - height * 0.85),
        height * 0.2,
        height * 0.28,
    );
    canvas.fill(&lit, sheer(leaf.lighter(0.3), 0.5));
}

/// A conifer of some height, with snow on its boughs if a colour for it is given.
pub(super) fn pine(
    canvas: &mut Canvas,
    at: Spot,
    height: f32,
    colour: Colour,
    snow: Option<Colour>,
) {
    let (x, y) = at;
    canvas.fill(
        &Shape::rectangle(x - height * 0.03, y - height * 0.2, x + height * 0.03, y),
        colour.darker(0.4),
    );
    for bough in 0..4_u8 {
        let part = f32::from(bough) / 4.0;
        let top = y - height * (1.0 - part * 0.72);
        let bottom = top + height * 0.38;
        let half = height * (0.1 + 0.15 * part);
        let outline = [
            (x, top),
            (x + half, bottom),
            (x + half * 0.3, bottom - height * 0.03),
            (x, bottom + height * 0.015),
            (x - half * 0.3, bottom - height * 0.03),
            (x - half, bottom),
        ];
        canvas.fill(
            &Shape::polygon(&outline),
            colour.lighter(0.05 * (1.0 - part)),
        );
        canvas.fill(
            &Shape::polygon(&[
                (x, top),
                (x - half, bottom),
                (x - half * 0.2, bottom - height * 0.05),
            ]),
            sheer(colour.lighter(0.25), 0.35),
        );
        if let Some(snow) = snow {
            let cap = [
                (x, top),
                (x + half * 0.6, top + height * 0.23),
                (x + half * 0.2, top + height * 0.17),
                (x - half * 0.1, top + height * 0.23),
                (x - half * 0.6, top + height * 0.23),
            ];
            canvas.fill(&Shape::polygon(&cap), sheer(snow, 0.85));
        }
    }
}

/// A small flower seen from above.
pub(super) fn blossom(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    at: Spot,
    radius: f32,
    colour: Colour,
) {
    let mut petals = Shape::default();
    for index in 0..5_u8 {
        let (cos, sin) = turn(f32::from(index) / 5.0 + 0.05);
        petals = petals.and(&Shape::circle(
            (at.0 + cos * radius * 0.6, at.1 + sin * radius * 0.6),
            radius * 0.5,
        ));
    }
    stage.flat(canvas, &petals, colour.lighter(0.15));
    stage.flat(canvas, &Shape::circle(at, radius * 0.36), rgb(0xf7_d25c));
}

pub(super) fn cactus(canvas: &mut Canvas, stage: &Stage<'_>, at: Spot, height: f32) {
    let green = stage.lit(rgb(0x4d_8a5a));
    canvas.placed(at, (height, height), 0.0, |canvas| {
        let arms = Shape::curve(&[(0.0, -0.4), (0.22, -0.42), (0.28, -0.5), (0.28, -0.75)]).and(
            &Shape::curve(&[(0.0, -0.55), (-0.2, -0.57), (-0.25, -0.64), (-0.25, -0.88)]),
        );
        canvas.line(&arms, green.darker(0.12), 0.12);
        canvas.line(&Shape::segments(&[(0.0, 0.0), (0.0, -1.0)]), green, 0.2);
        canvas.line(
            &Shape::segments(&[(0.05 * stage.key, -0.05), (0.05 * stage.key, -0.98)]),
            sheer(green.lighter(0.4), 0.6),
            0.03,
        );
    });
}

/// A broad old tree.
pub(super) fn tree(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let bark = stage.lit(rgb(0x5f_4232));
    let leaf = if stage.palette.named {
        stage.palette.accent
    } else {
        [
            rgb(0x5f_9a4e),
            rgb(0xd9_8a3d),
            rgb(0xe8_9ab4),
            rgb(0x3f_7f6b),
        ][dice.spread("leaf", 4)]
    };
    let leaf = stage.lit(leaf);
    stage.shadow(canvas, (0.0, 0.0), 0.5);
    let trunk = Shape::blob(&[
        (-0.14, 0.02),
        (-0.07, -0.1),
        (-0.055, -0.3),
        (-0.1, -0.48),
        (0.0, -0.5),
        (0.09, -0.48),
        (0.06, -0.3),
        (0.07, -0.1),
        (0.15, 0.02),
        (0.0, 0.0),
    ]);
    canvas.fill(
        &trunk,
        Ink::Linear(
            (-0.1 * stage.key, 0.0),
            (0.1 * stage.key, 0.0),
            vec![(0.0, bark.darker(0.3), 1.0), (1.0, bark.lighter(0.15), 1.0)],
        ),
    );
    let boughs = Shape::curve(&[(0.0, -0.4), (-0.16, -0.55), (-0.3, -0.62)])
        .and(&Shape::curve(&[(0.02, -0.42), (0.15, -0.58), (0.3, -0.64)]))
        .and(&Shape::curve(&[(0.0, -0.42), (0.01, -0.7)]));
    canvas.line(&boughs, bark, 0.045);
    // From the shaded undergrowth to the sunlit crown.
    for layer in 0..4_u8 {
        let part = f32::from(layer) / 3.0;
        let tone = leaf.darker(0.38 * (1.0 - part)).lighter(0.16 * part * part);
        for index in 0..16 {
            let dice = dice.nth(index + 40 * usize::from(layer));
            let (cos, sin) = turn(dice.unit("angle"));
            let reach = dice.unit("reach") * (1.0 - 0.2 * part);
            let at = (
                cos * 0.4 * reach + stage.key * 0.06 * part,
                -0.7 + sin * 0.24 * reach - 0.07 * part,
            );
            canvas.fill(
                &Shape::circle(at, dice.range("size", 0.06, 0.14) * (1.1 - 0.5 * part)),
                sheer(tone, 0.92),
            );
        }
    }
    for index in 0..26 {
        let dice = dice.nth(index + 300);
        let (cos, sin) = turn(dice.unit("angle"));
        let reach = dice.unit("reach");
        let at = (cos * 0.44 * reach, -0.75 + sin * 0.29 * reach);
        canvas.fill(
            &Shape::oval(at, 0.014, 0.009),
            sheer(leaf.lighter(0.45), 0.7),
        );
    }
}

/// A bunch of tall flowers; in a vase when there is a table for it.
pub(super) fn flowers(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice, vase: bool) {
    let stem = stage.lit(rgb(0x4d_8a4c));
    let count = 3 + dice.spread("count", 4) * 2;
    let foot = if vase { -0.3 } else { 0.0 };
    stage.shadow(canvas, (0.0, 0.0), 0.3);
    let mut heads = Vec::new();
    for index in 0..count {
        let dice = dice.nth(index);
        let part = if count == 1 {
            0.0
        } else {
            index as f32 / (count - 1) as f32 * 2.0 - 1.0
        };
        let head = (
            part * 0.34 + dice.range("x", -0.05, 0.05),
            -0.72 - 0.2 * (1.0 - part.abs()) + dice.range("y", -0.07, 0.07),
        );
        let root = (part * if vase { 0.05 } else { 0.16 }, foot);
        let bend = (
            f32::midpoint(root.0, head.0) * 0.7,
            f32::midpoint(root.1, head.1),
        );
        canvas.line(&Shape::curve(&[root, bend, head]), stem.darker(0.1), 0.016);
        let side = if part < 0.0 { -1.0 } else { 1.0 };
        let leaf = Shape::blob(&[
            bend,
            (bend.0 + side * 0.07, bend.1 - 0.05),
            (bend.0 + side * 0.15, bend.1 - 0.07),
            (bend.0 + side * 0.08, bend.1),
        ]);
        canvas.fill(&leaf, stem.lighter(0.1));
        heads.push((head, dice));
    }
    if vase {
        let clay = stage.palette.second.mix(rgb(0xe8_ddd0), 0.35);
        let shape = Shape::blob(&[
            (-0.07, -0.4),
            (-0.055, -0.34),
            (-0.13, -0.2),
            (-0.12, -0.06),
            (-0.07, 0.0),
            (0.07, 0.0),
            (0.12, -0.06),
            (0.13, -0.2),
            (0.055, -0.34),
            (0.07, -0.4),
            (0.0, -0.39),
        ]);
        stage.body(canvas, &shape, (0.0, -0.2), 0.2, clay);
        canvas.line(
            &Shape::curve(&[(-0.125, -0.2), (0.0, -0.185), (0.125, -0.2)]),
            sheer(stage.lit(stage.palette.accent), 0.9),
            0.02,
        );
    }
    // Flowers are rarely green, unless somebody asks for it.
    let of_petals = |colour: Colour| {
        let green = colour.green > colour.red && colour.green > colour.blue;
        if green && !stage.palette.named {
            colour.turned(0.4)
        } else {
            colour
        }
    };
    let kind = dice.pick("kind", 3);
    for (head, dice) in heads {
        let colour = if dice.chance("colour", 0.65) {
            stage.palette.accent
        } else {
            stage.palette.second
        };
        let colour = stage.lit(of_petals(colour).saturated(1.15));
        canvas.placed(
            head,
            (1.0, 1.0),
            dice.range("turn", -0.04, 0.04),
            |canvas| {
                flower_head(canvas, stage, kind, colour, &dice);
            },
        );
    }
}

fn flower_head(canvas: &mut Canvas, stage: &Stage<'_>, kind: usize, colour: Colour, dice: &Dice) {
    let size = dice.range("size", 0.085, 0.125);
    match kind {
        // A tulip.
        0 => {
            let back = Shape::blob(&[
                (0.0, 0.08),
                (-0.09, 0.02),
                (-0.08, -0.1),
                (-0.03, -0.05),
                (0.0, -0.12),
                (0.03, -0.05),
                (0.08, -0.1),
                (0.09, 0.02),
            ]);
            canvas.fill(&back, colour.darker(0.18));
            canvas.fill(
                &Shape::blob(&[
                    (0.0, 0.085),
                    (-0.06, 0.02),
                    (-0.045, -0.05),
                    (0.0, -0.1),
                    (0.045, -0.05),
                    (0.06, 0.02),
                ]),
                colour.lighter(0.12),
            );
        }
        // A daisy, or with a large heart a sunflower.
        1 => {
            let petals = 13;
            for index in 0..petals {
                let (cos, sin) = turn(index as f32 / petals as f32);
                let (far, near) = (
                    (cos * size, sin * size),
                    (cos * size * 0.3, sin * size * 0.3),
                );
                let half = (-sin * size * 0.17, cos * size * 0.17);
                let middle = (cos * size * 0.7, sin * size * 0.7);
                let petal = Shape::blob(&[
                    near,
                    (middle.0 + half.0, middle.1 + half.1),
                    far,
                    (middle.0 - half.0, middle.1 - half.1),
                ]);
                canvas.fill(
                    &petal,
                    if index % 2 == 0 {
                        colour.lighter(0.16)
                    } else {
                        colour
                    },
                );
            }
            canvas.fill(
                &Shape::circle((0.0, 0.0), size * 0.36),
                stage.lit(rgb(0x6a_4326)),
            );
            canvas.fill(
                &Shape::circle((-size * 0.07, -size * 0.09), size * 0.22),
                sheer(stage.lit(rgb(0xc9_8a3c)), 0.8),
            );
        }
        // A peony or a rose: rings of petals.
        _ => {
            for ring in 0..4_u8 {
                let reach = size * (1.0 - 0.24 * f32::from(ring));
                let tone = colour
                    .lighter(0.1 * f32::from(ring))
                    .darker(0.08 * (3.0 - f32::from(ring)));
                for index in 0..7_u8 {
                    let (cos, sin) = turn(f32::from(index) / 7.0 + f32::from(ring) * 0.07);
                    canvas.fill(
                        &Shape::circle((cos * reach * 0.6, sin * reach * 0.6), reach * 0.44),
                        tone.darker(0.06 * f32::from(index % 2)),
                    );
                }
            }
            canvas.fill(&Shape::circle((0.0, 0.0), size * 0.16), colour.darker(0.3));
        }
    }
}

/// A toadstool with two small ones beside it.
pub(super) fn mushrooms(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let cap = if stage.palette.named {
        stage.palette.accent
    } else {
        [
            rgb(0xc9_3b35),
            rgb(0xc9_803f),
            rgb(0x8a_5fb0),
            rgb(0x3f_8f9a),
        ][dice.spread("cap", 4)]
    };
    for (at, size, lean) in [
        ((-0.3, 0.02), 0.42, -0.02),
        ((0.32, 0.04), 0.5, 0.02),
        ((0.0, 0.0), 0.95, dice.range("lean", -0.015, 0.015)),
    ] {
        stage.shadow(canvas, at, size * 0.4);
        canvas.placed(at, (size, size), lean, |canvas| {
            let stalk = Shape::blob(&[
                (-0.13, 0.0),
                (-0.085, -0.3),
                (-0.08, -0.62),
                (0.08, -0.62),
                (0.085, -0.3),
                (0.13, 0.0),
                (0.0, 0.03),
            ]);
            stage.body(canvas, &stalk, (0.0, -0.3), 0.3, rgb(0xf1_e6d2));
            stage.flat(
                canvas,
                &Shape::blob(&[
                    (-0.12, -0.5),
                    (-0.15, -0.42),
                    (0.0, -0.4),
                    (0.15, -0.42),
                    (0.12, -0.5),
                ]),
                rgb(0xe2_d2b8),
            );
            stage.flat(
                canvas,
                &Shape::oval((0.0, -0.56), 0.37, 0.07),
                rgb(0xd9_c3a4),
            );
            let dome = Shape::blob(&[
                (-0.43, -0.56),
                (-0.36, -0.76),
                (-0.19, -0.93),
                (0.0, -0.98),
                (0.19, -0.93),
                (0.36, -0.76),
                (0.43, -0.56),
                (0.2, -0.585),
                (-0.2, -0.585),
            ]);
            stage.body(canvas, &dome, (0.0, -0.76), 0.3, cap);
            canvas.within(&dome, |canvas| {
                for (x, y, radius) in [
                    (-0.2, -0.72, 0.06),
                    (0.05, -0.83, 0.075),
                    (0.25, -0.68, 0.05),
                    (-0.02, -0.65, 0.035),
                    (-0.35, -0.62, 0.04),
                    (-0.12, -0.9, 0.035),
                ] {
                    stage.flat(
                        canvas,
                        &Shape::oval((x, y), radius, radius * 0.85),
                        rgb(0xfb_f4e6),
                    );
                }
            });
        });
    }
}
