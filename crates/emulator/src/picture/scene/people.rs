//! Portraits and robots: head and shoulders that rise from the lower edge, chest at (0, 0), about one unit high.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, sheer},
    colour::{WHITE, rgb},
    dice::Dice,
    stage::Stage,
};

fn mirrored(right: &[Spot]) -> Shape {
    let mut points = right.to_vec();
    points.extend(
        right
            .iter()
            .rev()
            .filter(|(x, _)| *x > 0.0)
            .map(|(x, y)| (-x, *y)),
    );
    Shape::blob(&points)
}

pub(super) fn portrait(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let skin = [
        rgb(0xf2_c9a4),
        rgb(0xc6_8a5e),
        rgb(0x8a_563a),
        rgb(0xe6_b088),
    ][dice.spread("skin", 4)];
    let hair = [
        rgb(0x2b_2028),
        rgb(0x6b_3f28),
        rgb(0xc9_8a3f),
        rgb(0x8f_3f30),
    ][dice.spread("hair", 4)];
    let coat = stage.palette.accent;
    let long = dice.chance("long", 0.6);
    let turn = dice.range("turn", -0.03, 0.03);
    if long {
        let back = mirrored(&[
            (0.0, -1.0),
            (0.2, -0.95),
            (0.29, -0.74),
            (0.3, -0.5),
            (0.34, -0.2),
            (0.26, 0.02),
            (0.0, 0.05),
        ]);
        stage.body(canvas, &back, (0.0, -0.5), 0.5, hair.darker(0.2));
    }
    let shoulders = mirrored(&[
        (0.0, -0.24),
        (0.12, -0.23),
        (0.3, -0.15),
        (0.45, 0.0),
        (0.52, 0.3),
        (0.5, 0.9),
        (0.0, 1.0),
    ]);
    stage.body(canvas, &shoulders, (0.0, 0.1), 0.5, coat);
    let neck = mirrored(&[
        (0.0, -0.5),
        (0.085, -0.46),
        (0.085, -0.26),
        (0.15, -0.18),
        (0.0, -0.08),
    ]);
    stage.body(canvas, &neck, (0.0, -0.3), 0.2, skin.darker(0.14));
    let collar = mirrored(&[
        (0.0, -0.03),
        (0.07, -0.12),
        (0.17, -0.24),
        (0.25, -0.2),
        (0.14, 0.02),
        (0.0, 0.14),
    ]);
    canvas.within(&collar, |canvas| {
        canvas.fill(
            &Shape::polygon(&[(-0.3, -0.25), (0.0, 0.0), (-0.1, 0.14), (-0.3, 0.0)]),
            stage.lit(coat.darker(0.35)),
        );
        canvas.fill(
            &Shape::polygon(&[(0.3, -0.25), (0.0, 0.0), (0.1, 0.14), (0.3, 0.0)]),
            stage.lit(coat.darker(0.25)),
        );
    });
    canvas.placed((0.0, -0.62), (1.0, 1.0), turn, |canvas| {
        for side in [-1.0, 1.0] {
            stage.flat(
                canvas,
                &Shape::oval((side * 0.2, 0.03), 0.035, 0.055),
                skin.darker(0.1),
            );
        }
        let head = mirrored(&[
            (0.0, -0.27),
            (0.13, -0.24),
            (0.2, -0.1),
            (0.2, 0.06),
            (0.15, 0.19),
            (0.06, 0.265),
            (0.0, 0.275),
        ]);
        stage.body(canvas, &head, (0.0, 0.0), 0.3, skin);
        canvas.within(&head, |canvas| {
            for side in [-1.0, 1.0] {
                canvas.fill(
                    &Shape::circle((side * 0.12, 0.1), 0.065),
                    sheer(rgb(0xe0_6a5a), 0.2),
                );
            }
            let shade = Shape::blob(&[
                (-stage.key * 0.02, -0.3),
                (-stage.key * 0.25, -0.3),
                (-stage.key * 0.25, 0.3),
                (-stage.key * 0.06, 0.3),
                (-stage.key * 0.12, 0.1),
                (-stage.key * 0.09, -0.08),
            ]);
            canvas.fill(&shade, sheer(stage.lit(skin.darker(0.4)), 0.28));
        });
        for side in [-1.0, 1.0] {
            let eye = Shape::blob(&[
                (side * 0.045, 0.005),
                (side * 0.085, -0.02),
                (side * 0.135, 0.003),
                (side * 0.09, 0.022),
            ]);
            canvas.fill(&eye, stage.lit(WHITE));
            canvas.within(&eye, |canvas| {
                canvas.fill(
                    &Shape::circle(
                        (side * 0.09 + dice.range("gaze", -0.012, 0.012), 0.0),
                        0.021,
                    ),
                    stage.lit(stage.palette.second.darker(0.3)),
                );
                canvas.fill(
                    &Shape::circle(
                        (side * 0.09 + dice.range("gaze", -0.012, 0.012), 0.0),
                        0.011,
                    ),
                    stage.lit(rgb(0x15_1018)),
                );
            });
            canvas.line(
                &Shape::curve(&[
                    (side * 0.04, 0.0),
                    (side * 0.087, -0.024),
                    (side * 0.14, 0.0),
                ]),
                stage.lit(hair.darker(0.4)),
                0.011,
            );
            canvas.line(
                &Shape::curve(&[
                    (side * 0.04, -0.062),
                    (side * 0.09, -0.082),
                    (side * 0.145, -0.062),
                ]),
                stage.lit(hair.darker(0.2)),
                0.017,
            );
        }
        canvas.line(
            &Shape::curve(&[
                (0.005, -0.01),
                (0.022, 0.07),
                (0.018, 0.095),
                (-0.015, 0.098),
            ]),
            sheer(stage.lit(skin.darker(0.45)), 0.7),
            0.011,
        );
        let smile = dice.range("smile", 0.0, 0.022);
        let lips = Shape::blob(&[
            (-0.06, 0.165 - smile),
            (-0.018, 0.155),
            (0.0, 0.16),
            (0.018, 0.155),
            (0.06, 0.165 - smile),
            (0.0, 0.19),
        ]);
        stage.flat(canvas, &lips, rgb(0xb8_5050).mix(skin, 0.25));
        let fringe = if long {
            Shape::blob(&[
                (0.0, -0.34),
                (0.16, -0.32),
                (0.25, -0.18),
                (0.25, 0.06),
                (0.21, 0.12),
                (0.2, -0.06),
                (0.1, -0.17),
                (-0.04, -0.2),
                (-0.17, -0.1),
                (-0.2, 0.1),
                (-0.25, 0.04),
                (-0.25, -0.18),
                (-0.16, -0.32),
            ])
        } else {
            Shape::blob(&[
                (0.0, -0.36),
                (0.17, -0.33),
                (0.24, -0.2),
                (0.215, -0.03),
                (0.19, -0.12),
                (0.06, -0.17),
                (-0.12, -0.19),
                (-0.19, -0.1),
                (-0.215, -0.02),
                (-0.245, -0.18),
                (-0.17, -0.32),
            ])
        };
        stage.body(canvas, &fringe, (0.0, -0.2), 0.2, hair);
        for index in 0..5_u8 {
            let x = -0.14 + 0.07 * f32::from(index);
            canvas.line(
                &Shape::curve(&[(0.03, -0.335), (x, -0.28), (x * 1.35, -0.19)]),
                sheer(stage.lit(hair.lighter(0.35)), 0.4),
                0.008,
            );
        }
    });
}

