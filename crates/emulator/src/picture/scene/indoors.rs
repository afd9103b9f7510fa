//! Rooms, with what hangs on their walls and stands along them, and plain backdrops.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, glow, sheer},
    colour::{Colour, WHITE, rgb},
    dice::{Dice, noise},
    plants,
    stage::Stage,
    tableware,
    words::Hour,
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
            0 => tableware::pot(canvas, stage, at, dice.range("height", 0.34, 0.5), &dice),
            1 => {
                stage.shadow(canvas, at, 0.16);
                let wood = rgb(0x8a_5f3e).mix(stage.palette.second, 0.2);
                for side in [-1.0_f32, 1.0] {
                    let leg =
                        Shape::segments(&[(x + side * 0.06, at.1 - 0.2), (x + side * 0.09, at.1)]);
                    canvas.line(&leg, stage.lit(wood.darker(0.3)), 0.016);
                }
                let seat = Shape::rounded(x - 0.1, at.1 - 0.23, x + 0.1, at.1 - 0.19, 0.02);
                stage.body(canvas, &seat, (x, at.1 - 0.2), 0.1, wood);
                let books_at = (x, at.1 - 0.23);
                canvas.placed(books_at, (0.16, 0.16), 0.0, |canvas| {
                    tableware::books(canvas, stage, &dice);
                });
            }
            2 => {
                stage.shadow(canvas, at, 0.12);
                canvas.line(
                    &Shape::segments(&[(x, at.1 - 0.5), at]),
                    stage.lit(rgb(0x3a_3036)),
                    0.012,
                );
                canvas.fill(
                    &Shape::oval((x, at.1), 0.07, 0.016),
                    stage.lit(rgb(0x3a_3036)),
                );
                let bulb = (x, at.1 - 0.53);
                canvas.fill(
                    &Shape::circle(bulb, 0.3),
                    glow(bulb, 0.3, rgb(0xff_d890), 0.5),
                );
                let shade = Shape::polygon(&[
                    (x - 0.05, at.1 - 0.62),
                    (x + 0.05, at.1 - 0.62),
                    (x + 0.09, at.1 - 0.48),
                    (x - 0.09, at.1 - 0.48),
                ]);
                canvas.fill(
                    &shade,
                    stage.lit(stage.palette.accent).mix(rgb(0xff_e8b8), 0.5),
                );
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
                    canvas.fill(
                        &Shape::circle((x, top + 0.06), 0.011),
                        stage.lit(rgb(0xe8_c878)),
                    );
                }
                tableware::pot(
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
        let sun = (
            x + stage.dice.range("sun", -0.5, 0.5) * across,
            y - down * 0.35,
        );
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
        let (across, down) = (
            dice.range("across", 0.06, 0.1),
            dice.range("down", 0.07, 0.11),
        );
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
            let hue = [
                stage.palette.accent,
                stage.palette.second,
                stage.palette.far,
            ][dice.pick("hue", 3)];
            canvas.fill(
                &Shape::circle(
                    (x + dice.range("ball", -0.02, 0.02), y - 0.02),
                    across * 0.42,
                ),
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
        let (width, height) = (
            dice.range("thick", 0.014, 0.028),
            dice.range("tall", 0.06, 0.11),
        );
        let hue = Colour::of_hue(dice.unit("hue"), 0.35, 0.48).mix(stage.palette.accent, 0.3);
        canvas.fill(
            &Shape::rectangle(at, y - height, at + width, y),
            stage.lit(hue),
        );
        canvas.fill(
            &Shape::rectangle(at, y - height * 0.8, at + width, y - height * 0.74),
            sheer(stage.lit(rgb(0xf0_e0b8)), 0.7),
        );
        at += width + 0.002;
    }
    tableware::pot(canvas, stage, (x + 0.085, y), 0.13, dice);
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
