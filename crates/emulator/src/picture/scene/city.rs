//! A street before rows of towers.

use super::{
    canvas::{Canvas, Ink, Shape, downward, sheer},
    colour::{Colour, WHITE, rgb},
    dice::Dice,
    heavens,
    stage::Stage,
    words::Manner,
};

/// A city, and the height of the street.
pub(super) fn city(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice) = (stage.palette, stage.dice);
    let ground = dice.range("horizon", 0.27, 0.33);
    heavens::sky(canvas, stage, ground - 0.1);
    let dark = palette.is_dark();
    for layer in 0..3_u8 {
        let part = f32::from(layer) / 2.0;
        let colour = palette
            .far
            .mix(palette.sky[2], 0.5 * (1.0 - part))
            .darker(if dark { 0.5 * part } else { 0.28 * part });
        let spacing = 0.1 + 0.03 * part;
        for (x, dice) in stage.along(["far", "middle", "front"][usize::from(layer)], spacing, 0.0) {
            let dice = dice.nth(usize::from(layer));
            if layer == 2 && x.abs() < 0.2 {
                continue;
            }
            let half = spacing * dice.range("width", 0.34, 0.56);
            let top = ground - dice.range("height", 0.2, 0.62) * (1.0 - 0.28 * part);
            let tone = colour.mix(palette.accent, 0.1 * dice.unit("tone"));
            tower(
                canvas,
                stage,
                (x - half, top, x + half, ground + 0.02),
                tone,
                &dice,
                part,
            );
        }
    }
    let street = stage.lit(rgb(0x5a_5d68)).mix(palette.near, 0.25);
    let frame = stage.frame;
    canvas.fill(
        &Shape::rectangle(frame.left, ground, frame.right, frame.bottom.max(ground)),
        downward(ground, street.lighter(0.12), 0.55, street.darker(0.3)),
    );
    canvas.fill(
        &Shape::rectangle(frame.left, ground, frame.right, ground + 0.012),
        street.lighter(0.3),
    );
    for (x, _) in stage.along("none", 0.2, ground) {
        canvas.fill(
            &Shape::polygon(&[
                (x, ground + 0.13),
                (x + 0.08, ground + 0.13),
                (x + 0.075, ground + 0.142),
                (x - 0.006, ground + 0.142),
            ]),
            sheer(WHITE, 0.55),
        );
    }
    ground + 0.1
}

fn tower(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    (left, top, right, bottom): (f32, f32, f32, f32),
    colour: Colour,
    dice: &Dice,
    part: f32,
) {
    let ink = Ink::Linear(
        (left, 0.0),
        (right, 0.0),
        if stage.key > 0.0 {
            vec![
                (0.0, colour.darker(0.16), 1.0),
                (1.0, colour.lighter(0.08), 1.0),
            ]
        } else {
            vec![
                (0.0, colour.lighter(0.08), 1.0),
                (1.0, colour.darker(0.16), 1.0),
            ]
        },
    );
    let middle = f32::midpoint(left, right);
    let mut shape = Shape::rectangle(left, top, right, bottom);
    match dice.pick("roof", 4) {
        0 => {
            shape = shape.and(&Shape::polygon(&[
                (left, top),
                (middle, top - 0.05),
                (right, top),
            ]));
        }
        1 => {
            shape = shape.and(&Shape::rectangle(
                middle - 0.004,
                top - 0.08,
                middle + 0.004,
                top,
            ));
        }
        2 => {
            shape = shape.and(&Shape::rectangle(
                left + 0.02,
                top - 0.03,
                right - 0.02,
                top,
            ));
        }
        _ => {}
    }
    canvas.fill(&shape, ink);
    let neon = stage.words.manner == Manner::Neon;
    let tube = if dice.chance("tube", 0.5) {
        stage.palette.accent
    } else {
        stage.palette.second
    };
    if neon && part > 0.4 {
        canvas.line(&shape, sheer(tube, 0.85), 0.0045);
    }
    if part < 0.4 {
        return;
    }
    // Windows as one shape a tower: thousands of single fills would cost more than the rest of the picture.
    let (mut bright, mut dim) = (Shape::default(), Shape::default());
    let (columns, rows) = (
        ((right - left) / 0.024) as usize,
        ((bottom - top - 0.03) / 0.034) as usize,
    );
    for index in 0..columns * rows {
        let x = left + 0.01 + (index % columns) as f32 * 0.024;
        let y = top + 0.016 + (index / columns) as f32 * 0.034;
        let pane = Shape::rectangle(x, y, x + 0.012, y + 0.018);
        if dice.nth(index).chance("lit", 0.42) {
            bright = bright.and(&pane);
        } else {
            dim = dim.and(&pane);
        }
    }
    let lamp = if neon {
        tube.lighter(0.35)
    } else if stage.palette.is_dark() {
        rgb(0xff_d98a).mix(stage.palette.accent, 0.25)
    } else {
        stage.palette.sky[1].lighter(0.4)
    };
    canvas.fill(&bright, sheer(lamp, 0.85));
    canvas.fill(&dim, sheer(colour.darker(0.35), 0.6));
}
