//! Birds, fish, whales and butterflies, about one unit high or long; birds stand at (0, 0), the others float about it.

use super::{
    canvas::{Canvas, Shape, Spot, sheer},
    colour::{Colour, WHITE, rgb},
    dice::Dice,
    stage::Stage,
};

const INK: Colour = rgb(0x1f_1a24);

fn own_colour(stage: &Stage<'_>, dice: &Dice, choices: [u32; 4]) -> Colour {
    if stage.palette.named {
        stage.palette.accent
    } else {
        rgb(choices[dice.spread("coat", 4)])
    }
}

/// A songbird on a twig; the twig passes through (0, 0).
pub(super) fn bird(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let back = own_colour(stage, dice, [0x3f_76b5, 0xc8_4b3c, 0x5a_9a5e, 0xe0_a53a]);
    let breast = if stage.palette.named {
        back.lighter(0.5)
    } else {
        back.turned(0.4).lighter(0.35).mix(rgb(0xf6_c890), 0.5)
    };
    let twig = stage.lit(rgb(0x5c_4434));
    canvas.line(
        &Shape::curve(&[
            (-1.6, 0.14),
            (-0.7, 0.03),
            (0.0, 0.02),
            (0.8, -0.05),
            (1.6, 0.06),
        ]),
        twig,
        0.06,
    );
    canvas.line(
        &Shape::curve(&[
            (-1.6, 0.125),
            (-0.7, 0.015),
            (0.0, 0.005),
            (0.8, -0.065),
            (1.6, 0.045),
        ]),
        sheer(twig.lighter(0.3), 0.7),
        0.018,
    );
    for (x, side) in [
        (-0.75_f32, -1.0_f32),
        (-0.42, 1.0),
        (0.55, -1.0),
        (0.8, 1.0),
        (1.1, -1.0),
    ] {
        let root = (x, 0.03 - x * 0.05);
        let tip = (x + 0.2, root.1 + side * 0.2);
        canvas.line(
            &Shape::curve(&[root, (x + 0.1, root.1 + side * 0.07), tip]),
            twig,
            0.02,
        );
        let leaf = Shape::blob(&[
            tip,
            (tip.0 + 0.08, tip.1 - 0.05),
            (tip.0 + 0.17, tip.1 + side * 0.02),
            (tip.0 + 0.07, tip.1 + 0.05),
        ]);
        stage.flat(canvas, &leaf, stage.palette.near.lighter(0.1));
        super::plants::blossom(
            canvas,
            stage,
            (root.0 + 0.06, root.1 + side * 0.05),
            0.04,
            stage.palette.second,
        );
    }
    let feather = Shape::blob(&[
        (-0.2, -0.24),
        (-0.38, -0.1),
        (-0.55, 0.14),
        (-0.47, 0.17),
        (-0.28, 0.03),
        (-0.12, -0.12),
    ]);
    stage.body(canvas, &feather, (-0.35, 0.0), 0.25, back.darker(0.25));
    let body = Shape::blob(&[
        (0.2, -0.78),
        (0.32, -0.72),
        (0.36, -0.6),
        (0.35, -0.42),
        (0.27, -0.18),
        (0.08, -0.04),
        (-0.12, -0.06),
        (-0.24, -0.2),
        (-0.16, -0.42),
        (-0.01, -0.58),
        (0.08, -0.73),
    ]);
    stage.body(canvas, &body, (0.08, -0.4), 0.4, back);
    canvas.within(&body, |canvas| {
        let front = Shape::blob(&[
            (0.28, -0.62),
            (0.42, -0.5),
            (0.38, -0.2),
            (0.1, 0.0),
            (-0.04, -0.06),
            (0.1, -0.25),
            (0.17, -0.48),
        ]);
        stage.body(canvas, &front, (0.2, -0.3), 0.35, breast);
    });
    let wing = Shape::blob(&[
        (0.06, -0.5),
        (0.14, -0.36),
        (0.08, -0.2),
        (-0.14, -0.08),
        (-0.34, 0.02),
        (-0.22, -0.2),
        (-0.08, -0.42),
    ]);
    stage.body(canvas, &wing, (-0.08, -0.26), 0.3, back.darker(0.16));
    for index in 0..4_u8 {
        let shift = 0.055 * f32::from(index);
        let line = Shape::curve(&[
            (0.08 - shift * 0.4, -0.24 - shift),
            (-0.08 - shift, -0.15 - shift * 0.8),
            (-0.27 + shift * 0.3, -0.03 - shift * 1.2),
        ]);
        canvas.line(&line, sheer(stage.lit(back.lighter(0.35)), 0.7), 0.012);
    }
    stage.flat(
        canvas,
        &Shape::polygon(&[(0.335, -0.69), (0.48, -0.63), (0.345, -0.6)]),
        rgb(0xe8_a23c),
    );
    canvas.fill(&Shape::circle((0.235, -0.66), 0.038), stage.lit(INK));
    canvas.fill(&Shape::circle((0.248, -0.674), 0.012), WHITE);
    canvas.line(
        &Shape::segments(&[(0.05, -0.05), (0.06, 0.01)])
            .and(&Shape::segments(&[(0.14, -0.06), (0.15, 0.0)])),
        stage.lit(rgb(0x8a_5a3c)),
        0.02,
    );
}

