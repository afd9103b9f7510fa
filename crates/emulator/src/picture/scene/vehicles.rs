//! What travels, about one unit long or high: on the ground or the water at (0, 0), or in the air about it.

use super::{
    buildings::painted,
    canvas::{Canvas, Ink, Shape, glow, sheer},
    colour::{WHITE, rgb},
    dice::Dice,
    plants,
    stage::Stage,
};

/// A sailing boat whose waterline is at (0, 0).
pub(super) fn boat(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let hull = painted(stage, dice, [0x9a_4436, 0x2f_5a86, 0x6a_4832, 0xe8_e2d4]);
    let sail = if dice.chance("sail", 0.6) {
        rgb(0xf8_f2e4)
    } else {
        stage.palette.accent.lighter(0.3)
    };
    canvas.placed(
        (0.0, 0.0),
        (1.0, 1.0),
        dice.range("heel", -0.018, 0.018),
        |canvas| {
            canvas.placed((0.0, 0.11), (1.0, -0.34), 0.0, |canvas| {
                // Its reflection.
                let all = Shape::polygon(&[(-0.4, 0.0), (0.02, -0.95), (0.4, 0.0)]);
                canvas.fill(&all, sheer(stage.lit(sail), 0.22));
            });
            canvas.line(
                &Shape::segments(&[(0.0, -0.1), (0.0, -1.0)]),
                stage.lit(rgb(0x5a_4232)),
                0.022,
            );
            let belly = dice.range("wind", 0.02, 0.09);
            let main = Shape::blob(&[
                (0.025, -0.95),
                (0.16 + belly, -0.68),
                (0.34 + belly, -0.36),
                (0.42, -0.2),
                (0.2, -0.185),
                (0.025, -0.18),
                (0.025, -0.5),
            ]);
            stage.body(canvas, &main, (0.2, -0.5), 0.4, sail);
            let jib = Shape::blob(&[
                (-0.03, -0.88),
                (-0.14 + belly * 0.5, -0.55),
                (-0.4 + belly, -0.19),
                (-0.2, -0.2),
                (-0.03, -0.22),
                (-0.03, -0.5),
            ]);
            stage.body(
                canvas,
                &jib,
                (-0.2, -0.5),
                0.4,
                sail.mix(stage.palette.accent, 0.3),
            );
            for y in [-0.72, -0.52, -0.34] {
                canvas.line(
                    &Shape::curve(&[
                        (0.025, y),
                        (0.15, y + 0.015),
                        (0.26 - y * 0.05 + (y + 0.72) * 0.4, y),
                    ]),
                    sheer(stage.lit(sail.darker(0.4)), 0.3),
                    0.006,
                );
            }
            let body = Shape::blob(&[
                (-0.52, -0.14),
                (-0.2, -0.115),
                (0.2, -0.115),
                (0.5, -0.16),
                (0.44, -0.02),
                (0.34, 0.075),
                (0.0, 0.095),
                (-0.34, 0.07),
                (-0.46, -0.03),
            ]);
            stage.body(canvas, &body, (0.0, -0.03), 0.15, hull);
            canvas.line(
                &Shape::curve(&[(-0.5, -0.115), (-0.2, -0.09), (0.2, -0.09), (0.48, -0.13)]),
                sheer(stage.lit(WHITE), 0.85),
                0.022,
            );
            stage.flat(
                canvas,
                &Shape::polygon(&[(0.0, -1.0), (0.13, -0.965), (0.0, -0.93)]),
                stage.palette.second.saturated(1.3),
            );
        },
    );
    for (index, side) in [-1.0_f32, 1.0].into_iter().enumerate() {
        let foam = Shape::curve(&[
            (side * 0.2, 0.085),
            (side * 0.42, 0.1),
            (side * (0.6 + 0.1 * dice.nth(index).unit("foam")), 0.09),
        ]);
        canvas.line(&foam, sheer(WHITE, 0.65), 0.018);
    }
}

