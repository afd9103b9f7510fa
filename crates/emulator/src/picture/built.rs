//! What people build, about one unit high: houses, castles and lighthouses on the ground at (0, 0), and what travels.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, glow, sheer},
    colour::{Colour, WHITE, rgb},
    dice::Dice,
    stage::Stage,
};

fn painted(stage: &Stage<'_>, dice: &Dice, choices: [u32; 4]) -> Colour {
    if stage.palette.named {
        stage.palette.accent
    } else {
        rgb(choices[dice.spread("paint", 4)])
    }
}

fn window(canvas: &mut Canvas, stage: &Stage<'_>, centre: Spot, half: f32) {
    let (x, y) = centre;
    let glass = if stage.palette.is_dark() {
        rgb(0xff_d684)
    } else {
        stage.palette.sky[1].darker(0.15)
    };
    if stage.palette.is_dark() {
        canvas.fill(
            &Shape::circle(centre, half * 4.0),
            glow(centre, half * 4.0, glass, 0.35),
        );
    }
    stage.flat(
        canvas,
        &Shape::rectangle(x - half * 1.2, y - half * 1.5, x + half * 1.2, y + half * 1.5),
        rgb(0xf2_ead9),
    );
    canvas.fill(
        &Shape::rectangle(x - half, y - half * 1.3, x + half, y + half * 1.3),
        glass,
    );
    let bars = Shape::segments(&[(x, y - half * 1.3), (x, y + half * 1.3)])
        .and(&Shape::segments(&[(x - half, y), (x + half, y)]));
    canvas.line(&bars, stage.lit(rgb(0xf2_ead9)), half * 0.2);
}

pub(super) fn house(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let wall = painted(stage, dice, [0xf0_e2c6, 0xd9_8f6a, 0x9f_bcc4, 0xe6_c46e]);
    let roof = [rgb(0xa8_4a38), rgb(0x4e_5a70), rgb(0x6a_4a3a), rgb(0x3f_6a60)][dice.spread("roof", 4)];
    stage.shadow(canvas, (0.0, 0.0), 0.7);
    let chimney = stage.key * -0.22;
    stage.body(
        canvas,
        &Shape::rectangle(chimney - 0.05, -0.95, chimney + 0.05, -0.6),
        (chimney, -0.8),
        0.15,
        roof.darker(0.25),
    );
    for puff in 0..4_u8 {
        let part = f32::from(puff);
        let at = (chimney + 0.05 * part + 0.02 * part * part, -1.02 - 0.1 * part);
        canvas.fill(
            &Shape::circle(at, 0.045 + 0.018 * part),
            sheer(stage.palette.sky[2].lighter(0.5), 0.5 - 0.1 * part),
        );
    }
    let front = Shape::polygon(&[
        (-0.42, 0.0),
        (-0.42, -0.48),
        (0.0, -0.86),
        (0.42, -0.48),
        (0.42, 0.0),
    ]);
    stage.body(canvas, &front, (0.0, -0.4), 0.45, wall);
    for index in 1..9_u8 {
        let y = -0.055 * f32::from(index);
        canvas.line(
            &Shape::segments(&[(-0.42, y), (0.42, y)]),
            sheer(stage.lit(wall.darker(0.35)), 0.22),
            0.006,
        );
    }
    let eaves = Shape::segments(&[(-0.54, -0.4), (0.0, -0.9), (0.54, -0.4)]);
    canvas.line(&eaves, stage.lit(roof), 0.085);
    canvas.line(
        &Shape::segments(&[(-0.54, -0.425), (0.0, -0.925), (0.54, -0.425)]),
        sheer(stage.lit(roof.lighter(0.35)), 0.7),
        0.02,
    );
    let side = if dice.chance("door", 0.5) { 1.0 } else { -1.0 };
    stage.flat(
        canvas,
        &Shape::rounded(side * 0.19 - 0.085, -0.3, side * 0.19 + 0.085, 0.02, 0.05),
        rgb(0xf2_ead9),
    );
    stage.body(
        canvas,
        &Shape::rounded(side * 0.19 - 0.068, -0.283, side * 0.19 + 0.068, 0.0, 0.04),
        (side * 0.19, -0.14),
        0.15,
        stage.palette.second.darker(0.2),
    );
    canvas.fill(
        &Shape::circle((side * 0.19 + 0.04, -0.13), 0.012),
        stage.lit(rgb(0xf0_c85a)),
    );
    window(canvas, stage, (-side * 0.18, -0.23), 0.075);
    window(canvas, stage, (0.0, -0.56), 0.065);
    for index in 0..9_u8 {
        let x = -0.55 + 0.13 * f32::from(index);
        if (x - side * 0.19).abs() > 0.12 {
            let size = dice.nth(usize::from(index)).range("bush", 0.05, 0.09);
            stage.flat(
                canvas,
                &Shape::circle((x, -0.01), size),
                stage.palette.near.darker(0.25),
            );
            super::plants::blossom(canvas, stage, (x, -0.02), 0.025, stage.palette.accent.turned(0.3));
        }
    }
}

