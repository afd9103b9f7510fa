//! Rooms and plain backdrops, tables, and the small things that stand on them.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, glow, sheer},
    colour::{Colour, WHITE, rgb},
    dice::{Dice, noise, turn},
    plants,
    stage::Stage,
    words::{Hour, Subject},
};

/// A wall, what hangs on it, and the floor. Gives the height of the ground.
pub(super) fn room(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (dice, frame, palette) = (stage.dice, stage.frame, stage.palette);
    let floor = 0.3;
    let papers = [
        rgb(0x8f_a98f),
        rgb(0xd3_9a7c),
        rgb(0x8f_a8c0),
        rgb(0xe0_c080),
        rgb(0xd8_a8a4),
        rgb(0x4f_7a80),
    ];
    let paper = papers[dice.spread("paper", 6)];
    let paper = if palette.named {
        paper.mix(palette.accent.lighter(0.35), 0.45)
    } else {
        paper
    };
    let wall = stage.lit(paper);
    let reach = stage.core.width().max(1.0) * 0.75;
    let light = (stage.key * 0.28, -0.22);
    let stops = vec![
        (0.0, wall.lighter(0.2), 1.0),
        (0.5, wall, 1.0),
        (1.0, wall.darker(0.3), 1.0),
    ];
    canvas.cover(Ink::Radial(light, reach, stops));
    wallpaper(canvas, stage, wall, floor);
    let window = (
        stage.key * dice.range("window x", 0.22, 0.32) * stage.core.width().min(1.4),
        dice.range("window y", -0.26, -0.2),
    );
    let half = (
        dice.range("window width", 0.13, 0.17),
        dice.range("window height", 0.19, 0.23),
    );
    let windowed = stage.palette.is_dark() || dice.chance("window", 0.75);
    if windowed {
        opening(canvas, stage, window, half);
    }
    pictures(canvas, stage, window.0);
    let boards = stage.lit(rgb(0x9a_6f4c)).mix(palette.near, 0.12);
    canvas.fill(
        &Shape::rectangle(frame.left, floor, frame.right, frame.bottom.max(floor)),
        downward(floor, boards.darker(0.12), 0.6, boards.darker(0.4)),
    );
    canvas.fill(
        &Shape::rectangle(frame.left, floor - 0.035, frame.right, floor),
        wall.lighter(0.4),
    );
    canvas.fill(
        &Shape::rectangle(frame.left, floor, frame.right, floor + 0.012),
        sheer(rgb(0x14_1030), 0.25),
    );
    for (x, _) in stage.along("none", 0.16, floor) {
        // Towards a vanishing point behind the wall.
        let lean = (x * 4.0, 1.6);
        canvas.line(
            &Shape::segments(&[(x, floor + 0.006), lean]),
            sheer(boards.darker(0.6), 0.5),
            0.004,
        );
    }
    if windowed && !stage.palette.is_dark() {
        // The window's light, laid across the wall and the floor.
        let lean = -stage.key * 0.75;
        let shaft = Shape::polygon(&[
            (window.0 - half.0, window.1 - half.1 * 0.6),
            (window.0 + half.0, window.1 - half.1 * 0.6),
            (window.0 + half.0 * 1.5 + lean, 0.6),
            (window.0 - half.0 * 1.5 + lean, 0.6),
        ]);
        canvas.fill(
            &shaft,
            Ink::Linear(
                window,
                (window.0 + lean, 0.6),
                vec![(0.0, palette.sun, 0.2), (1.0, palette.sun, 0.04)],
            ),
        );
    }
    furniture(canvas, stage, floor);
    lamp(canvas, stage);
    floor + 0.12
}