/// A hot-air balloon about (0, 0).
pub(super) fn balloon(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let silk = painted(stage, dice, [0xd9_4a3f, 0x3f_86c4, 0xe6_a838, 0x7a_5fb0]);
    let other = if stage.palette.named {
        silk.lighter(0.55)
    } else {
        stage.palette.second.lighter(0.2)
    };
    let envelope = Shape::blob(&[
        (0.0, -0.56),
        (0.24, -0.49),
        (0.38, -0.28),
        (0.36, -0.06),
        (0.2, 0.17),
        (0.08, 0.28),
        (-0.08, 0.28),
        (-0.2, 0.17),
        (-0.36, -0.06),
        (-0.38, -0.28),
        (-0.24, -0.49),
    ]);
    canvas.line(
        &Shape::segments(&[(-0.08, 0.27), (-0.06, 0.43)])
            .and(&Shape::segments(&[(0.08, 0.27), (0.06, 0.43)])),
        stage.lit(rgb(0x4a_3a30)),
        0.008,
    );
    stage.flat(canvas, &envelope, silk);
    canvas.within(&envelope, |canvas| {
        for index in 0..4_u8 {
            let reach = 0.36 - 0.095 * f32::from(index);
            let gore = Shape::blob(&[
                (0.0, -0.58),
                (reach, -0.3),
                (reach * 0.93, -0.06),
                (reach * 0.2, 0.3),
                (-reach * 0.2, 0.3),
                (-reach * 0.93, -0.06),
                (-reach, -0.3),
            ]);
            stage.flat(canvas, &gore, if index % 2 == 0 { other } else { silk });
        }
        canvas.fill(
            &Shape::rectangle(-0.5, -0.2, 0.5, -0.12),
            sheer(stage.lit(stage.palette.second.darker(0.1)), 0.9),
        );
        let shade = rgb(0x14_1030);
        canvas.fill(
            &Shape::circle((0.0, -0.1), 0.8),
            Ink::Radial(
                (stage.key * 0.17, -0.34),
                0.72,
                vec![(0.0, WHITE, 0.3), (0.35, shade, 0.0), (1.0, shade, 0.5)],
            ),
        );
    });
    stage.body(
        canvas,
        &Shape::rounded(-0.075, 0.42, 0.075, 0.54, 0.025),
        (0.0, 0.48),
        0.1,
        rgb(0xa8_7444),
    );
    canvas.line(
        &Shape::segments(&[(-0.075, 0.43), (0.075, 0.43)]),
        stage.lit(rgb(0x6a_4428)),
        0.02,
    );
}

