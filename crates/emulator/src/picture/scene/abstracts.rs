//! Compositions for prompts whose words name nothing that can be drawn: told apart by the words' hash alone.

use super::{
    canvas::{Canvas, Ink, Shape, Spot, downward, glow, sheer},
    colour::{Colour, rgb},
    dice::{noise2, rugged, turn},
    stage::Stage,
};

pub(super) fn composition(canvas: &mut Canvas, stage: &Stage<'_>) {
    // The words choose the kind, so that a grid is a family; the tile arranges it.
    match stage.words.hash >> 12 & 3 {
        0 => strata(canvas, stage),
        1 => flow(canvas, stage),
        2 => circles(canvas, stage),
        _ => tiles(canvas, stage),
    }
}

fn colours(stage: &Stage<'_>) -> [Colour; 6] {
    let palette = stage.palette;
    let warm = palette.accent.turned(0.5).lighter(0.1);
    [
        palette.accent,
        palette.second,
        palette.sky[0],
        warm,
        palette.sky[2],
        palette.accent.darker(0.45),
    ]
}

fn ground(canvas: &mut Canvas, stage: &Stage<'_>) {
    let base = stage.palette.sky[2].mix(rgb(0xf6_efe2), 0.35);
    let end = stage.palette.sky[1].mix(base, 0.35);
    canvas.cover(downward(stage.core.top, base, stage.core.bottom, end));
}

/// Layered hills without a world.
fn strata(canvas: &mut Canvas, stage: &Stage<'_>) {
    ground(canvas, stage);
    let (dice, colours) = (stage.dice, colours(stage));
    let disc = (
        dice.range("disc x", -0.24, 0.24),
        dice.range("disc y", -0.3, -0.12),
    );
    let radius = dice.range("disc", 0.1, 0.2);
    canvas.fill(
        &Shape::circle(disc, radius * 3.0),
        glow(disc, radius * 3.0, colours[3], 0.45),
    );
    canvas.fill(
        &Shape::circle(disc, radius),
        downward(
            disc.1 - radius,
            colours[3].lighter(0.3),
            disc.1 + radius,
            colours[0],
        ),
    );
    let layers = 8_u8;
    for index in 0..layers {
        let part = f32::from(index) / f32::from(layers - 1);
        let seed = dice.seed("stratum") ^ u64::from(index) << 7;
        let base = -0.12 + 0.6 * part;
        let line =
            stage.skyline(|x| base + 0.13 * rugged(seed, x * 1.7) - 0.1 * stage.departure(x, seed));
        let colour = colours[usize::from(index) % 3]
            .mix(colours[4], 0.5 * (1.0 - part))
            .darker(0.3 * part);
        canvas.fill(
            &Shape::below(&line, stage.frame.bottom.max(0.6)),
            downward(
                base - 0.1,
                colour.lighter(0.16),
                base + 0.25,
                colour.darker(0.1),
            ),
        );
        canvas.line(
            &Shape::segments(&line),
            sheer(colour.lighter(0.5), 0.5),
            0.004,
        );
    }
}

/// Strokes that follow a field.
fn flow(canvas: &mut Canvas, stage: &Stage<'_>) {
    let colours = colours(stage);
    let frame = stage.frame;
    let base = colours[2].darker(0.35);
    canvas.cover(downward(
        frame.top,
        base,
        frame.bottom,
        base.mix(colours[5], 0.6),
    ));
    let seed = stage.dice.seed("field");
    let swirl = stage.dice.range("swirl", 0.45, 0.95);
    for ((mut x, mut y), dice) in stage.over("stroke", 0.042, frame.top, frame.bottom) {
        let mut points: Vec<Spot> = vec![(x, y)];
        for _ in 0..9 {
            let (cos, sin) =
                turn(noise2(seed, x * 1.6, y * 1.6) * swirl + stage.dice.unit("bearing"));
            x += cos * 0.019;
            y += sin * 0.019;
            points.push((x, y));
        }
        let region = noise2(seed ^ 5, x * 1.2, y * 1.2) * 2.5 + 2.5 + dice.range("mix", -0.7, 0.7);
        let colour = colours[(region.max(0.0) as usize).min(4)];
        canvas.line(
            &Shape::curve(&points),
            sheer(colour.lighter(dice.range("light", 0.0, 0.3)), 0.85),
            dice.range("width", 0.005, 0.02),
        );
    }
}