/// What stands along the wall to both sides of the scene's middle; wider views show more of it.
fn furniture(canvas: &mut Canvas, stage: &Stage<'_>, floor: f32) {
    for (x, dice) in stage.along("furniture", 0.42, floor) {
        if x.abs() < 0.62 {
            continue;
        }
        let at = (x, floor + dice.range("depth", 0.04, 0.1));
        match dice.pick("furniture", 5) {
            0 => pot(canvas, stage, at, dice.range("height", 0.34, 0.5), &dice),
            1 => {
                stage.shadow(canvas, at, 0.16);
                let wood = rgb(0x8a_5f3e).mix(stage.palette.second, 0.2);
                for side in [-1.0_f32, 1.0] {
                    let leg = Shape::segments(&[(x + side * 0.06, at.1 - 0.2), (x + side * 0.09, at.1)]);
                    canvas.line(&leg, stage.lit(wood.darker(0.3)), 0.016);
                }
                let seat = Shape::rounded(x - 0.1, at.1 - 0.23, x + 0.1, at.1 - 0.19, 0.02);
                stage.body(canvas, &seat, (x, at.1 - 0.2), 0.1, wood);
                let books_at = (x, at.1 - 0.23);
                canvas.placed(books_at, (0.16, 0.16), 0.0, |canvas| books(canvas, stage, &dice));
            }
            2 => {
                stage.shadow(canvas, at, 0.12);
                canvas.line(
                    &Shape::segments(&[(x, at.1 - 0.5), at]),
                    stage.lit(rgb(0x3a_3036)),
                    0.012,
                );
                canvas.fill(&Shape::oval((x, at.1), 0.07, 0.016), stage.lit(rgb(0x3a_3036)));
                let bulb = (x, at.1 - 0.53);
                canvas.fill(&Shape::circle(bulb, 0.3), glow(bulb, 0.3, rgb(0xff_d890), 0.5));
                let shade = Shape::polygon(&[
                    (x - 0.05, at.1 - 0.62),
                    (x + 0.05, at.1 - 0.62),
                    (x + 0.09, at.1 - 0.48),
                    (x - 0.09, at.1 - 0.48),
                ]);
                canvas.fill(&shade, stage.lit(stage.palette.accent).mix(rgb(0xff_e8b8), 0.5));
            }
            3 => {
                stage.shadow(canvas, at, 0.2);
                let wood = rgb(0x9a_6c46);
                let case = Shape::rectangle(x - 0.15, at.1 - 0.3, x + 0.15, at.1);
                stage.body(canvas, &case, (x, at.1 - 0.15), 0.2, wood);
                for row in 0..2_u8 {
                    let top = at.1 - 0.28 + 0.14 * f32::from(row);
                    let drawer = Shape::rounded(x - 0.135, top, x + 0.135, top + 0.12, 0.008);
                    stage.body(canvas, &drawer, (x, top), 0.15, wood.lighter(0.12));
                    canvas.fill(&Shape::circle((x, top + 0.06), 0.011), stage.lit(rgb(0xe8_c878)));
                }
                pot(
                    canvas,
                    stage,
                    (x + dice.range("pot", -0.07, 0.07), at.1 - 0.3),
                    0.2,
                    &dice,
                );
            }
            _ => {}
        }
    }
}

fn wallpaper(canvas: &mut Canvas, stage: &Stage<'_>, wall: Colour, floor: f32) {
    let tone = wall.lighter(0.14);
    match stage.dice.pick("wallpaper", 4) {
        0 => {
            for (x, _) in stage.along("none", 0.09, 0.0) {
                let x = (x / 0.09).round() * 0.09;
                canvas.fill(
                    &Shape::rectangle(x, stage.frame.top, x + 0.03, floor),
                    sheer(tone, 0.3),
                );
            }
        }
        1 => {
            for ((x, y), dice) in stage.over("sprig", 0.12, stage.frame.top, floor) {
                canvas.placed((x, y), (1.0, 1.0), dice.unit("turn"), |canvas| {
                    let sprig = Shape::oval((0.0, 0.0), 0.005, 0.018)
                        .and(&Shape::oval((0.014, 0.004), 0.011, 0.005))
                        .and(&Shape::oval((-0.014, 0.004), 0.011, 0.005));
                    canvas.fill(&sprig, sheer(tone, 0.5));
                });
            }
        }
        2 => {
            canvas.fill(
                &Shape::rectangle(stage.frame.left, 0.12, stage.frame.right, floor),
                sheer(wall.darker(0.4), 0.45),
            );
            canvas.fill(
                &Shape::rectangle(stage.frame.left, 0.108, stage.frame.right, 0.124),
                sheer(tone.lighter(0.3), 0.8),
            );
        }
        _ => {}
    }
}

