//! Skies by the hour, with what shines in them, and open space.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, glow, sheer},
    colour::{WHITE, rgb},
    dice::{Dice, noise, turn},
    stage::Stage,
    words::Hour,
};

/// The sky over all that is seen, down to the horizon's height.
pub(super) fn sky(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let [top, middle, low] = stage.palette.sky;
    let stops = vec![(0.0, top, 1.0), (0.58, middle, 1.0), (1.0, low, 1.0)];
    canvas.cover(Ink::Linear((0.0, stage.core.top), (0.0, horizon), stops));
    if stage.palette.hour == Hour::Night {
        stars(canvas, stage, horizon);
    }
    sun(canvas, stage, horizon);
    clouds(canvas, stage, horizon);
}

fn stars(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    for ((x, y), dice) in stage.over("star", 0.055, stage.frame.top, horizon) {
        if dice.chance("seen", 0.45) {
            let size = 0.0012 + 0.003 * dice.unit("size") * dice.unit("size");
            canvas.fill(
                &Shape::circle((x, y), size),
                sheer(WHITE, 0.35 + 0.6 * dice.unit("light")),
            );
            if size > 0.0032 {
                canvas.fill(
                    &Shape::star((x, y), 4, size * 3.4, size * 0.55, 0.0),
                    sheer(WHITE, 0.8),
                );
            }
        }
    }
}

fn sun(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let palette = stage.palette;
    let dice = stage.dice;
    let height = horizon - stage.core.top;
    let x = stage.key * dice.range("sun x", 0.2, 0.38) * stage.core.width();
    let (part, radius, light) = match palette.hour {
        Hour::Day => (0.72, 0.055, 0.7),
        Hour::Morning => (0.3, 0.075, 0.75),
        Hour::Golden => (0.2, 0.11, 0.9),
        Hour::Dusk => (0.08, 0.12, 0.8),
        Hour::Night => (0.68, 0.075, 0.4),
        Hour::Mist => (0.5, 0.09, 0.6),
        Hour::Storm => return,
    };
    let centre = (
        x,
        horizon - height * (part + dice.range("sun y", -0.06, 0.06)),
    );
    let radius = radius * dice.range("sun size", 0.85, 1.2);
    let halo = radius * 5.5;
    canvas.fill(
        &Shape::circle(centre, halo),
        glow(centre, halo, palette.sun, light),
    );
    canvas.fill(&Shape::circle(centre, radius), palette.sun);
    if palette.hour == Hour::Night {
        let dim = palette.sun.darker(0.14);
        canvas.within(&Shape::circle(centre, radius), |canvas| {
            for index in 0..5 {
                let dice = dice.nth(index);
                let at = (
                    centre.0 + radius * dice.range("crater x", -0.8, 0.8),
                    centre.1 + radius * dice.range("crater y", -0.8, 0.8),
                );
                canvas.fill(
                    &Shape::circle(at, radius * dice.range("crater", 0.1, 0.26)),
                    sheer(dim, 0.7),
                );
            }
        });
    }
}

fn clouds(canvas: &mut Canvas, stage: &Stage<'_>, horizon: f32) {
    let palette = stage.palette;
    let (often, light) = match palette.hour {
        Hour::Day => (0.5, 0.85),
        Hour::Morning | Hour::Golden => (0.55, 0.5),
        Hour::Dusk => (0.6, 0.34),
        Hour::Night => (0.3, 0.13),
        Hour::Mist => (0.5, 0.4),
        Hour::Storm => (0.95, 0.5),
    };
    let colour = match palette.hour {
        Hour::Storm => palette.sky[1].darker(0.2),
        Hour::Dusk | Hour::Night => palette.sky[2],
        _ => palette.sky[2].lighter(0.6),
    };
    for ((x, y), dice) in stage.over("cloud", 0.3, stage.frame.top, horizon - 0.22) {
        if !dice.chance("cloud", often) {
            continue;
        }
        let size = dice.range("cloud size", 0.05, 0.12);
        let mut shape = Shape::rounded(
            x - size * 1.7,
            y - size * 0.34,
            x + size * 1.7,
            y + size * 0.1,
            size,
        );
        for (index, offset) in [-0.9_f32, -0.2, 0.55, 1.0].into_iter().enumerate() {
            let puff = dice.nth(index).range("puff", 0.3, 0.62) * (1.2 - offset.abs() * 0.5);
            shape = shape.and(&Shape::circle(
                (x + offset * size, y - size * 0.2),
                size * puff,
            ));
        }
        let stops = vec![(0.0, colour, light), (1.0, colour, light * 0.3)];
        canvas.fill(
            &shape,
            Ink::Linear((x, y - size * 0.8), (x, y + size * 0.2), stops),
        );
    }
}

