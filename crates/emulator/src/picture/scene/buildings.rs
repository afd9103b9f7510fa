//! Houses, castles and lighthouses, about one unit high on the ground at (0, 0).

use super::{
    canvas::{Canvas, Ink, Shape, Spot, glow, sheer},
    colour::{Colour, rgb},
    dice::Dice,
    stage::Stage,
};

/// The colour that the prompt names, or this tile's of four.
pub(super) fn painted(stage: &Stage<'_>, dice: &Dice, choices: [u32; 4]) -> Colour {
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
        &Shape::rectangle(
            x - half * 1.2,
            y - half * 1.5,
            x + half * 1.2,
            y + half * 1.5,
        ),
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
    let roof = [
        rgb(0xa8_4a38),
        rgb(0x4e_5a70),
        rgb(0x6a_4a3a),
        rgb(0x3f_6a60),
    ][dice.spread("roof", 4)];
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
        let at = (
            chimney + 0.05 * part + 0.02 * part * part,
            -1.02 - 0.1 * part,
        );
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
            let bush = dice.nth(usize::from(index)).range("bush", 0.05, 0.09);
            stage.flat(
                canvas,
                &Shape::circle((x, -0.01), bush),
                if stage.words.snow {
                    rgb(0xe8_eef6)
                } else {
                    stage.palette.near.darker(0.25)
                },
            );
            super::plants::blossom(
                canvas,
                stage,
                (x, -0.02),
                0.025,
                stage.palette.accent.turned(0.3),
            );
        }
    }
}

pub(super) fn castle(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let stone = painted(stage, dice, [0xb4_b0ae, 0xd6_c6a8, 0x9a_9fb4, 0xc8_a89a]);
    let roof = [
        rgb(0x3f_5a8f),
        rgb(0x9a_4040),
        rgb(0x4a_7068),
        rgb(0x6a_4f86),
    ][dice.spread("roof", 4)];
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
        let mut merlons = Shape::rectangle(
            x - half * 1.15,
            -height - 0.02,
            x + half * 1.15,
            -height + 0.03,
        );
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