fn opening(canvas: &mut Canvas, stage: &Stage<'_>, (x, y): Spot, (across, down): (f32, f32)) {
    let palette = stage.palette;
    let frame = stage.lit(rgb(0xf4_ecdc));
    canvas.fill(
        &Shape::rectangle(
            x - across - 0.022,
            y - down - 0.022,
            x + across + 0.022,
            y + down + 0.022,
        ),
        frame.darker(0.08),
    );
    let pane = Shape::rectangle(x - across, y - down, x + across, y + down);
    canvas.fill(
        &pane,
        Ink::Linear(
            (x, y - down),
            (x, y + down),
            vec![
                (0.0, palette.sky[0], 1.0),
                (0.55, palette.sky[1], 1.0),
                (1.0, palette.sky[2], 1.0),
            ],
        ),
    );
    canvas.within(&pane, |canvas| {
        let sun = (x + stage.dice.range("sun", -0.5, 0.5) * across, y - down * 0.35);
        if palette.hour != Hour::Storm {
            canvas.fill(&Shape::circle(sun, 0.16), glow(sun, 0.16, palette.sun, 0.7));
            canvas.fill(&Shape::circle(sun, 0.03), palette.sun);
        }
        if palette.hour == Hour::Night {
            for index in 0..26 {
                let dice = stage.dice.nth(index);
                let at = (
                    x + across * dice.range("star x", -1.0, 1.0),
                    y + down * dice.range("star y", -1.0, 0.6),
                );
                canvas.fill(&Shape::circle(at, 0.0022), sheer(WHITE, dice.unit("light")));
            }
        }
        for (index, colour) in [palette.far.mix(palette.sky[2], 0.4), palette.near]
            .into_iter()
            .enumerate()
        {
            let base = y + down * (0.5 + 0.26 * index as f32);
            let line: Vec<Spot> = (0..=20_u8)
                .map(|step| x - across + across * f32::from(step) / 10.0)
                .map(|at| {
                    (
                        at,
                        base + 0.03 * noise(stage.dice.seed("view") ^ index as u64, at * 9.0),
                    )
                })
                .collect();
            canvas.fill(&Shape::below(&line, y + down), colour);
        }
        canvas.fill(
            &Shape::polygon(&[
                (x - across, y - down),
                (x - across * 0.3, y - down),
                (x - across * 0.9, y + down),
                (x - across, y + down),
            ]),
            sheer(WHITE, 0.1),
        );
    });
    canvas.line(
        &Shape::segments(&[(x, y - down), (x, y + down)]).and(&Shape::segments(&[
            (x - across, y - down * 0.1),
            (x + across, y - down * 0.1),
        ])),
        frame,
        0.012,
    );
    canvas.line(&pane, frame, 0.016);
    canvas.fill(
        &Shape::rounded(
            x - across - 0.04,
            y + down + 0.014,
            x + across + 0.04,
            y + down + 0.04,
            0.006,
        ),
        frame,
    );
    let cloth = stage.lit(palette.second.mix(rgb(0xf4_e8d8), 0.45));
    for side in [-1.0_f32, 1.0] {
        let edge = x + side * (across + 0.05);
        let fall = Shape::blob(&[
            (edge, y - down - 0.04),
            (x + side * across * 0.62, y - down - 0.03),
            (x + side * across * 0.72, y),
            (x + side * across * 0.88, y + down * 0.7),
            (x + side * across * 0.8, y + down + 0.1),
            (edge + side * 0.012, y + down + 0.11),
            (edge + side * 0.005, y),
        ]);
        canvas.fill(
            &fall,
            Ink::Linear(
                (edge, y),
                (x + side * across * 0.6, y),
                vec![
                    (0.0, cloth.darker(0.22), 1.0),
                    (0.4, cloth, 0.97),
                    (0.7, cloth.darker(0.12), 0.95),
                    (1.0, cloth.lighter(0.2), 0.92),
                ],
            ),
        );
    }
    canvas.line(
        &Shape::segments(&[
            (x - across - 0.08, y - down - 0.04),
            (x + across + 0.08, y - down - 0.04),
        ]),
        stage.lit(rgb(0x6a_4a34)),
        0.014,
    );
}