/// A small car that drives to the right.
pub(super) fn car(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let paint = painted(stage, dice, [0xd0_4438, 0x3a_8f9a, 0xe8_b548, 0x5f_78b8]);
    stage.shadow(canvas, (0.0, 0.0), 0.85);
    let cabin = Shape::blob(&[
        (-0.5, -0.3),
        (-0.42, -0.48),
        (-0.28, -0.58),
        (0.08, -0.59),
        (0.24, -0.5),
        (0.38, -0.31),
    ]);
    stage.body(canvas, &cabin, (0.0, -0.42), 0.3, paint.darker(0.06));
    let glass = stage.palette.sky[1].mix(rgb(0x2a_3a4a), 0.45);
    for pane in [
        Shape::polygon(&[
            (-0.41, -0.34),
            (-0.34, -0.48),
            (-0.25, -0.53),
            (-0.08, -0.535),
            (-0.08, -0.34),
        ]),
        Shape::polygon(&[
            (-0.03, -0.34),
            (-0.03, -0.535),
            (0.07, -0.535),
            (0.18, -0.48),
            (0.29, -0.34),
        ]),
    ] {
        canvas.fill(&pane, glass);
        canvas.within(&pane, |canvas| {
            canvas.fill(
                &Shape::polygon(&[(-0.3, -0.6), (-0.22, -0.6), (-0.34, -0.3), (-0.42, -0.3)]).and(
                    &Shape::polygon(&[(0.1, -0.6), (0.15, -0.6), (0.03, -0.3), (-0.02, -0.3)]),
                ),
                sheer(WHITE, 0.28),
            );
        });
    }
    let body = Shape::blob(&[
        (-0.74, -0.12),
        (-0.73, -0.26),
        (-0.55, -0.33),
        (0.0, -0.34),
        (0.4, -0.33),
        (0.66, -0.27),
        (0.75, -0.17),
        (0.74, -0.08),
        (0.4, -0.06),
        (-0.4, -0.06),
        (-0.7, -0.07),
    ]);
    stage.body(canvas, &body, (0.0, -0.2), 0.25, paint);
    canvas.line(
        &Shape::curve(&[(-0.7, -0.22), (0.0, -0.265), (0.7, -0.2)]),
        sheer(WHITE, 0.4),
        0.014,
    );
    canvas.line(
        &Shape::segments(&[(-0.055, -0.33), (-0.055, -0.09)]),
        sheer(stage.lit(paint.darker(0.5)), 0.6),
        0.008,
    );
    canvas.fill(
        &Shape::rounded(-0.18, -0.27, -0.1, -0.25, 0.01),
        stage.lit(paint.darker(0.5)),
    );
    for x in [-0.43, 0.43] {
        canvas.fill(&Shape::circle((x, -0.08), 0.165), stage.lit(rgb(0x1e_1c24)));
        canvas.fill(&Shape::circle((x, -0.08), 0.135), stage.lit(rgb(0x33_323c)));
        canvas.fill(&Shape::circle((x, -0.08), 0.08), stage.lit(rgb(0xd0_d4da)));
        canvas.line(
            &Shape::star((x, -0.08), 5, 0.07, 0.02, dice.unit("wheel")),
            stage.lit(rgb(0x8a_8f9a)),
            0.012,
        );
    }
    let lamp = (0.7, -0.2);
    canvas.fill(&Shape::oval(lamp, 0.035, 0.045), rgb(0xff_f2c0));
    if stage.palette.is_dark() {
        let beam = Shape::polygon(&[lamp, (1.7, -0.34), (1.7, 0.1)]);
        canvas.fill(
            &beam,
            Ink::Linear(
                lamp,
                (1.7, -0.1),
                vec![(0.0, rgb(0xff_f2c0), 0.6), (1.0, rgb(0xff_f2c0), 0.0)],
            ),
        );
    }
    canvas.fill(&Shape::oval((-0.725, -0.2), 0.02, 0.04), rgb(0xe8_3a30));
}

pub(super) fn bicycle(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let paint = stage.lit(painted(
        stage,
        dice,
        [0x2f_8f8a, 0xd0_4a3c, 0x3a_5fa0, 0xe0_a83a],
    ));
    let dark = stage.lit(rgb(0x2a_2830));
    stage.shadow(canvas, (0.0, 0.0), 0.8);
    for x in [-0.44, 0.44] {
        let hub = (x, -0.29);
        canvas.line(&Shape::circle(hub, 0.28), dark, 0.03);
        canvas.line(&Shape::circle(hub, 0.255), stage.lit(rgb(0xc8_ccd2)), 0.01);
        canvas.line(
            &Shape::star(hub, 8, 0.25, 0.02, dice.unit("wheel")),
            sheer(stage.lit(rgb(0xc8_ccd2)), 0.8),
            0.005,
        );
        canvas.fill(&Shape::circle(hub, 0.025), dark);
    }
    let tubes = Shape::segments(&[
        (-0.44, -0.29),
        (-0.02, -0.27),
        (0.3, -0.66),
        (-0.16, -0.63),
        (-0.44, -0.29),
    ])
    .and(&Shape::segments(&[(-0.02, -0.27), (-0.2, -0.74)]))
    .and(&Shape::curve(&[
        (0.28, -0.76),
        (0.33, -0.58),
        (0.44, -0.29),
    ]));
    canvas.line(&tubes, paint, 0.036);
    canvas.line(
        &Shape::curve(&[(0.28, -0.76), (0.32, -0.86), (0.42, -0.85)]),
        dark,
        0.028,
    );
    canvas.fill(
        &Shape::blob(&[(-0.34, -0.77), (-0.2, -0.8), (-0.08, -0.76), (-0.2, -0.73)]),
        stage.lit(rgb(0x7a_4a2c)),
    );
    canvas.line(&Shape::circle((-0.02, -0.27), 0.07), dark, 0.02);
    canvas.line(
        &Shape::segments(&[(-0.02, -0.27), (0.06, -0.15), (0.11, -0.15)]),
        dark,
        0.02,
    );
    stage.body(
        canvas,
        &Shape::rounded(0.4, -0.8, 0.68, -0.6, 0.04),
        (0.54, -0.7),
        0.15,
        rgb(0xb0_7c48),
    );
    for (index, x) in [0.45, 0.54, 0.63].into_iter().enumerate() {
        let colour = if index == 1 {
            stage.palette.accent
        } else {
            stage.palette.second
        };
        plants::blossom(canvas, stage, (x, -0.83), 0.07, colour);
    }
}

