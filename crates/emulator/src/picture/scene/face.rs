//! The face of an animal, seen from the front: what people look at first. The bodies are in `animals`.

use super::{
    animals::{Coat, Ears, INK, Markings, ROSE, mirrored},
    canvas::{Canvas, Shape, Spot, downward, sheer},
    colour::{WHITE, rgb},
    dice::Dice,
    stage::Stage,
};

/// Draws a face about (0, 0), half a unit wide.
pub(super) fn face(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, dice: &Dice) {
    if coat.mane {
        for ring in 0..3_u8 {
            let reach = 0.4 - 0.05 * f32::from(ring);
            let mane = Shape::star(
                (0.0, 0.02),
                22,
                reach,
                reach * 0.84,
                f32::from(ring) * 0.011,
            );
            stage.flat(canvas, &mane, coat.dark.lighter(0.09 * f32::from(ring)));
        }
    }
    for side in [-1.0, 1.0] {
        ear(canvas, stage, coat, side, dice);
    }
    let wide = if coat.muzzle > 0.7 { 0.94 } else { 1.0 };
    let head = mirrored(&[
        (0.0, -0.17),
        (0.12 * wide, -0.16),
        (0.205 * wide, -0.09),
        (0.245 * wide, 0.02),
        (0.215 * wide, 0.11),
        (0.11, 0.18),
        (0.0, 0.195),
    ]);
    stage.body(canvas, &head, (0.0, 0.0), 0.2, coat.fur);
    canvas.within(&head, |canvas| {
        let dark = stage.lit(coat.dark);
        match coat.markings {
            Markings::Stripes => {
                let mut stripes = Shape::segments(&[(0.0, -0.19), (0.0, -0.095)]);
                for side in [-1.0, 1.0] {
                    stripes = stripes
                        .and(&Shape::curve(&[
                            (side * 0.07, -0.19),
                            (side * 0.06, -0.14),
                            (side * 0.035, -0.1),
                        ]))
                        .and(&Shape::curve(&[
                            (side * 0.26, 0.0),
                            (side * 0.19, 0.01),
                            (side * 0.15, 0.03),
                        ]))
                        .and(&Shape::curve(&[
                            (side * 0.25, 0.07),
                            (side * 0.19, 0.07),
                            (side * 0.16, 0.085),
                        ]));
                }
                canvas.line(&stripes, sheer(dark, 0.8), 0.024);
            }
            Markings::Tuxedo => {
                let blaze = mirrored(&[
                    (0.0, -0.09),
                    (0.025, -0.02),
                    (0.1, 0.05),
                    (0.2, 0.09),
                    (0.16, 0.2),
                    (0.0, 0.24),
                ]);
                canvas.fill(&blaze, stage.lit(coat.light));
            }
            Markings::Points if coat.muzzle > 0.7 => {
                for side in [-1.0, 1.0] {
                    canvas.placed((side * 0.1, -0.005), (1.0, 1.0), side * 0.08, |canvas| {
                        canvas.fill(&Shape::oval((0.0, 0.0), 0.062, 0.085), dark);
                    });
                }
            }
            Markings::Points => {
                canvas.fill(&Shape::oval((0.0, 0.06), 0.13, 0.13), sheer(dark, 0.75));
            }
            Markings::Plain => {}
        }
        canvas.fill(&Shape::circle((-0.17, 0.09), 0.06), sheer(ROSE, 0.22));
        canvas.fill(&Shape::circle((0.17, 0.09), 0.06), sheer(ROSE, 0.22));
    });
    let muzzle = coat.muzzle;
    if coat.markings != Markings::Points || muzzle > 0.7 {
        let puff = Shape::oval(
            (-0.042, 0.105),
            0.06 + 0.02 * muzzle,
            0.046 + 0.025 * muzzle,
        )
        .and(&Shape::oval(
            (0.042, 0.105),
            0.06 + 0.02 * muzzle,
            0.046 + 0.025 * muzzle,
        ));
        canvas.fill(&puff, sheer(stage.lit(coat.light), 0.92));
    }
    let gaze = dice.range("gaze", -0.012, 0.012);
    for side in [-1.0, 1.0] {
        eye(canvas, stage, coat, (side * 0.095, -0.008), gaze);
    }
    let nose_y = 0.07 + 0.004 * muzzle;
    let nose = 0.024 + 0.016 * muzzle;
    let shape = Shape::blob(&[
        (-nose, nose_y - nose * 0.5),
        (0.0, nose_y - nose * 0.65),
        (nose, nose_y - nose * 0.5),
        (0.0, nose_y + nose * 0.7),
    ]);
    stage.flat(canvas, &shape, coat.nose);
    let mouth_y = nose_y + nose * 0.7;
    let mouth = Shape::segments(&[(0.0, mouth_y), (0.0, mouth_y + 0.02)])
        .and(&Shape::curve(&[
            (0.0, mouth_y + 0.02),
            (0.025, mouth_y + 0.04),
            (0.06, mouth_y + 0.026),
        ]))
        .and(&Shape::curve(&[
            (0.0, mouth_y + 0.02),
            (-0.025, mouth_y + 0.04),
            (-0.06, mouth_y + 0.026),
        ]));
    if muzzle > 0.9 && dice.chance("tongue", 0.5) && coat.ears != Ears::Round {
        stage.flat(
            canvas,
            &Shape::rounded(-0.03, mouth_y + 0.025, 0.03, mouth_y + 0.105, 0.03),
            rgb(0xe5_7f86),
        );
    }
    canvas.line(&mouth, stage.lit(INK), 0.009);
    if coat.whiskers {
        let colour = if coat.fur.luma() > 0.7 {
            coat.dark
        } else {
            WHITE
        };
        for side in [-1.0, 1.0] {
            for (rise, reach) in [(-0.025, 0.27), (0.012, 0.29), (0.05, 0.26)] {
                let whisker = Shape::curve(&[
                    (side * 0.085, 0.1 + rise * 0.35),
                    (side * 0.19, 0.095 + rise),
                    (side * reach, 0.105 + rise * 1.9),
                ]);
                canvas.line(&whisker, sheer(colour, 0.75), 0.0055);
            }
        }
    }
}