fn pictures(canvas: &mut Canvas, stage: &Stage<'_>, window: f32) {
    for (x, dice) in stage.along("picture", 0.34, -0.25) {
        if (x - window).abs() < 0.33 || !dice.chance("picture", 0.72) {
            continue;
        }
        let y = dice.range("height", -0.32, -0.2);
        if dice.chance("shelf", 0.35) {
            shelf(canvas, stage, (x, y + 0.1), &dice);
            continue;
        }
        let (across, down) = (dice.range("across", 0.06, 0.1), dice.range("down", 0.07, 0.11));
        canvas.fill(
            &Shape::rectangle(
                x - across + 0.008,
                y - down + 0.01,
                x + across + 0.012,
                y + down + 0.014,
            ),
            sheer(rgb(0x14_1030), 0.22),
        );
        canvas.fill(
            &Shape::rectangle(x - across, y - down, x + across, y + down),
            stage.lit([rgb(0x6a_4630), rgb(0xe8_dcc4), rgb(0x2e_2c34)][dice.pick("frame", 3)]),
        );
        let inner = Shape::rectangle(
            x - across + 0.012,
            y - down + 0.012,
            x + across - 0.012,
            y + down - 0.012,
        );
        canvas.fill(&inner, stage.lit(rgb(0xf5_efe2)));
        canvas.within(&inner, |canvas| {
            let hue = [stage.palette.accent, stage.palette.second, stage.palette.far][dice.pick("hue", 3)];
            canvas.fill(
                &Shape::circle((x + dice.range("ball", -0.02, 0.02), y - 0.02), across * 0.42),
                stage.lit(hue),
            );
            canvas.fill(
                &Shape::oval((x - across * 0.4, y + down), across, down * 0.7),
                stage.lit(hue.turned(0.2).darker(0.15)),
            );
            canvas.fill(
                &Shape::oval((x + across * 0.6, y + down * 1.1), across, down * 0.6),
                stage.lit(hue.turned(-0.15).darker(0.3)),
            );
        });
    }
}

fn shelf(canvas: &mut Canvas, stage: &Stage<'_>, (x, y): Spot, dice: &Dice) {
    canvas.fill(
        &Shape::rectangle(x - 0.13, y + 0.012, x + 0.13, y + 0.03),
        sheer(rgb(0x14_1030), 0.22),
    );
    canvas.fill(
        &Shape::rectangle(x - 0.13, y, x + 0.13, y + 0.016),
        stage.lit(rgb(0x8a_5f3e)),
    );
    let mut at = x - 0.12;
    for index in 0..7 {
        let dice = dice.nth(index);
        let (width, height) = (dice.range("thick", 0.014, 0.028), dice.range("tall", 0.06, 0.11));
        let hue = Colour::of_hue(dice.unit("hue"), 0.35, 0.48).mix(stage.palette.accent, 0.3);
        canvas.fill(&Shape::rectangle(at, y - height, at + width, y), stage.lit(hue));
        canvas.fill(
            &Shape::rectangle(at, y - height * 0.8, at + width, y - height * 0.74),
            sheer(stage.lit(rgb(0xf0_e0b8)), 0.7),
        );
        at += width + 0.002;
    }
    pot(canvas, stage, (x + 0.085, y), 0.13, dice);
}

fn lamp(canvas: &mut Canvas, stage: &Stage<'_>) {
    if !stage.dice.chance("lamp", 0.5) {
        return;
    }
    let at = (
        -stage.key * stage.dice.range("lamp x", 0.1, 0.3),
        stage.dice.range("lamp y", -0.36, -0.31),
    );
    canvas.line(
        &Shape::segments(&[(at.0, stage.frame.top.min(-0.6)), at]),
        stage.lit(rgb(0x2a_2630)),
        0.006,
    );
    let bulb = (at.0, at.1 + 0.06);
    let reach = if stage.palette.is_dark() { 0.6 } else { 0.28 };
    canvas.fill(
        &Shape::circle(bulb, reach),
        glow(
            bulb,
            reach,
            rgb(0xff_d890),
            if stage.palette.is_dark() { 0.62 } else { 0.32 },
        ),
    );
    canvas.fill(&Shape::circle(bulb, 0.024), rgb(0xff_f2cc));
    let shade = Shape::blob(&[
        (at.0 - 0.018, at.1 - 0.015),
        (at.0 + 0.018, at.1 - 0.015),
        (at.0 + 0.07, at.1 + 0.03),
        (at.0 + 0.095, at.1 + 0.065),
        (at.0, at.1 + 0.055),
        (at.0 - 0.095, at.1 + 0.065),
        (at.0 - 0.07, at.1 + 0.03),
    ]);
    stage.body(canvas, &shade, at, 0.09, stage.palette.accent);
}