pub(super) fn castle(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let stone = painted(stage, dice, [0xb4_b0ae, 0xd6_c6a8, 0x9a_9fb4, 0xc8_a89a]);
    let roof = [rgb(0x3f_5a8f), rgb(0x9a_4040), rgb(0x4a_7068), rgb(0x6a_4f86)][dice.spread("roof", 4)];
    stage.shadow(canvas, (0.0, 0.0), 0.75);
    for (x, half, height, shade) in [
        (-0.18, 0.09, 0.95, 0.2),
        (0.2, 0.08, 0.84, 0.22),
        (0.0, 0.12, 0.72, 0.1),
        (-0.42, 0.1, 0.68, 0.0),
        (0.42, 0.1, 0.62, 0.0),
    ] {
        let height = height + dice.range("height", -0.06, 0.06);
        let tone = stone.darker(shade);
        stage.body(
            canvas,
            &Shape::rectangle(x - half, -height, x + half, 0.0),
            (x, -height * 0.5),
            half * 2.0,
            tone,
        );
        let mut merlons = Shape::rectangle(x - half * 1.15, -height - 0.02, x + half * 1.15, -height + 0.03);
        for index in -1..=1_i8 {
            let at = x + half * 0.8 * f32::from(index);
            merlons = merlons.and(&Shape::rectangle(
                at - half * 0.2,
                -height - 0.06,
                at + half * 0.2,
                -height,
            ));
        }
        stage.flat(canvas, &merlons, tone.lighter(0.08));
        if shade > 0.0 || x.abs() > 0.3 {
            let spire = Shape::polygon(&[
                (x - half * 1.2, -height - 0.03),
                (x, -height - 0.36),
                (x + half * 1.2, -height - 0.03),
            ]);
            stage.body(canvas, &spire, (x, -height - 0.2), half * 1.4, roof);
            canvas.line(
                &Shape::segments(&[(x, -height - 0.36), (x, -height - 0.46)]),
                stage.lit(stone.darker(0.5)),
                0.009,
            );
            let flag = Shape::polygon(&[
                (x, -height - 0.46),
                (x + 0.1, -height - 0.425),
                (x, -height - 0.395),
            ]);
            stage.flat(canvas, &flag, stage.palette.second.saturated(1.3));
        }
        window(canvas, stage, (x, -height * 0.72), 0.026);
    }
    let wall = Shape::rectangle(-0.52, -0.34, 0.52, 0.0);
    stage.body(canvas, &wall, (0.0, -0.17), 0.4, stone.lighter(0.06));
    for index in 0..11_u8 {
        let x = -0.52 + 0.1 * f32::from(index);
        stage.flat(
            canvas,
            &Shape::rectangle(x, -0.39, x + 0.055, -0.33),
            stone.lighter(0.06),
        );
        for row in 0..4_u8 {
            let x = x + 0.05 * f32::from(row % 2);
            canvas.line(
                &Shape::segments(&[
                    (x, -0.28 + 0.08 * f32::from(row)),
                    (x + 0.045, -0.28 + 0.08 * f32::from(row)),
                ]),
                sheer(stage.lit(stone.darker(0.45)), 0.35),
                0.007,
            );
        }
    }
    canvas.fill(
        &Shape::rounded(-0.1, -0.26, 0.1, 0.1, 0.1),
        stage.lit(rgb(0x3a_2a26)),
    );
    canvas.fill(
        &Shape::rounded(-0.08, -0.24, 0.08, 0.1, 0.08),
        stage.lit(rgb(0x6b_4630)),
    );
}