pub(super) fn owl(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let coat = own_colour(stage, dice, [0x8a_6244, 0x6f_7482, 0xd9_cbb4, 0x5a_4a6b]);
    let pale = coat.lighter(0.62);
    stage.shadow(canvas, (0.0, 0.0), 0.4);
    let half = [
        (0.0, -0.95),
        (0.16, -0.93),
        (0.29, -1.0),
        (0.31, -0.82),
        (0.32, -0.55),
        (0.34, -0.3),
        (0.24, -0.06),
        (0.1, 0.0),
    ];
    let mut outline = half.to_vec();
    outline.extend(
        half.iter()
            .rev()
            .filter(|(x, _)| *x > 0.0)
            .map(|(x, y)| (-x, *y)),
    );
    let body = Shape::blob(&outline);
    stage.body(canvas, &body, (0.0, -0.5), 0.5, coat);
    canvas.within(&body, |canvas| {
        canvas.fill(
            &Shape::oval((0.0, -0.28), 0.22, 0.3),
            sheer(stage.lit(pale), 0.9),
        );
        for index in 0..18_u8 {
            let (column, row) = (f32::from(index % 4), f32::from(index / 4));
            let at = (-0.15 + 0.1 * column + 0.05 * (row % 2.0), -0.46 + 0.1 * row);
            canvas.line(
                &Shape::curve(&[
                    (at.0 - 0.025, at.1),
                    (at.0, at.1 + 0.03),
                    (at.0 + 0.025, at.1),
                ]),
                sheer(stage.lit(coat.darker(0.2)), 0.7),
                0.014,
            );
        }
    });
    for side in [-1.0, 1.0] {
        let wing = Shape::blob(&[
            (side * 0.27, -0.6),
            (side * 0.38, -0.4),
            (side * 0.37, -0.16),
            (side * 0.25, -0.04),
            (side * 0.23, -0.3),
        ]);
        stage.body(canvas, &wing, (side * 0.3, -0.3), 0.3, coat.darker(0.2));
        let disc = (side * 0.125, -0.73);
        stage.flat(canvas, &Shape::circle(disc, 0.135), pale);
        canvas.fill(&Shape::circle(disc, 0.092), stage.lit(rgb(0xe9_a83a)));
        canvas.fill(
            &Shape::circle((disc.0 + dice.range("gaze", -0.02, 0.02), disc.1), 0.058),
            stage.lit(INK),
        );
        canvas.fill(
            &Shape::circle((disc.0 + stage.key * 0.025, disc.1 - 0.03), 0.02),
            WHITE,
        );
        for toe in [-0.04, 0.0, 0.04] {
            canvas.line(
                &Shape::segments(&[(side * 0.1 + toe, -0.02), (side * 0.1 + toe * 1.3, 0.03)]),
                stage.lit(rgb(0xd9_9a3c)),
                0.025,
            );
        }
    }
    stage.flat(
        canvas,
        &Shape::polygon(&[(-0.04, -0.69), (0.04, -0.69), (0.0, -0.59)]),
        rgb(0xe0_9a35),
    );
}