/// A table over the whole lower part; gives the height of its top's middle.
pub(super) fn table(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (dice, core) = (stage.dice, stage.core);
    let wood =
        stage.lit([rgb(0xa8_7248), rgb(0xc9_9a68), rgb(0x7a_4e34), rgb(0xb8_8a66)][dice.spread("wood", 4)]);
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
pub(super) fn tableware(canvas: &mut Canvas, stage: &Stage<'_>, height: f32, subject: Option<Subject>) {
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
                canvas.placed(at, (0.16, 0.16), 0.0, |canvas| cup(canvas, stage, &dice))
            }
            1 if subject != Some(Subject::Flower) => pot(canvas, stage, at, 0.26, &dice),
            2 if subject != Some(Subject::Book) => {
                canvas.placed(at, (0.25, 0.25), 0.0, |canvas| books(canvas, stage, &dice))
            }
            _ if subject != Some(Subject::Fruit) => {
                canvas.placed(at, (0.15, 0.15), 0.0, |canvas| apple(canvas, stage, &dice))
            }
            _ => {}
        }
    }
}

/// A potted plant of some height.
fn pot(canvas: &mut Canvas, stage: &Stage<'_>, at: Spot, height: f32, dice: &Dice) {
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
            canvas.fill(&blade, if index % 2 == 0 { leaf } else { leaf.lighter(0.16) });
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
    stage.flat(canvas, &Shape::oval((0.0, -0.03), 0.56, 0.1), glaze.darker(0.16));
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
    stage.flat(canvas, &Shape::oval((0.0, -0.64), 0.32, 0.066), rgb(0x5a_3824));
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
        let (half, thick) = (dice.range("half", 0.36, 0.46), dice.range("thick", 0.08, 0.12));
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
        [rgb(0xcf_3d35), rgb(0x9a_b848), rgb(0xe8_a032), rgb(0xe8_785a)][dice.pick("skin", 4)]
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
        )
    });
}

/// A plain backdrop: a wall of colour with a large disc, and a floor that melts into it.
pub(super) fn studio(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice, frame) = (stage.palette, stage.dice, stage.frame);
    let wall = palette.sky[1].mix(palette.accent.lighter(0.3), 0.35);
    canvas.cover(downward(
        stage.core.top,
        wall.lighter(0.12),
        0.6,
        wall.darker(0.22),
    ));
    let centre = (
        dice.range("disc x", -0.06, 0.06),
        dice.range("disc y", -0.14, -0.06),
    );
    let disc = dice.range("disc", 0.32, 0.39);
    let colour = palette.sky[2].mix(palette.second, 0.3);
    canvas.fill(
        &Shape::circle(centre, disc * 1.5),
        glow(centre, disc * 1.5, colour, 0.5),
    );
    canvas.fill(
        &Shape::circle(centre, disc),
        downward(
            centre.1 - disc,
            colour.lighter(0.2),
            centre.1 + disc,
            colour.mix(wall, 0.45),
        ),
    );
    for (x, dice) in stage.along("leaf", 0.12, 0.5) {
        let height = dice.range("height", 0.16, 0.4) * (0.5 + x.abs().min(0.7));
        let leaf = palette
            .near
            .mix(palette.accent, 0.2)
            .darker(0.1 + 0.25 * dice.unit("tone"));
        canvas.placed(
            (x, frame.bottom.max(0.5)),
            (height, height),
            dice.range("lean", -0.06, 0.06),
            |canvas| {
                let blade = Shape::blob(&[(0.0, 0.1), (0.16, -0.35), (0.0, -1.0), (-0.16, -0.35)]);
                canvas.fill(&blade, leaf);
                canvas.line(
                    &Shape::segments(&[(0.0, 0.1), (0.0, -0.9)]),
                    sheer(leaf.lighter(0.3), 0.6),
                    0.02,
                );
            },
        );
    }
    if dice.chance("petals", 0.6) {
        for ((x, y), dice) in stage.over("petal", 0.17, frame.top, frame.bottom) {
            if dice.chance("petal", 0.4) {
                plants::blossom(
                    canvas,
                    stage,
                    (x, y),
                    dice.range("size", 0.006, 0.014),
                    palette.second,
                );
            }
        }
    }
    0.34
}
