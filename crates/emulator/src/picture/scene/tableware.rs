//! A table, and the small things that stand on it, each about one unit high on the ground at (0, 0).

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, sheer},
    colour::{WHITE, rgb},
    dice::{Dice, noise, turn},
    stage::Stage,
    words::Subject,
};

/// A table over the whole lower part; gives the height of its top's middle.
pub(super) fn table(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (dice, core) = (stage.dice, stage.core);
    let wood = stage.lit(
        [
            rgb(0xa8_7248),
            rgb(0xc9_9a68),
            rgb(0x7a_4e34),
            rgb(0xb8_8a66),
        ][dice.spread("wood", 4)],
    );
    let (back, front) = (0.205, 0.335);
    let wide = (core.width() * 0.5 - 0.04).min(0.72);
    let round = dice.chance("round table", 0.4);
    let bottom = stage.frame.bottom.max(0.6);
    for side in [-1.0_f32, 1.0] {
        let leg = Shape::polygon(&[
            (side * wide * 0.8 - 0.03, front),
            (side * wide * 0.8 + 0.03, front),
            (side * wide * 0.78 + 0.02, bottom.min(0.95)),
            (side * wide * 0.78 - 0.02, bottom.min(0.95)),
        ]);
        canvas.fill(&leg, wood.darker(0.5));
    }
    canvas.fill(
        &Shape::rectangle(-wide * 0.86, front, wide * 0.86, front + 0.1),
        wood.darker(0.48),
    );
    let middle = f32::midpoint(back, front);
    let (top, edge) = if round {
        (
            Shape::oval((0.0, middle), wide, 0.085),
            Shape::oval((0.0, middle + 0.04), wide, 0.085),
        )
    } else {
        let sides = |shift: f32| {
            Shape::polygon(&[
                (-wide * 0.88, back + shift),
                (wide * 0.88, back + shift),
                (wide, front + shift),
                (-wide, front + shift),
            ])
        };
        (
            sides(0.0),
            sides(0.0).and(&Shape::rectangle(-wide, front - 0.002, wide, front + 0.042)),
        )
    };
    canvas.fill(
        &edge,
        downward(middle, wood.darker(0.22), front + 0.06, wood.darker(0.42)),
    );
    canvas.fill(
        &top,
        Ink::Linear(
            (stage.key * wide, back),
            (-stage.key * wide, front),
            vec![
                (0.0, wood.lighter(0.28), 1.0),
                (0.5, wood.lighter(0.06), 1.0),
                (1.0, wood.darker(0.16), 1.0),
            ],
        ),
    );
    canvas.within(&top, |canvas| {
        for index in 0..11_u8 {
            let y = back - 0.03 + 0.019 * f32::from(index);
            let seed = dice.seed("grain") ^ u64::from(index);
            let line: Vec<Spot> = (0..=12_u8)
                .map(|step| {
                    (
                        f32::from(step) / 6.0 * wide - wide,
                        y + 0.006 * noise(seed, f32::from(step) * 0.7),
                    )
                })
                .collect();
            canvas.line(&Shape::curve(&line), sheer(wood.darker(0.45), 0.28), 0.0028);
        }
    });
    let rim = if round {
        let points: Vec<Spot> = (0..=24_u8)
            .map(|index| {
                let (cos, sin) = turn(f32::from(index) / 48.0);
                (cos * wide, middle + sin * 0.085)
            })
            .collect();
        Shape::curve(&points)
    } else {
        Shape::segments(&[(-wide, front), (wide, front)])
    };
    canvas.line(&rim, sheer(wood.lighter(0.5), 0.7), 0.005);
    middle - 0.005
}

/// Small things to the left and right of the middle of a table.
pub(super) fn tableware(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    height: f32,
    subject: Option<Subject>,
) {
    let wide = (stage.core.width() * 0.5 - 0.04).min(0.72);
    let kinds = [[0, 1], [2, 0], [1, 3], [3, 2]][stage.dice.spread("tableware", 4)];
    for (index, side) in [-1.0_f32, 1.0].into_iter().enumerate() {
        let dice = stage.dice.nth(index + 70);
        let at = (
            side * wide * dice.range("tableware x", 0.66, 0.76),
            height + dice.range("tableware y", -0.012, 0.022),
        );
        match kinds[index] {
            0 if subject != Some(Subject::Cup) => {
                canvas.placed(at, (0.16, 0.16), 0.0, |canvas| cup(canvas, stage, &dice));
            }
            1 if subject != Some(Subject::Flower) => pot(canvas, stage, at, 0.26, &dice),
            2 if subject != Some(Subject::Book) => {
                canvas.placed(at, (0.25, 0.25), 0.0, |canvas| books(canvas, stage, &dice));
            }
            _ if subject != Some(Subject::Fruit) => {
                canvas.placed(at, (0.15, 0.15), 0.0, |canvas| apple(canvas, stage, &dice));
            }
            _ => {}
        }
    }
}