/// A fish that swims to the right.
pub(super) fn fish(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let scale = own_colour(stage, dice, [0xf0_8a3a, 0xf2_c84b, 0x4c_9ad4, 0xe4_5f6a]);
    let fin = scale.turned(0.06).darker(0.14);
    let sway = dice.range("sway", -0.06, 0.06);
    let caudal = Shape::blob(&[
        (-0.36, 0.0),
        (-0.5, -0.14),
        (-0.68, -0.26 + sway),
        (-0.6, -0.04 + sway),
        (-0.7, 0.22 + sway),
        (-0.52, 0.13),
    ]);
    stage.body(canvas, &caudal, (-0.5, 0.0), 0.25, fin);
    let dorsal = Shape::blob(&[(-0.2, -0.2), (-0.14, -0.38), (0.08, -0.4), (0.2, -0.22)]);
    stage.body(canvas, &dorsal, (0.0, -0.3), 0.15, fin);
    stage.flat(
        canvas,
        &Shape::blob(&[(-0.05, 0.2), (-0.12, 0.36), (0.06, 0.3), (0.1, 0.2)]),
        fin,
    );
    let body = Shape::blob(&[
        (0.47, 0.01),
        (0.38, -0.13),
        (0.18, -0.25),
        (-0.08, -0.23),
        (-0.3, -0.09),
        (-0.42, 0.0),
        (-0.3, 0.1),
        (-0.08, 0.23),
        (0.18, 0.25),
        (0.38, 0.14),
    ]);
    stage.body(canvas, &body, (0.0, 0.0), 0.28, scale);
    let bands = dice.chance("bands", 0.6);
    canvas.within(&body, |canvas| {
        canvas.fill(
            &Shape::oval((0.05, 0.26), 0.5, 0.16),
            sheer(stage.lit(scale.lighter(0.6)), 0.7),
        );
        if bands {
            for x in [0.2, -0.06, -0.28] {
                let band = Shape::curve(&[(x, -0.3), (x + 0.04, 0.0), (x, 0.3)]);
                canvas.line(&band, stage.lit(WHITE), 0.07);
            }
        } else {
            for index in 0..28_u8 {
                let (column, row) = (f32::from(index % 7), f32::from(index / 7));
                let at = (
                    -0.3 + 0.075 * column + 0.037 * (row % 2.0),
                    -0.14 + 0.085 * row,
                );
                let arc = Shape::curve(&[
                    (at.0, at.1 - 0.035),
                    (at.0 - 0.03, at.1),
                    (at.0, at.1 + 0.035),
                ]);
                canvas.line(&arc, sheer(stage.lit(scale.darker(0.3)), 0.5), 0.01);
            }
        }
    });
    canvas.line(
        &Shape::curve(&[(0.24, -0.14), (0.19, 0.0), (0.24, 0.14)]),
        sheer(stage.lit(scale.darker(0.4)), 0.7),
        0.014,
    );
    stage.flat(
        canvas,
        &Shape::blob(&[(0.12, 0.02), (-0.02, 0.0), (-0.1, 0.1), (0.04, 0.13)]),
        fin.lighter(0.15),
    );
    canvas.fill(&Shape::circle((0.33, -0.045), 0.052), WHITE);
    canvas.fill(&Shape::circle((0.34, -0.042), 0.031), stage.lit(INK));
    canvas.fill(&Shape::circle((0.35, -0.055), 0.01), WHITE);
    canvas.line(
        &Shape::curve(&[(0.465, 0.03), (0.43, 0.05), (0.4, 0.045)]),
        stage.lit(scale.darker(0.55)),
        0.012,
    );
}