fn ear(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, side: f32, dice: &Dice) {
    let inner = ROSE.mix(coat.fur, 0.3);
    let outer = if coat.markings == Markings::Points {
        coat.dark
    } else {
        coat.fur.darker(0.1)
    };
    match coat.ears {
        Ears::Pointed => {
            let lean = dice.range("ear", -0.012, 0.012);
            let tip = (side * 0.2 + lean, -0.305);
            let shape = Shape::blob(&[
                (side * 0.23, -0.02),
                (side * 0.235, -0.15),
                (tip.0 + side * 0.012, tip.1 + 0.012),
                (tip.0 - side * 0.012, tip.1 + 0.012),
                (side * 0.11, -0.23),
                (side * 0.03, -0.14),
            ]);
            stage.body(canvas, &shape, (side * 0.15, -0.17), 0.14, outer);
            let shape = Shape::blob(&[
                (side * 0.2, -0.07),
                (side * 0.208, -0.16),
                (tip.0, tip.1 + 0.055),
                (side * 0.13, -0.19),
                (side * 0.09, -0.13),
            ]);
            stage.flat(canvas, &shape, inner);
        }
        Ears::Floppy => {
            let shape = Shape::blob(&[
                (side * 0.12, -0.165),
                (side * 0.22, -0.15),
                (side * 0.3, 0.0),
                (side * 0.31, 0.14),
                (side * 0.25, 0.17),
                (side * 0.2, 0.05),
                (side * 0.17, -0.06),
            ]);
            stage.body(canvas, &shape, (side * 0.24, 0.0), 0.17, coat.dark);
        }
        Ears::Long => {
            canvas.placed(
                (side * 0.085, -0.13),
                (1.0, 1.0),
                side * dice.range("ear", 0.015, 0.05),
                |canvas| {
                    stage.body(
                        canvas,
                        &Shape::oval((0.0, -0.17), 0.06, 0.21),
                        (0.0, -0.17),
                        0.2,
                        outer,
                    );
                    stage.flat(canvas, &Shape::oval((0.0, -0.16), 0.03, 0.16), inner);
                },
            );
        }
        Ears::Round => {
            let small = if coat.muzzle > 0.3 { 0.075 } else { 0.12 };
            let at = (side * 0.19, -0.155 - (small - 0.075));
            stage.body(canvas, &Shape::circle(at, small), at, small, outer);
            stage.flat(
                canvas,
                &Shape::circle((at.0, at.1 + 0.008), small * 0.6),
                inner,
            );
        }
    }
}

fn eye(canvas: &mut Canvas, stage: &Stage<'_>, coat: &Coat, at: Spot, gaze: f32) {
    let feline = coat.muzzle < 0.05;
    canvas.placed(at, (1.0, 1.0), 0.0, |canvas| {
        if feline {
            canvas.fill(&Shape::oval((0.0, 0.0), 0.056, 0.056), stage.lit(INK));
            let iris = Shape::oval((0.0, 0.003), 0.047, 0.048);
            let lit = stage.lit(coat.iris).mix(coat.iris, 0.5);
            canvas.fill(
                &iris,
                downward(-0.05, lit.darker(0.2), 0.05, lit.lighter(0.28)),
            );
            let pupil = if stage.palette.is_dark() { 0.03 } else { 0.016 };
            canvas.fill(&Shape::oval((gaze, 0.0), pupil, 0.04), stage.lit(INK));
        } else {
            let size = if coat.muzzle < 0.3 { 0.036 } else { 0.032 };
            canvas.fill(
                &Shape::circle((0.0, 0.0), size * 1.18),
                sheer(stage.lit(coat.light), 0.35),
            );
            canvas.fill(&Shape::circle((0.0, 0.0), size), stage.lit(INK));
            canvas.fill(
                &Shape::circle((gaze, 0.004), size * 0.72),
                stage.lit(coat.iris.darker(0.25)),
            );
            canvas.fill(&Shape::circle((gaze, 0.0), size * 0.5), stage.lit(INK));
        }
        canvas.fill(
            &Shape::circle((stage.key * 0.014 + gaze, -0.017), 0.012),
            WHITE,
        );
        canvas.fill(
            &Shape::circle((-stage.key * 0.014 + gaze, 0.016), 0.006),
            sheer(WHITE, 0.7),
        );
    });
}