/// Overlapping discs, rings and a few straight lines.
fn circles(canvas: &mut Canvas, stage: &Stage<'_>) {
    ground(canvas, stage);
    let colours = colours(stage);
    for ((x, y), dice) in stage.over("disc", 0.3, stage.frame.top, stage.frame.bottom) {
        let colour = colours[dice.pick("colour", 6)];
        let radius = dice.range("radius", 0.05, 0.24);
        match dice.pick("kind", 5) {
            0 => canvas.line(
                &Shape::circle((x, y), radius),
                sheer(colour, 0.9),
                radius * 0.16,
            ),
            1 => {
                for ring in 0..4_u8 {
                    let tone = if ring % 2 == 0 { colour } else { colours[4] };
                    canvas.fill(
                        &Shape::circle((x, y), radius * (1.0 - 0.24 * f32::from(ring))),
                        sheer(tone, 0.92),
                    );
                }
            }
            2 => {
                let (cos, sin) = turn(dice.unit("angle"));
                canvas.within(&Shape::circle((x, y), radius), |canvas| {
                    canvas.placed((x, y), (radius, radius), dice.unit("angle"), |canvas| {
                        canvas.fill(&Shape::rectangle(-1.0, -1.0, 1.0, 0.0), colour);
                        canvas.fill(
                            &Shape::rectangle(-1.0, 0.0, 1.0, 1.0),
                            colours[dice.pick("half", 6)],
                        );
                    });
                });
                canvas.line(
                    &Shape::segments(&[
                        (x - cos * 0.3, y - sin * 0.3),
                        (x + cos * 0.3, y + sin * 0.3),
                    ]),
                    sheer(colours[5], 0.9),
                    0.006,
                );
            }
            _ => {
                let stops = vec![(0.0, colour.lighter(0.35), 0.92), (1.0, colour, 0.85)];
                let light = (x + stage.key * radius * 0.5, y - radius * 0.5);
                canvas.fill(
                    &Shape::circle((x, y), radius),
                    Ink::Radial(light, radius * 1.7, stops),
                );
            }
        }
    }
}

/// A quilt of quarter circles and triangles.
fn tiles(canvas: &mut Canvas, stage: &Stage<'_>) {
    ground(canvas, stage);
    let colours = colours(stage);
    let side = [0.125, 0.167, 0.2, 0.25][stage.dice.spread("side", 4)];
    let frame = stage.frame;
    let cells = |from: f32, to: f32| (from / side).floor() as i64..=(to / side).ceil() as i64;
    for row in cells(frame.top, frame.bottom) {
        for column in cells(frame.left, frame.right) {
            let (left, top) = (column as f32 * side, row as f32 * side);
            let dice = stage
                .dice_at((left, top), side * 0.6)
                .nth((column * 977 + row + 500_000) as usize);
            let back = colours[dice.pick("back", 6)];
            let front = colours[dice.pick("front", 6)].lighter(0.08);
            let quarter = dice.pick("turn", 4) as f32 / 4.0;
            // A hair wider than the cell: neighbours' soft edges would leave a seam.
            let all = Shape::rectangle(
                left - 0.0008,
                top - 0.0008,
                left + side + 0.0008,
                top + side + 0.0008,
            );
            canvas.fill(
                &all,
                downward(top, back.lighter(0.08), top + side, back.darker(0.06)),
            );
            let middle = (left + side / 2.0, top + side / 2.0);
            canvas.within(&all, |canvas| {
                canvas.placed(middle, (side, side), quarter, |canvas| {
                    match dice.pick("kind", 5) {
                        0 => canvas.fill(&Shape::circle((-0.5, -0.5), 1.0), front),
                        1 => canvas.fill(
                            &Shape::polygon(&[(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5)]),
                            front,
                        ),
                        2 => {
                            canvas.fill(&Shape::circle((0.0, 0.0), 0.42), front);
                            canvas.fill(&Shape::circle((0.0, 0.0), 0.2), back);
                        }
                        3 => {
                            canvas.fill(&Shape::circle((-0.5, -0.5), 0.5), front);
                            canvas.fill(&Shape::circle((0.5, 0.5), 0.5), front);
                        }
                        _ => {}
                    }
                });
            });
        }
    }
}