pub(super) fn lighthouse(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let band = painted(stage, dice, [0xc8_3c38, 0x2f_5f9a, 0x2a_2a33, 0xd9_8a35]);
    let rock = stage.lit(rgb(0x5f_5a58));
    let rocks = Shape::blob(&[
        (-0.62, 0.12),
        (-0.4, -0.04),
        (-0.15, -0.1),
        (0.15, -0.08),
        (0.42, -0.02),
        (0.66, 0.14),
        (0.0, 0.2),
    ]);
    canvas.fill(
        &rocks,
        super::canvas::downward(-0.1, rock.lighter(0.2), 0.2, rock.darker(0.3)),
    );
    let lamp = (0.0, -0.99);
    let light = rgb(0xff_efb0);
    if stage.palette.is_dark() {
        for side in [-1.0, 1.0] {
            let beam = Shape::polygon(&[(0.0, -0.99), (side * 1.9, -1.3), (side * 1.9, -0.8)]);
            canvas.fill(
                &beam,
                Ink::Linear(
                    lamp,
                    (side * 1.9, -1.0),
                    vec![(0.0, light, 0.55), (1.0, light, 0.0)],
                ),
            );
        }
    }
    let tower = Shape::polygon(&[(-0.15, -0.05), (-0.1, -0.88), (0.1, -0.88), (0.15, -0.05)]);
    stage.body(canvas, &tower, (0.0, -0.5), 0.3, rgb(0xf4_efe6));
    canvas.within(&tower, |canvas| {
        for index in 0..3_u8 {
            let top = -0.8 + 0.28 * f32::from(index);
            stage.body(
                canvas,
                &Shape::rectangle(-0.2, top, 0.2, top + 0.14),
                (0.0, top),
                0.2,
                band,
            );
        }
        let shade = Shape::rectangle(-stage.key * 0.05, -1.0, -stage.key * 0.2, 0.1);
        canvas.fill(&shade, sheer(rgb(0x14_1030), 0.16));
    });
    stage.flat(
        canvas,
        &Shape::rectangle(-0.14, -0.91, 0.14, -0.87),
        rgb(0x3a_3a44),
    );
    canvas.fill(&Shape::rectangle(-0.08, -1.06, 0.08, -0.91), light);
    canvas.line(
        &Shape::segments(&[(-0.03, -1.06), (-0.03, -0.91)])
            .and(&Shape::segments(&[(0.03, -1.06), (0.03, -0.91)])),
        stage.lit(rgb(0x3a_3a44)),
        0.01,
    );
    stage.flat(
        canvas,
        &Shape::blob(&[(-0.1, -1.05), (0.0, -1.18), (0.1, -1.05), (0.0, -1.045)]),
        band.darker(0.15),
    );
    canvas.fill(&Shape::circle(lamp, 0.3), glow(lamp, 0.3, light, 0.7));
    stage.flat(
        canvas,
        &Shape::rounded(-0.045, -0.18, 0.045, -0.04, 0.04),
        rgb(0x4a_3a34),
    );
    window(canvas, stage, (0.0, -0.45), 0.024);
}

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
    let paint = stage.lit(painted(stage, dice, [0x2f_8f8a, 0xd0_4a3c, 0x3a_5fa0, 0xe0_a83a]));
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
    .and(&Shape::curve(&[(0.28, -0.76), (0.33, -0.58), (0.44, -0.29)]));
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
        super::plants::blossom(canvas, stage, (x, -0.83), 0.07, colour);
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
