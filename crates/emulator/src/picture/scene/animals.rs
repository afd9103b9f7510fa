//! Cats, dogs and their like, about one unit high, on the ground at (0, 0): one drawing, told apart by breed.

use super::{
    canvas::{Canvas, Shape, Spot, sheer},
    colour::{Colour, rgb},
    dice::Dice,
    face,
    stage::Stage,
    words::Subject,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ears {
    Pointed,
    Floppy,
    Long,
    Round,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Markings {
    Plain,
    Stripes,
    /// White chest, muzzle and paws.
    Tuxedo,
    /// Dark ears, face and paws.
    Points,
}

/// How an animal of a breed, or this one of them, looks.
pub(super) struct Coat {
    pub(super) ears: Ears,
    pub(super) markings: Markings,
    pub(super) fur: Colour,
    pub(super) light: Colour,
    pub(super) dark: Colour,
    pub(super) iris: Colour,
    pub(super) nose: Colour,
    /// How far the muzzle stands out, 0 for a cat.
    pub(super) muzzle: f32,
    pub(super) bushy: bool,
    pub(super) mane: bool,
    pub(super) whiskers: bool,
}

pub(super) const ROSE: Colour = rgb(0xe7_a0a0);
pub(super) const INK: Colour = rgb(0x1f_1a24);

fn coat(kind: Subject, stage: &Stage<'_>, dice: &Dice) -> Coat {
    let named = stage.palette.named.then_some(stage.palette.accent);
    let choice = dice.spread("coat", 4);
    let plain = Coat {
        ears: Ears::Pointed,
        markings: Markings::Plain,
        fur: rgb(0xc9_8a55),
        light: rgb(0xf7_ead8),
        dark: rgb(0x6a_4530),
        iris: rgb(0x6b_4a2c),
        nose: rgb(0x3a_2a2c),
        muzzle: 0.6,
        bushy: false,
        mane: false,
        whiskers: false,
    };
    let furred = |fur: u32, dark: u32, markings: Markings| {
        let (fur, dark) = named.map_or((rgb(fur), rgb(dark)), |hue| (hue, hue.darker(0.45)));
        (fur, dark, markings)
    };
    let (fur, dark, markings) = match kind {
        Subject::Cat => match choice {
            0 => furred(0xe0_8f45, 0xa8_5526, Markings::Stripes),
            1 => furred(0x86_8c99, 0x4c_515e, Markings::Stripes),
            2 => furred(0x34_323e, 0x1c_1a24, Markings::Tuxedo),
            _ => furred(0xe9_d9bf, 0x6b_4c3c, Markings::Points),
        },
        Subject::Lion => furred(0xdd_a758, 0x9a_5a28, Markings::Plain),
        Subject::Dog => match choice {
            0 => furred(0xcf_9450, 0x8a_5426, Markings::Plain),
            1 => furred(0x6b_4836, 0x3f_2a22, Markings::Tuxedo),
            2 => furred(0xec_e3d4, 0x9a_6b45, Markings::Points),
            _ => furred(0x50_5562, 0x2b_2e38, Markings::Tuxedo),
        },
        Subject::Fox => furred(0xd9_6a2c, 0x4a_2a24, Markings::Tuxedo),
        Subject::Rabbit => match choice {
            0 => furred(0xd9_c6ae, 0x9a_8168, Markings::Plain),
            1 => furred(0xf3_efe8, 0xb9_aca4, Markings::Plain),
            2 => furred(0x8d_7768, 0x5a_493f, Markings::Tuxedo),
            _ => furred(0x6d_6f7c, 0x41_434e, Markings::Tuxedo),
        },
        Subject::Bear => match choice {
            0 => furred(0x8a_5a38, 0x54_3420, Markings::Plain),
            1 => furred(0xf2_efe8, 0x2a_2830, Markings::Points),
            2 => furred(0x4e_3a30, 0x2b_201c, Markings::Plain),
            _ => furred(0xc9_9a62, 0x80_5a34, Markings::Plain),
        },
        _ => furred(0x9a_9299, 0x5f_585f, Markings::Plain),
    };
    let base = Coat {
        fur,
        dark,
        markings,
        light: fur.mix(plain.light, 0.72),
        ..plain
    };
    match kind {
        Subject::Cat => Coat {
            iris: [
                rgb(0x8f_b84a),
                rgb(0xe0_b040),
                rgb(0x9f_c44a),
                rgb(0x58_a4d8),
            ][choice],
            nose: ROSE.darker(0.15),
            muzzle: 0.0,
            whiskers: true,
            ..base
        },
        Subject::Lion => Coat {
            ears: Ears::Round,
            iris: rgb(0xb0_7a2c),
            muzzle: 0.45,
            mane: true,
            whiskers: true,
            ..base
        },
        Subject::Dog => Coat {
            ears: if choice == 3 {
                Ears::Pointed
            } else {
                Ears::Floppy
            },
            muzzle: 1.0,
            bushy: choice == 3,
            ..base
        },
        Subject::Fox => Coat {
            bushy: true,
            muzzle: 0.5,
            iris: rgb(0xb8_7a2a),
            ..base
        },
        Subject::Rabbit => Coat {
            ears: Ears::Long,
            muzzle: 0.1,
            nose: ROSE,
            whiskers: true,
            ..base
        },
        Subject::Bear => Coat {
            ears: Ears::Round,
            muzzle: 0.9,
            ..base
        },
        _ => Coat {
            ears: Ears::Round,
            muzzle: 0.1,
            nose: ROSE,
            whiskers: true,
            ..base
        },
    }
}

/// Draws the animal; `perched` lets the tail hang over an edge.
pub(super) fn animal(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    kind: Subject,
    dice: &Dice,
    perched: bool,
) {
    let coat = coat(kind, stage, dice);
    let lies = stage.words.lying
        || (!stage.words.sitting && !stage.words.on_table && dice.chance("lies", 0.15));
    let side = dice.spread("pose", 4) % 2 == 1 && matches!(coat.ears, Ears::Pointed | Ears::Floppy);
    if lies {
        lying(canvas, stage, &coat, dice);
    } else if side {
        profile(canvas, stage, &coat, dice, perched);
    } else {
        seated(canvas, stage, &coat, dice, perched);
    }
}

/// Both halves of an outline given for x ≥ 0 from top to bottom.
pub(super) fn mirrored(right: &[Spot]) -> Shape {
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

fn tail(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, points: &[Spot]) {
    let colour = stage.lit(coat.fur.darker(0.12));
    let width = 0.078;
    if coat.ears == Ears::Long || (coat.ears == Ears::Round && !coat.mane && coat.muzzle > 0.5) {
        // A stub is all that a rabbit or a bear shows.
        return;
    }
    let end = points.len();
    if coat.bushy {
        let (brush, tip) = brush(points);
        stage.body(canvas, &brush, points[end / 2], 0.3, coat.fur.darker(0.08));
        canvas.within(&brush, |canvas| stage.flat(canvas, &tip, coat.light));
        return;
    }
    canvas.line(&Shape::curve(points), colour, width);
    let tuft = width * if coat.mane { 1.7 } else { 0.98 };
    canvas.line(
        &Shape::curve(&points[end - 2..]),
        sheer(stage.lit(coat.dark), 0.9),
        tuft,
    );
    if coat.markings == Markings::Stripes {
        for pair in points[1..].windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let middle = (f32::midpoint(from.0, to.0), f32::midpoint(from.1, to.1));
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let half = 0.028 / (dx * dx + dy * dy).sqrt().max(0.001);
            let band = Shape::segments(&[
                (middle.0 - dy * half, middle.1 + dx * half),
                (middle.0 + dy * half, middle.1 - dx * half),
            ]);
            canvas.line(&band, sheer(stage.lit(coat.dark), 0.8), 0.024);
        }
    }
}

/// A bushy tail along a line, thick before its pointed end, and the part of it that is its tip.
fn brush(points: &[Spot]) -> (Shape, Shape) {
    let last = points.len() - 1;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (index, at) in points.iter().enumerate() {
        let (before, after) = (
            points[index.saturating_sub(1)],
            points[(index + 1).min(last)],
        );
        let (dx, dy) = (after.0 - before.0, after.1 - before.1);
        let length = (dx * dx + dy * dy).sqrt().max(0.001);
        let half = [0.035, 0.06, 0.085, 0.105, 0.02][index.min(4)] / length;
        left.push((at.0 - dy * half, at.1 + dx * half));
        right.push((at.0 + dy * half, at.1 - dx * half));
    }
    let mut outline = left;
    outline.extend(right.into_iter().rev());
    (Shape::blob(&outline), Shape::circle(points[last], 0.13))
}

fn seated(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, dice: &Dice, perched: bool) {
    stage.shadow(canvas, (0.02, 0.0), 0.46);
    let hangs = perched && dice.chance("tail hangs", 0.6);
    let rise = dice.range("tail", 0.0, 0.14);
    if hangs {
        tail(
            canvas,
            stage,
            coat,
            &[
                (0.2, -0.08),
                (0.33, -0.04),
                (0.39, 0.08),
                (0.37, 0.2),
                (0.42, 0.3),
            ],
        );
    } else {
        tail(
            canvas,
            stage,
            coat,
            &[
                (0.16, -0.07),
                (0.38, -0.045),
                (0.5, -0.15),
                (0.46, -0.3),
                (0.5, -0.4 - rise),
            ],
        );
    }
    let body = mirrored(&[
        (0.0, -0.6),
        (0.13, -0.56),
        (0.185, -0.42),
        (0.25, -0.27),
        (0.3, -0.12),
        (0.27, -0.01),
        (0.1, 0.015),
    ]);
    stage.body(canvas, &body, (0.0, -0.3), 0.32, coat.fur);
    canvas.within(&body, |canvas| {
        if coat.markings == Markings::Stripes {
            for (y, reach) in [(-0.44, 0.11), (-0.35, 0.12), (-0.26, 0.12), (-0.17, 0.1)] {
                for side in [-1.0, 1.0] {
                    let stripe = Shape::curve(&[
                        (side * 0.32, y - 0.05),
                        (side * (0.3 - reach * 0.6), y),
                        (side * (0.28 - reach), y + 0.03),
                    ]);
                    canvas.line(&stripe, sheer(stage.lit(coat.dark), 0.75), 0.03);
                }
            }
        }
        let chest = mirrored(&[
            (0.0, -0.56),
            (0.1, -0.47),
            (0.105, -0.32),
            (0.06, -0.2),
            (0.0, -0.17),
        ]);
        canvas.fill(
            &chest,
            sheer(
                stage.lit(coat.light),
                if coat.markings == Markings::Points {
                    0.45
                } else {
                    0.9
                },
            ),
        );
        for side in [-1.0, 1.0] {
            // Haunches behind the forelegs.
            let haunch = Shape::oval((side * 0.21, -0.1), 0.115, 0.14);
            stage.body(
                canvas,
                &haunch,
                (side * 0.21, -0.1),
                0.15,
                coat.fur.lighter(0.05),
            );
            canvas.line(
                &Shape::curve(&[
                    (side * 0.13, -0.2),
                    (side * 0.105, -0.1),
                    (side * 0.12, -0.02),
                ]),
                sheer(stage.lit(coat.dark), 0.4),
                0.012,
            );
        }
    });
    let paw = match coat.markings {
        Markings::Tuxedo => coat.light,
        Markings::Points => coat.dark,
        Markings::Plain | Markings::Stripes => coat.fur.lighter(0.12),
    };
    for side in [-1.0, 1.0] {
        let leg = Shape::blob(&[
            (side * 0.025, -0.36),
            (side * 0.115, -0.34),
            (side * 0.11, -0.15),
            (side * 0.125, -0.02),
            (side * 0.07, 0.012),
            (side * 0.02, -0.01),
            (side * 0.022, -0.18),
        ]);
        stage.body(
            canvas,
            &leg,
            (side * 0.07, -0.16),
            0.2,
            coat.fur.lighter(0.07),
        );
        let foot = Shape::oval((side * 0.075, -0.018), 0.068, 0.042);
        stage.flat(canvas, &foot, paw);
        for toe in [-0.022, 0.012] {
            let line =
                Shape::segments(&[(side * 0.075 + toe, -0.012), (side * 0.075 + toe, 0.015)]);
            canvas.line(&line, sheer(stage.lit(coat.dark), 0.55), 0.008);
        }
        stage.flat(
            canvas,
            &Shape::oval((side * 0.2, 0.0), 0.085, 0.035),
            paw.darker(0.08),
        );
    }
    let head = (
        dice.range("head", -0.035, 0.035),
        -0.68 + dice.range("nod", -0.015, 0.015),
    );
    canvas.placed(
        head,
        (1.0, 1.0),
        dice.range("tilt", -0.028, 0.028),
        |canvas| {
            face::face(canvas, stage, coat, dice);
        },
    );
}

fn profile(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, dice: &Dice, perched: bool) {
    stage.shadow(canvas, (-0.04, 0.0), 0.48);
    if perched && dice.chance("tail hangs", 0.7) {
        tail(
            canvas,
            stage,
            coat,
            &[
                (-0.2, -0.06),
                (-0.33, -0.03),
                (-0.39, 0.1),
                (-0.36, 0.22),
                (-0.42, 0.33),
            ],
        );
    } else {
        tail(
            canvas,
            stage,
            coat,
            &[
                (-0.18, -0.05),
                (-0.38, -0.03),
                (-0.5, -0.12),
                (-0.52, -0.28),
                (-0.45, -0.4),
            ],
        );
    }
    let far_leg = Shape::blob(&[
        (0.1, -0.36),
        (0.2, -0.3),
        (0.205, -0.12),
        (0.25, -0.01),
        (0.14, 0.0),
        (0.13, -0.15),
    ]);
    stage.flat(canvas, &far_leg, coat.fur.darker(0.32));
    let body = Shape::blob(&[
        (0.08, -0.62),
        (0.2, -0.52),
        (0.205, -0.38),
        (0.15, -0.22),
        (0.1, -0.06),
        (0.02, 0.005),
        (-0.2, 0.01),
        (-0.31, -0.06),
        (-0.3, -0.22),
        (-0.2, -0.42),
        (-0.08, -0.56),
    ]);
    stage.body(canvas, &body, (-0.05, -0.3), 0.32, coat.fur);
    canvas.within(&body, |canvas| {
        if coat.markings == Markings::Stripes {
            for index in 0..5_u8 {
                let part = f32::from(index) / 4.0;
                let root = (-0.02 - 0.27 * part, -0.56 + 0.36 * part);
                let stripe = Shape::curve(&[
                    root,
                    (root.0 + 0.06, root.1 + 0.08),
                    (root.0 + 0.08, root.1 + 0.18),
                ]);
                canvas.line(&stripe, sheer(stage.lit(coat.dark), 0.75), 0.028);
            }
        }
        let chest = Shape::blob(&[
            (0.14, -0.56),
            (0.26, -0.5),
            (0.24, -0.32),
            (0.13, -0.3),
            (0.12, -0.44),
        ]);
        canvas.fill(&chest, sheer(stage.lit(coat.light), 0.85));
    });
    let haunch = Shape::blob(&[
        (-0.13, -0.28),
        (-0.02, -0.2),
        (0.0, -0.08),
        (-0.06, 0.0),
        (-0.24, 0.005),
        (-0.295, -0.08),
        (-0.25, -0.22),
    ]);
    stage.body(
        canvas,
        &haunch,
        (-0.14, -0.14),
        0.18,
        coat.fur.lighter(0.06),
    );
    let paw = match coat.markings {
        Markings::Tuxedo => coat.light,
        Markings::Points => coat.dark,
        Markings::Plain | Markings::Stripes => coat.fur.lighter(0.14),
    };
    let leg = Shape::blob(&[
        (0.06, -0.36),
        (0.165, -0.32),
        (0.155, -0.14),
        (0.2, -0.03),
        (0.185, 0.008),
        (0.09, 0.008),
        (0.075, -0.14),
    ]);
    stage.body(canvas, &leg, (0.12, -0.16), 0.2, coat.fur.lighter(0.06));
    stage.flat(canvas, &Shape::oval((0.15, -0.015), 0.07, 0.034), paw);
    stage.flat(
        canvas,
        &Shape::oval((-0.03, -0.012), 0.1, 0.034),
        paw.darker(0.06),
    );
    // The head is turned to us: faces are what people look at.
    canvas.placed(
        (0.13, -0.7),
        (0.95, 0.95),
        dice.range("tilt", -0.01, 0.035),
        |canvas| face::face(canvas, stage, coat, dice),
    );
}

fn lying(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, dice: &Dice) {
    stage.shadow(canvas, (-0.05, 0.0), 0.62);
    tail(
        canvas,
        stage,
        coat,
        &[
            (-0.36, -0.1),
            (-0.5, -0.06),
            (-0.46, 0.0),
            (-0.3, -0.01),
            (-0.14, -0.03),
        ],
    );
    let body = Shape::blob(&[
        (0.2, -0.3),
        (0.0, -0.37),
        (-0.22, -0.38),
        (-0.42, -0.28),
        (-0.48, -0.12),
        (-0.4, 0.0),
        (-0.1, 0.012),
        (0.25, 0.0),
        (0.34, -0.12),
    ]);
    stage.body(canvas, &body, (-0.08, -0.18), 0.3, coat.fur);
    canvas.within(&body, |canvas| {
        if coat.markings == Markings::Stripes {
            for index in 0..6_u8 {
                let x = -0.4 + 0.1 * f32::from(index);
                let stripe = Shape::curve(&[(x, -0.42), (x + 0.04, -0.3), (x + 0.02, -0.2)]);
                canvas.line(&stripe, sheer(stage.lit(coat.dark), 0.7), 0.028);
            }
        }
        let haunch = Shape::oval((-0.31, -0.12), 0.16, 0.16);
        stage.body(
            canvas,
            &haunch,
            (-0.31, -0.12),
            0.18,
            coat.fur.lighter(0.07),
        );
    });
    let paw = if coat.markings == Markings::Tuxedo {
        coat.light
    } else {
        coat.fur.lighter(0.12)
    };
    stage.body(
        canvas,
        &Shape::rounded(0.16, -0.075, 0.46, 0.01, 0.04),
        (0.3, -0.03),
        0.1,
        paw,
    );
    stage.body(
        canvas,
        &Shape::rounded(0.05, -0.06, 0.36, 0.015, 0.04),
        (0.2, -0.02),
        0.1,
        paw.lighter(0.06),
    );
    canvas.placed(
        (0.22, -0.3),
        (0.92, 0.92),
        dice.range("tilt", 0.0, 0.05),
        |canvas| face::face(canvas, stage, coat, dice),
    );
}