pub(super) fn space(canvas: &mut Canvas, stage: &Stage<'_>) -> f32 {
    let (palette, dice, frame) = (stage.palette, stage.dice, stage.frame);
    let deep = rgb(0x07_0818).mix(palette.accent.darker(0.7), 0.3);
    canvas.cover(downward(
        frame.top,
        deep,
        frame.bottom,
        deep.mix(palette.sky[1].darker(0.5), 0.4),
    ));
    for ((x, y), dice) in stage.over("nebula", 0.4, frame.top, frame.bottom) {
        let colour = [
            palette.accent,
            palette.second,
            palette.sky[1],
            palette.sky[2],
        ][dice.pick("colour", 4)];
        let radius = dice.range("size", 0.22, 0.46);
        canvas.fill(
            &Shape::circle((x, y), radius),
            glow(
                (x, y),
                radius,
                colour.saturated(1.2),
                dice.range("light", 0.12, 0.42),
            ),
        );
    }
    stars(canvas, stage, frame.bottom);
    let x = stage.key * dice.range("planet x", 0.24, 0.36) * stage.core.width();
    planet(
        canvas,
        stage,
        (x, dice.range("planet y", -0.36, -0.2)),
        dice.range("planet", 0.07, 0.13),
        &dice.nth(3),
    );
    0.3
}

/// A banded planet, sometimes with a ring.
pub(super) fn planet(
    canvas: &mut Canvas,
    stage: &Stage<'_>,
    centre: Spot,
    radius: f32,
    dice: &Dice,
) {
    let colour = if dice.chance("which", 0.5) {
        stage.palette.accent
    } else {
        stage.palette.second
    };
    let tilt = dice.range("tilt", -0.08, 0.08);
    let ringed = dice.chance("ring", 0.7);
    canvas.placed(centre, (radius, radius), tilt, |canvas| {
        let ring = |canvas: &mut Canvas, near: bool| {
            for (across, strength, width) in
                [(1.55, 0.75, 0.14), (1.8, 0.5, 0.1), (1.98, 0.35, 0.04)]
            {
                let points: Vec<Spot> = (0..=24)
                    .map(|index| {
                        let (cos, sin) = turn(index as f32 / 48.0 + if near { 0.0 } else { 0.5 });
                        (cos * across, sin * across * 0.3)
                    })
                    .collect();
                canvas.line(
                    &Shape::curve(&points),
                    sheer(colour.lighter(0.45), strength),
                    width,
                );
            }
        };
        if ringed {
            ring(canvas, false);
        }
        let ball = Shape::circle((0.0, 0.0), 1.0);
        canvas.within(&ball, |canvas| {
            canvas.fill(&ball, colour);
            for index in 0..7_u8 {
                let dice = dice.nth(usize::from(index));
                let y = f32::from(index) * 0.3 - 1.0 + dice.range("band", -0.06, 0.06);
                let tone = if index % 2 == 0 {
                    colour.lighter(0.22)
                } else {
                    colour.turned(0.05).darker(0.15)
                };
                let line: Vec<Spot> = (0..=8_u8)
                    .map(|step: u8| {
                        (
                            f32::from(step) * 0.28 - 1.1,
                            y + 0.04 * noise(u64::from(index), f32::from(step)),
                        )
                    })
                    .collect();
                canvas.line(
                    &Shape::curve(&line),
                    sheer(tone, 0.8),
                    dice.range("width", 0.08, 0.2),
                );
            }
            let shade = rgb(0x05_0518);
            let stops = vec![(0.0, shade, 0.0), (0.55, shade, 0.08), (1.0, shade, 0.82)];
            canvas.fill(&ball, Ink::Radial((stage.key * 0.45, -0.4), 1.75, stops));
        });
        if ringed {
            ring(canvas, true);
        }
    });
}