/// A potted plant of some height.
pub(super) fn pot(canvas: &mut Canvas, stage: &Stage<'_>, at: Spot, height: f32, dice: &Dice) {
    let leaf = stage.lit(rgb(0x4f_8a5a)).mix(stage.palette.near, 0.2);
    canvas.placed(at, (height, height), 0.0, |canvas| {
        stage.shadow(canvas, (0.0, 0.0), 0.34);
        for index in 0..9_u8 {
            let part = f32::from(index) / 4.0 - 1.0;
            let dice = dice.nth(usize::from(index));
            let tip = (
                part * 0.42,
                -0.62 - 0.36 * (1.0 - part.abs()) + dice.range("leaf", -0.08, 0.08),
            );
            let middle = (tip.0 * 0.62, -0.62);
            let blade = Shape::blob(&[
                (0.0, -0.34),
                (middle.0 - 0.05, middle.1),
                tip,
                (middle.0 + 0.07, middle.1 + 0.04),
            ]);
            canvas.fill(
                &blade,
                if index % 2 == 0 {
                    leaf
                } else {
                    leaf.lighter(0.16)
                },
            );
        }
        let clay = Shape::polygon(&[(-0.2, -0.36), (0.2, -0.36), (0.14, 0.0), (-0.14, 0.0)]);
        stage.body(
            canvas,
            &clay,
            (0.0, -0.18),
            0.2,
            rgb(0xc4_7650).mix(stage.palette.second, 0.25),
        );
        stage.body(
            canvas,
            &Shape::rounded(-0.225, -0.42, 0.225, -0.33, 0.02),
            (0.0, -0.38),
            0.2,
            rgb(0xcf_8560).mix(stage.palette.second, 0.25),
        );
    });
}

/// A steaming cup about one unit high.
pub(super) fn cup(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let glaze = if dice.chance("glaze", 0.5) {
        stage.palette.accent.lighter(0.12)
    } else {
        rgb(0xf2_ebdc)
    };
    stage.shadow(canvas, (0.0, 0.0), 0.62);
    stage.flat(
        canvas,
        &Shape::oval((0.0, -0.03), 0.56, 0.1),
        glaze.darker(0.16),
    );
    stage.flat(
        canvas,
        &Shape::oval((0.0, -0.05), 0.52, 0.08),
        glaze.lighter(0.12),
    );
    canvas.line(
        &Shape::curve(&[(0.3, -0.52), (0.5, -0.52), (0.5, -0.28), (0.25, -0.22)]),
        stage.lit(glaze.darker(0.1)),
        0.085,
    );
    let body = Shape::blob(&[
        (-0.36, -0.64),
        (-0.36, -0.4),
        (-0.27, -0.13),
        (-0.14, -0.05),
        (0.14, -0.05),
        (0.27, -0.13),
        (0.36, -0.4),
        (0.36, -0.64),
        (0.0, -0.62),
    ]);
    stage.body(canvas, &body, (0.0, -0.35), 0.35, glaze);
    canvas.within(&body, |canvas| {
        canvas.line(
            &Shape::curve(&[(-0.4, -0.4), (0.0, -0.34), (0.4, -0.4)]),
            stage.lit(stage.palette.second),
            0.07,
        );
    });
    stage.flat(
        canvas,
        &Shape::oval((0.0, -0.645), 0.365, 0.085),
        glaze.lighter(0.25),
    );
    stage.flat(
        canvas,
        &Shape::oval((0.0, -0.64), 0.32, 0.066),
        rgb(0x5a_3824),
    );
    canvas.line(
        &Shape::curve(&[(-0.16, -0.64), (0.0, -0.61), (0.13, -0.645), (0.02, -0.67)]),
        sheer(stage.lit(rgb(0xe8_d0a8)), 0.8),
        0.028,
    );
    for (index, x) in [-0.12_f32, 0.04, 0.16].into_iter().enumerate() {
        let sway = dice.nth(index).range("steam", 0.04, 0.09);
        let steam = Shape::curve(&[
            (x, -0.72),
            (x + sway, -0.84),
            (x - sway, -0.97),
            (x + sway * 0.5, -1.12),
        ]);
        canvas.line(&steam, sheer(WHITE, 0.3), 0.04);
    }
}