pub(super) fn robot(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let metal = if stage.palette.named {
        stage.palette.accent
    } else {
        [
            rgb(0x9f_b2c4),
            rgb(0xd9_9a5a),
            rgb(0x7f_bfb2),
            rgb(0xd8_d4cc),
        ][dice.spread("metal", 4)]
    };
    let glow = [
        rgb(0x5f_f0ff),
        rgb(0xff_d75f),
        rgb(0x8f_ff9a),
        rgb(0xff_7fb0),
    ][dice.spread("eyes", 4)];
    stage.shadow(canvas, (0.0, 0.0), 0.42);
    for side in [-1.0_f32, 1.0] {
        let leg = Shape::rounded((side * 0.13) - 0.06, -0.2, (side * 0.13) + 0.06, 0.0, 0.03);
        stage.body(canvas, &leg, (side * 0.13, -0.1), 0.15, metal.darker(0.35));
        stage.body(
            canvas,
            &Shape::rounded(side * 0.14 - 0.1, -0.06, side * 0.14 + 0.1, 0.015, 0.04),
            (side * 0.14, -0.03),
            0.08,
            metal.darker(0.15),
        );
        let swing = dice.range(if side < 0.0 { "left arm" } else { "right arm" }, 0.0, 1.0);
        let (elbow, hand) = (
            (side * (0.38 + 0.06 * swing), -0.34),
            (side * (0.4 + 0.1 * swing), -0.12 - 0.46 * swing),
        );
        canvas.line(
            &Shape::curve(&[(side * 0.26, -0.45), elbow, hand]),
            stage.lit(metal.darker(0.4)),
            0.065,
        );
        stage.body(canvas, &Shape::circle(hand, 0.06), hand, 0.07, metal);
    }
    let trunk = Shape::rounded(-0.26, -0.54, 0.26, -0.14, 0.1);
    stage.body(canvas, &trunk, (0.0, -0.34), 0.3, metal);
    canvas.fill(
        &Shape::rounded(-0.15, -0.44, 0.15, -0.26, 0.03),
        stage.lit(metal.darker(0.5)),
    );
    for index in 0..3_u8 {
        let at = (-0.09 + 0.09 * f32::from(index), -0.35);
        let light = [glow, stage.palette.second, stage.palette.sun][usize::from(index)];
        canvas.fill(
            &Shape::circle(at, 0.07),
            super::canvas::glow(at, 0.07, light, 0.6),
        );
        canvas.fill(&Shape::circle(at, 0.026), light);
    }
    canvas.fill(
        &Shape::rectangle(-0.06, -0.6, 0.06, -0.53),
        stage.lit(metal.darker(0.4)),
    );
    canvas.placed(
        (0.0, -0.75),
        (1.0, 1.0),
        dice.range("tilt", -0.03, 0.03),
        |canvas| {
            canvas.line(
                &Shape::segments(&[(0.0, -0.18), (0.0, -0.28)]),
                stage.lit(metal.darker(0.3)),
                0.02,
            );
            canvas.fill(
                &Shape::circle((0.0, -0.3), 0.1),
                super::canvas::glow((0.0, -0.3), 0.1, glow, 0.7),
            );
            canvas.fill(&Shape::circle((0.0, -0.3), 0.034), glow);
            for side in [-1.0, 1.0] {
                stage.body(
                    canvas,
                    &Shape::rounded(side * 0.27 - 0.045, -0.07, side * 0.27 + 0.045, 0.07, 0.03),
                    (side * 0.27, 0.0),
                    0.08,
                    metal.darker(0.25),
                );
            }
            let head = Shape::rounded(-0.26, -0.19, 0.26, 0.18, 0.12);
            stage.body(canvas, &head, (0.0, 0.0), 0.25, metal.lighter(0.08));
            let visor = Shape::rounded(-0.21, -0.11, 0.21, 0.09, 0.09);
            canvas.fill(
                &visor,
                Ink::Linear(
                    (0.0, -0.11),
                    (0.0, 0.09),
                    vec![(0.0, rgb(0x0c_1018), 1.0), (1.0, rgb(0x26_3044), 1.0)],
                ),
            );
            let gaze = dice.range("gaze", -0.025, 0.025);
            for side in [-1.0, 1.0] {
                let at = (side * 0.095 + gaze, -0.01);
                canvas.fill(
                    &Shape::circle(at, 0.11),
                    super::canvas::glow(at, 0.11, glow, 0.6),
                );
                canvas.fill(&Shape::oval(at, 0.036, 0.044), glow);
                canvas.fill(&Shape::circle((at.0 + 0.012, at.1 - 0.014), 0.011), WHITE);
            }
            canvas.line(
                &Shape::curve(&[(-0.07, 0.125), (0.0, 0.14), (0.07, 0.125)]),
                sheer(stage.lit(metal.darker(0.55)), 0.9),
                0.014,
            );
            canvas.fill(
                &Shape::polygon(&[(-0.14, -0.1), (-0.07, -0.1), (-0.13, 0.07), (-0.19, 0.03)]),
                sheer(WHITE, 0.13),
            );
        },
    );
}