pub(super) fn whale(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let skin = own_colour(stage, dice, [0x3f_6390, 0x4a_5a78, 0x35_7a8f, 0x5b_5a9a]);
    let lift = dice.range("lift", -0.05, 0.05);
    let fluke = Shape::blob(&[
        (-0.58, -0.12 + lift),
        (-0.68, -0.26 + lift),
        (-0.9, -0.34 + lift),
        (-0.76, -0.18 + lift),
        (-0.84, -0.02 + lift),
        (-0.66, -0.05 + lift),
    ]);
    stage.body(canvas, &fluke, (-0.75, -0.2), 0.2, skin.darker(0.12));
    let body = Shape::blob(&[
        (0.68, 0.02),
        (0.62, -0.16),
        (0.36, -0.27),
        (0.0, -0.26),
        (-0.34, -0.16),
        (-0.62, -0.12 + lift),
        (-0.6, -0.06 + lift),
        (-0.3, 0.08),
        (0.05, 0.22),
        (0.42, 0.24),
        (0.62, 0.16),
    ]);
    stage.body(canvas, &body, (0.0, 0.0), 0.32, skin);
    canvas.within(&body, |canvas| {
        let belly = Shape::blob(&[
            (0.72, 0.06),
            (0.4, 0.06),
            (0.05, 0.1),
            (-0.3, 0.06),
            (0.0, 0.4),
            (0.6, 0.4),
        ]);
        canvas.fill(&belly, stage.lit(skin.lighter(0.72)));
        for index in 0..6_u8 {
            let y = 0.09 + 0.026 * f32::from(index);
            canvas.line(
                &Shape::curve(&[(0.7, y), (0.35, y + 0.012), (-0.02, y + 0.01)]),
                sheer(stage.lit(skin), 0.5),
                0.007,
            );
        }
    });
    stage.body(
        canvas,
        &Shape::blob(&[
            (0.24, 0.12),
            (0.12, 0.34),
            (-0.02, 0.42),
            (0.05, 0.22),
            (0.12, 0.12),
        ]),
        (0.1, 0.25),
        0.2,
        skin.darker(0.2),
    );
    canvas.fill(&Shape::circle((0.47, 0.0), 0.024), stage.lit(INK));
    canvas.fill(&Shape::circle((0.476, -0.007), 0.008), WHITE);
    canvas.line(
        &Shape::curve(&[(0.68, 0.03), (0.56, 0.07), (0.46, 0.06)]),
        sheer(stage.lit(skin.darker(0.4)), 0.9),
        0.012,
    );
}

pub(super) fn butterfly(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let wing = own_colour(stage, dice, [0xf0_8a3a, 0x4c_8fe0, 0xc0_5fb4, 0xf2_cc4f]);
    let open = dice.range("open", 0.75, 1.0);
    for side in [-1.0_f32, 1.0] {
        canvas.placed((0.0, 0.0), (side * open, 1.0), 0.0, |canvas| {
            for (outline, centre) in [
                (
                    vec![
                        (0.03, 0.02),
                        (0.22, 0.08),
                        (0.34, 0.24),
                        (0.26, 0.42),
                        (0.12, 0.36),
                        (0.04, 0.16),
                    ],
                    (0.18, 0.22),
                ),
                (
                    vec![
                        (0.03, -0.02),
                        (0.12, -0.28),
                        (0.34, -0.46),
                        (0.5, -0.42),
                        (0.48, -0.2),
                        (0.34, -0.0),
                        (0.14, 0.06),
                    ],
                    (0.3, -0.22),
                ),
            ] {
                let shape = Shape::blob(&outline);
                stage.flat(canvas, &shape, wing.darker(0.72));
                let inner: Vec<Spot> = outline
                    .iter()
                    .map(|(x, y)| {
                        (
                            centre.0 + (x - centre.0) * 0.84,
                            centre.1 + (y - centre.1) * 0.84,
                        )
                    })
                    .collect();
                stage.body(canvas, &Shape::blob(&inner), centre, 0.25, wing);
                canvas.within(&shape, |canvas| {
                    for tip in &outline[1..] {
                        canvas.line(
                            &Shape::segments(&[(0.02, 0.0), *tip]),
                            sheer(stage.lit(wing.darker(0.7)), 0.75),
                            0.009,
                        );
                        canvas.fill(
                            &Shape::circle((tip.0 * 0.92, tip.1 * 0.92), 0.017),
                            stage.lit(WHITE),
                        );
                    }
                    canvas.fill(
                        &Shape::circle(centre, 0.05),
                        sheer(stage.lit(stage.palette.second.lighter(0.2)), 0.85),
                    );
                });
            }
            canvas.line(
                &Shape::curve(&[(0.01, -0.2), (0.05, -0.34), (0.13, -0.42)]),
                stage.lit(INK),
                0.01,
            );
            canvas.fill(&Shape::circle((0.13, -0.42), 0.014), stage.lit(INK));
        });
    }
    stage.flat(
        canvas,
        &Shape::oval((0.0, 0.03), 0.028, 0.2),
        INK.lighter(0.1),
    );
    stage.flat(canvas, &Shape::circle((0.0, -0.19), 0.036), INK);
}