/// A pile of books with an open one on top, about half a unit high.
pub(super) fn books(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    stage.shadow(canvas, (0.0, 0.0), 0.6);
    let mut y = 0.0;
    for index in 0..4 {
        let dice = dice.nth(index);
        let (half, thick) = (
            dice.range("half", 0.36, 0.46),
            dice.range("thick", 0.08, 0.12),
        );
        let x = dice.range("shift", -0.05, 0.05);
        let hue = [
            stage.palette.accent,
            stage.palette.second,
            rgb(0x8a_4a3c),
            rgb(0x3f_5f78),
        ][index % 4];
        stage.body(
            canvas,
            &Shape::rounded(x - half, y - thick, x + half, y, 0.02),
            (x, y),
            half * 0.6,
            hue,
        );
        stage.flat(
            canvas,
            &Shape::rectangle(
                x - half + 0.03,
                y - thick * 0.8,
                x + half + 0.002,
                y - thick * 0.2,
            ),
            rgb(0xf4_ead4),
        );
        stage.flat(
            canvas,
            &Shape::rounded(x - half, y - thick, x - half * 0.7, y, 0.02),
            hue.darker(0.15),
        );
        y -= thick;
    }
    for side in [-1.0, 1.0] {
        let page = Shape::blob(&[
            (0.0, y - 0.02),
            (side * 0.2, y - 0.1),
            (side * 0.44, y - 0.06),
            (side * 0.46, y - 0.01),
            (side * 0.2, y - 0.03),
            (0.0, y + 0.01),
        ]);
        stage.body(canvas, &page, (0.0, y), 0.2, rgb(0xf8_f0de));
        for line in 0..3_u8 {
            let shift = 0.016 * f32::from(line);
            canvas.line(
                &Shape::curve(&[
                    (side * 0.07, y - 0.055 + shift),
                    (side * 0.2, y - 0.085 + shift),
                    (side * 0.38, y - 0.06 + shift),
                ]),
                sheer(stage.lit(rgb(0x6a_5a50)), 0.5),
                0.006,
            );
        }
    }
}

fn apple(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    let skin = if stage.palette.named {
        stage.palette.accent
    } else {
        [
            rgb(0xcf_3d35),
            rgb(0x9a_b848),
            rgb(0xe8_a032),
            rgb(0xe8_785a),
        ][dice.pick("skin", 4)]
    };
    stage.shadow(canvas, (0.0, 0.0), 0.5);
    let body = Shape::blob(&[
        (0.0, -0.72),
        (0.2, -0.8),
        (0.42, -0.66),
        (0.44, -0.36),
        (0.28, -0.07),
        (0.1, 0.0),
        (0.0, -0.03),
        (-0.1, 0.0),
        (-0.28, -0.07),
        (-0.44, -0.36),
        (-0.42, -0.66),
        (-0.2, -0.8),
    ]);
    stage.body(canvas, &body, (0.0, -0.4), 0.42, skin);
    canvas.fill(
        &Shape::oval((stage.key * 0.2, -0.56), 0.08, 0.12),
        sheer(WHITE, 0.45),
    );
    canvas.line(
        &Shape::curve(&[(0.0, -0.7), (0.02, -0.84), (0.08, -0.93)]),
        stage.lit(rgb(0x5a_3a24)),
        0.05,
    );
    stage.flat(
        canvas,
        &Shape::blob(&[(0.03, -0.83), (0.14, -0.97), (0.32, -0.96), (0.2, -0.83)]),
        rgb(0x6a_a04a),
    );
}

/// A bowl heaped with fruit, about one unit high.
pub(super) fn fruit(canvas: &mut Canvas, stage: &Stage<'_>, dice: &Dice) {
    stage.shadow(canvas, (0.0, 0.0), 0.6);
    for (index, at) in [
        (-0.24, -0.36),
        (0.24, -0.36),
        (0.0, -0.38),
        (-0.13, -0.56),
        (0.14, -0.55),
    ]
    .into_iter()
    .enumerate()
    {
        canvas.placed(
            at,
            (0.36, 0.36),
            dice.nth(index).range("turn", -0.05, 0.05),
            |canvas| apple(canvas, stage, &dice.nth(index)),
        );
    }
    let bowl = Shape::blob(&[
        (-0.56, -0.4),
        (-0.5, -0.2),
        (-0.28, -0.04),
        (0.0, 0.0),
        (0.28, -0.04),
        (0.5, -0.2),
        (0.56, -0.4),
        (0.0, -0.34),
    ]);
    stage.body(
        canvas,
        &bowl,
        (0.0, -0.2),
        0.4,
        stage.palette.second.mix(rgb(0xf0_e8da), 0.4),
    );
    canvas.within(&bowl, |canvas| {
        canvas.line(
            &Shape::curve(&[(-0.6, -0.27), (0.0, -0.2), (0.6, -0.27)]),
            stage.lit(stage.palette.accent),
            0.05,
        );
    });
}