/// A rocket that rises, about (0, 0).
pub(super) fn rocket(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let paint = painted(stage, dice, [0xd8_483e, 0x3f_7fd0, 0xe8_a83c, 0x7a_58b8]);
    canvas.placed(
        (0.0, 0.0),
        (1.0, 1.0),
        dice.range("course", 0.03, 0.11),
        |canvas| {
            for (reach, colour, strength) in [
                (0.95, rgb(0xff_7a30), 0.75),
                (0.78, rgb(0xff_c040), 0.9),
                (0.62, rgb(0xff_f6c8), 0.95),
            ] {
                let half = (reach - 0.45) * 0.26;
                let flame = Shape::blob(&[
                    (-half, 0.38),
                    (half, 0.38),
                    (half * 0.8, 0.5),
                    (0.0, reach),
                    (-half * 0.8, 0.5),
                ]);
                canvas.fill(&flame, sheer(colour, strength));
            }
            canvas.fill(
                &Shape::circle((0.0, 0.55), 0.5),
                glow((0.0, 0.55), 0.5, rgb(0xff_a040), 0.5),
            );
            for side in [-1.0_f32, 1.0] {
                let fin = Shape::blob(&[
                    (side * 0.13, 0.08),
                    (side * 0.28, 0.24),
                    (side * 0.31, 0.44),
                    (side * 0.2, 0.36),
                    (side * 0.1, 0.34),
                ]);
                stage.body(canvas, &fin, (side * 0.2, 0.25), 0.2, paint.darker(0.1));
            }
            let hull = Shape::blob(&[
                (0.0, -0.58),
                (0.1, -0.42),
                (0.17, -0.16),
                (0.175, 0.1),
                (0.12, 0.36),
                (0.0, 0.38),
                (-0.12, 0.36),
                (-0.175, 0.1),
                (-0.17, -0.16),
                (-0.1, -0.42),
            ]);
            canvas.fill(
                &hull,
                Ink::Linear(
                    (-0.18 * stage.key, 0.0),
                    (0.18 * stage.key, 0.0),
                    vec![
                        (0.0, rgb(0x8a_90a8), 1.0),
                        (0.6, rgb(0xf2_f2f4), 1.0),
                        (1.0, rgb(0xd0_d4e0), 1.0),
                    ],
                ),
            );
            canvas.within(&hull, |canvas| {
                canvas.fill(&Shape::rectangle(-0.3, -0.7, 0.3, -0.34), paint);
                canvas.fill(&Shape::rectangle(-0.3, 0.2, 0.3, 0.26), paint);
                canvas.fill(
                    &Shape::rectangle(-stage.key * 0.06, -0.7, -stage.key * 0.3, 0.5),
                    sheer(rgb(0x10_1030), 0.16),
                );
            });
            for (y, radius) in [(-0.14, 0.082), (0.08, 0.055)] {
                canvas.fill(&Shape::circle((0.0, y), radius * 1.3), paint.darker(0.25));
                canvas.fill(&Shape::circle((0.0, y), radius), rgb(0x2a_3f66));
                canvas.fill(
                    &Shape::oval(
                        (stage.key * radius * 0.3, y - radius * 0.3),
                        radius * 0.42,
                        radius * 0.3,
                    ),
                    sheer(rgb(0xbf_e8ff), 0.85),
                );
            }
            stage.body(
                canvas,
                &Shape::blob(&[(0.0, 0.14), (0.035, 0.3), (0.0, 0.46), (-0.035, 0.3)]),
                (0.0, 0.3),
                0.2,
                paint,
            );
        },
    );
}
