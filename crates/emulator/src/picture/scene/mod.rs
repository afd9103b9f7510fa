//! Composes one picture: which place, which subject, where it stands, from how far it is seen, and what falls on it.

#![expect(
    clippy::too_many_lines,
    reason = "a figure is one long list of shapes, back to front"
)]

mod abstracts;
mod animals;
mod buildings;
mod city;
mod creatures;
mod face;
mod finish;
mod heavens;
mod indoors;
mod land;
mod palette;
mod people;
mod plants;
mod stage;
mod tableware;
mod vehicles;
mod water;
mod words;

pub(super) use stage::Ring;
pub(super) use words::Words;

use std::sync::Arc;

use image::RgbImage;

use super::{
    canvas::{self, Canvas, Frame, Shape, Spot, glow, sheer},
    colour::{self, WHITE},
    dice::{self, Dice},
    mark,
    recipe::{self, Strength},
};
use palette::Palette;
use stage::Stage;
use words::{Place, Subject};

/// One tile's world. It can be drawn at any size, and looked at beyond its edges.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    words: Arc<Words>,
    dice: Dice,
    /// How often detail was added.
    detail: usize,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.words, &other.words)
            && self.dice == other.dice
            && self.detail == other.detail
    }
}

/// Which part of a scene's world is drawn.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// What the scene was composed for.
    pub(super) core: Frame,
    /// What is seen of it.
    pub(super) frame: Frame,
    /// How it came to be seen beyond the core, innermost first.
    pub(super) rings: Vec<Ring>,
}

impl View {
    /// The scene as it was composed for a picture of some size.
    pub(super) fn of_size(size: (u32, u32)) -> Self {
        let core = Frame::of_size(size);
        Self {
            core,
            frame: core,
            rings: Vec::new(),
        }
    }
}

impl Scene {
    /// The scene of one tile (`slot` 0..=3) of a grid that is drawn from some words.
    pub(super) fn new(words: Arc<Words>, seed: u64, slot: usize) -> Self {
        let dice = Dice::new(dice::mix(words.hash, seed), slot);
        Self {
            words,
            dice,
            detail: 0,
        }
    }

    pub(super) fn drifted(&self, strength: Strength, seed: u64) -> Self {
        Self {
            dice: self.dice.drifted(strength, seed),
            ..self.clone()
        }
    }

    pub(super) fn with_detail(&self, detail: usize) -> Self {
        Self {
            detail,
            ..self.clone()
        }
    }

    /// Draws what is seen, without the mark.
    pub(super) fn draw(&self, size: (u32, u32), view: &View) -> RgbImage {
        let camera = self.camera();
        let frame = camera.see(view.frame);
        let rings: Vec<Ring> = view
            .rings
            .iter()
            .map(|ring| Ring {
                inner: camera.see(ring.inner),
                ..*ring
            })
            .collect();
        let palette = Palette::of(&self.words, &self.dice);
        let stage = Stage {
            words: &self.words,
            dice: &self.dice,
            palette: &palette,
            core: camera.see(view.core),
            frame,
            rings: &rings,
            unit: size.0 as f32 / frame.width(),
            key: if self.dice.spread("light", 2) == 0 {
                -1.0
            } else {
                1.0
            },
        };
        let mut canvas = Canvas::new(size, frame);
        self.compose(&mut canvas, &stage);
        let indoors = matches!(
            self.place(),
            Place::Room | Place::Studio | Place::Abstract | Place::Underwater
        );
        ambience(&mut canvas, &stage, !indoors);
        weather(&mut canvas, &stage);
        for pass in 0..self.detail {
            embellish(&mut canvas, &stage, pass);
        }
        finish::finish(canvas.pixels(), size, &stage, self.detail)
    }

    /// Draws what is seen, and the mark in its corner.
    pub(super) fn draw_marked(&self, size: (u32, u32), view: &View) -> RgbImage {
        let mut picture = self.draw(size, view);
        mark::stamp(&mut picture);
        picture
    }

    fn camera(&self) -> Camera {
        if self.place() == Place::Abstract {
            return Camera {
                zoom: 1.0,
                focus: (0.0, 0.0),
            };
        }
        let near = [1.0, 1.2, 0.92, 1.1][self.dice.spread("camera", 4)];
        Camera {
            zoom: near * self.dice.range("zoom", 0.97, 1.04),
            focus: (
                self.dice.range("focus x", -0.05, 0.05),
                self.dice.range("focus y", -0.05, -0.01),
            ),
        }
    }

    fn place(&self) -> Place {
        use Place::{
            Abstract, City, Desert, Forest, Meadow, Mountains, Room, Sea, Space, Studio,
            Underwater, Winter,
        };
        let words = &self.words;
        if let Some(place) = words.place {
            return place;
        }
        if words.on_table {
            return Room;
        }
        let choices = match words.subject {
            None if words.hour.is_some() => [Meadow, Sea, Mountains, Desert],
            None => [Abstract; 4],
            Some(Subject::Cat | Subject::Dog | Subject::Mouse) => [Room, Meadow, Room, Studio],
            Some(Subject::Lion) => [Desert, Meadow, Studio, Desert],
            Some(Subject::Fox | Subject::Rabbit | Subject::Bear | Subject::Owl) => {
                [Forest, Meadow, Winter, Forest]
            }
            Some(Subject::Bird) => [Meadow, Studio, Forest, Mountains],
            Some(Subject::Fish | Subject::Whale) => [Underwater; 4],
            Some(Subject::Butterfly) => [Meadow, Studio, Meadow, Forest],
            Some(Subject::Tree) => [Meadow, Mountains, Meadow, Desert],
            Some(Subject::Flower) => [Room, Studio, Meadow, Room],
            Some(Subject::Mushroom) => [Forest; 4],
            Some(Subject::Fruit | Subject::Cup | Subject::Book) => [Room; 4],
            Some(Subject::House) => [Meadow, Mountains, Winter, Meadow],
            Some(Subject::Castle) => [Mountains, Meadow, Mountains, Winter],
            Some(Subject::Lighthouse | Subject::Boat) => [Sea; 4],
            Some(Subject::Balloon) => [Mountains, Meadow, Desert, Sea],
            Some(Subject::Car) => [City, Desert, Mountains, City],
            Some(Subject::Bicycle) => [City, Meadow, Studio, City],
            Some(Subject::Rocket | Subject::Planet) => [Space; 4],
            Some(Subject::Robot) => [Studio, City, Meadow, Desert],
            Some(Subject::Person) => [Studio, Meadow, City, Studio],
        };
        let chosen = choices[self.dice.spread("place", 4)];
        let outdoors = matches!(
            words.second,
            Some(
                Subject::House
                    | Subject::Castle
                    | Subject::Lighthouse
                    | Subject::Tree
                    | Subject::Car
                    | Subject::Boat
            )
        );
        if outdoors && matches!(chosen, Room | Studio) {
            Meadow
        } else {
            chosen
        }
    }

    fn compose(&self, canvas: &mut Canvas, stage: &Stage<'_>) {
        let place = self.place();
        let subject = stage.words.subject;
        let mut ground = match place {
            Place::Abstract => {
                abstracts::composition(canvas, stage);
                0.3
            }
            Place::Room => indoors::room(canvas, stage),
            Place::Studio => indoors::studio(canvas, stage),
            _ => land::backdrop(canvas, stage, place),
        };
        let small = |subject: Option<Subject>| {
            matches!(
                subject,
                Some(Subject::Fruit | Subject::Cup | Subject::Book | Subject::Flower)
            )
        };
        let small = small(subject) || small(stage.words.second);
        let table = stage.words.on_table || (place == Place::Room && small);
        if table {
            ground = tableware::table(canvas, stage);
            tableware::tableware(canvas, stage, ground, subject);
        }
        if let Some(second) = stage.words.second {
            let side = if self.dice.chance("second side", 0.5) {
                -1.0
            } else {
                1.0
            };
            let x = side * (stage.core.width() * 0.5 - 0.17).min(0.52);
            self.put(
                canvas,
                stage,
                second,
                (x, ground - 0.015),
                0.5,
                place,
                table,
            );
        }
        if let Some(subject) = subject {
            let x = self.dice.range("subject x", -0.05, 0.05);
            let x = if stage.words.second.is_some() {
                x * 0.5
            } else {
                x
            };
            self.put(canvas, stage, subject, (x, ground), 1.0, place, table);
        }
    }

    /// Puts a subject into the scene, `part` of its usual size.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different thing, and there is one caller"
    )]
    fn put(
        &self,
        canvas: &mut Canvas,
        stage: &Stage<'_>,
        subject: Subject,
        at: Spot,
        part: f32,
        place: Place,
        table: bool,
    ) {
        use Subject as S;
        let dice = self.dice.nth(if part < 1.0 { 41 } else { 40 });
        let size = part * dice.range("subject size", 0.95, 1.06);
        let facing = if self.dice.spread("facing", 2) == 0 {
            -1.0
        } else {
            1.0
        };
        let floats = matches!(place, Place::Underwater | Place::Space);
        let (height, lift) = stature(subject, table, floats);
        let height = match subject {
            // As large as the picture allows.
            S::Person => 0.7 * part * stage.core.height().min(1.15),
            _ => height * size,
        };
        // Whoever stands, stands within the picture.
        let mut at = (at.0, at.1.min(stage.core.bottom - 0.075) - lift);
        if floats && lift == 0.0 {
            at.1 -= 0.06;
        }
        let scale = (height * facing, height);
        // Lit from the scene's side although mirrored.
        let turned = Stage {
            key: stage.key * facing,
            ..*stage
        };
        let stage = &turned;
        if subject == S::Person {
            // A portrait rises from the lower edge of the picture.
            at.1 = stage.core.bottom - 0.22 * height;
        }
        canvas.placed(at, scale, 0.0, |canvas| match subject {
            S::Cat | S::Lion | S::Dog | S::Fox | S::Rabbit | S::Bear | S::Mouse => {
                animals::animal(canvas, stage, subject, &dice, table);
            }
            S::Bird => creatures::bird(canvas, stage, &dice),
            S::Owl => creatures::owl(canvas, stage, &dice),
            S::Fish => creatures::fish(canvas, stage, &dice),
            S::Whale => creatures::whale(canvas, stage, &dice),
            S::Butterfly => creatures::butterfly(canvas, stage, &dice),
            S::Tree => plants::tree(canvas, stage, &dice),
            S::Flower => plants::flowers(canvas, stage, &dice, table),
            S::Mushroom => plants::mushrooms(canvas, stage, &dice),
            S::Fruit => tableware::fruit(canvas, stage, &dice),
            S::Cup => tableware::cup(canvas, stage, &dice),
            S::Book => tableware::books(canvas, stage, &dice),
            S::House => buildings::house(canvas, stage, &dice),
            S::Castle => buildings::castle(canvas, stage, &dice),
            S::Lighthouse => buildings::lighthouse(canvas, stage, &dice),
            S::Boat => vehicles::boat(canvas, stage, &dice),
            S::Balloon => vehicles::balloon(canvas, stage, &dice),
            S::Car => vehicles::car(canvas, stage, &dice),
            S::Bicycle => vehicles::bicycle(canvas, stage, &dice),
            S::Rocket => vehicles::rocket(canvas, stage, &dice),
            S::Planet => heavens::planet(canvas, stage, (0.0, 0.0), 1.0, &dice),
            S::Robot => people::robot(canvas, stage, &dice),
            S::Person => people::portrait(canvas, stage, &dice),
        });
    }
}

/// How high a subject is, and how far its middle is above the ground (for what does not stand on it).
#[expect(clippy::match_same_arms, reason = "a table, subject by subject")]
fn stature(subject: Subject, table: bool, floats: bool) -> (f32, f32) {
    use Subject as S;
    match subject {
        S::Cat | S::Lion | S::Dog | S::Fox | S::Rabbit | S::Bear | S::Mouse if table => (0.6, 0.0),
        S::Cat | S::Lion | S::Dog | S::Fox | S::Bear => (0.66, 0.0),
        S::Rabbit | S::Mouse => (0.58, 0.0),
        S::Owl => (0.6, 0.0),
        S::Bird => (0.62, if table { 0.0 } else { 0.16 }),
        S::Fish => (0.62, if floats { 0.3 } else { 0.2 }),
        S::Whale => (0.66, 0.34),
        S::Butterfly => (0.62, 0.38),
        S::Tree => (0.78, 0.0),
        S::Flower => (if table { 0.56 } else { 0.66 }, 0.0),
        S::Mushroom => (0.6, 0.0),
        S::Fruit => (0.48, 0.0),
        S::Cup => (0.42, 0.0),
        S::Book => (0.56, 0.0),
        S::House => (0.52, 0.0),
        S::Castle => (0.56, 0.0),
        S::Lighthouse => (0.6, 0.0),
        S::Boat => (0.54, 0.0),
        S::Balloon => (0.52, 0.5),
        S::Car => (0.46, 0.0),
        S::Bicycle => (0.5, 0.0),
        S::Rocket => (0.52, 0.34),
        S::Planet => (0.2, 0.32),
        S::Robot => (0.66, 0.0),
        S::Person => (0.68, 0.0),
    }
}

/// From how far a scene is seen.
struct Camera {
    zoom: f32,
    focus: Spot,
}

impl Camera {
    fn see(&self, frame: Frame) -> Frame {
        Frame {
            left: frame.left / self.zoom + self.focus.0,
            top: frame.top / self.zoom + self.focus.1,
            right: frame.right / self.zoom + self.focus.0,
            bottom: frame.bottom / self.zoom + self.focus.1,
        }
    }
}

/// Soft patches of light beyond what earlier pictures showed, and birds in the open: each continuation has its own.
fn ambience(canvas: &mut Canvas, stage: &Stage<'_>, outdoors: bool) {
    const SPACING: f32 = 0.36;
    if stage.rings.is_empty() {
        return;
    }
    for (at, dice) in stage.over("ambience", SPACING, stage.frame.top, stage.frame.bottom) {
        // It belongs to the outermost ring that it is well outside of, as its chances do, and does not reach into the
        // picture within, where its edge would show.
        let apart = stage
            .rings
            .iter()
            .rev()
            .map(|ring| ring.inner.distance(at))
            .find(|apart| *apart > SPACING * 0.7);
        let Some(apart) = apart else { continue };
        let radius = (apart * 0.9).min(dice.range("radius", 0.15, 0.5));
        let light = if dice.chance("light", 0.7) {
            stage.palette.sun
        } else {
            stage.palette.sky[0]
        };
        let colour = light.mix(stage.palette.accent, dice.range("tint", 0.0, 0.25));
        let ink = glow(at, radius, colour, dice.range("strength", 0.06, 0.26));
        canvas.fill(&Shape::circle(at, radius), ink);
        if outdoors && at.1 < -0.05 && apart > 0.1 && dice.chance("birds", 0.35) {
            for index in 0..5 {
                let dice = dice.nth(index);
                let (x, y) = (
                    at.0 + dice.range("bird x", -0.06, 0.06),
                    at.1 + dice.range("bird y", -0.03, 0.03),
                );
                let wing = dice.range("wing", 0.008, 0.016);
                let bird = Shape::curve(&[
                    (x - wing, y - wing * 0.5),
                    (x - wing * 0.4, y - wing * 0.55),
                    (x, y),
                ])
                .and(&Shape::curve(&[
                    (x, y),
                    (x + wing * 0.4, y - wing * 0.6),
                    (x + wing, y - wing * 0.45),
                ]));
                canvas.line(&bird, sheer(stage.palette.far.darker(0.5), 0.8), 0.003);
            }
        }
    }
}

/// Snow and rain before everything.
fn weather(canvas: &mut Canvas, stage: &Stage<'_>) {
    let frame = stage.frame;
    if stage.words.snow {
        for ((x, y), dice) in stage.over("flake", 0.05, frame.top, frame.bottom) {
            let size = 0.002 + 0.007 * dice.unit("size") * dice.unit("size");
            canvas.fill(
                &Shape::circle((x, y), size),
                sheer(WHITE, dice.range("light", 0.5, 0.95)),
            );
        }
    }
    if stage.words.rain {
        for ((x, y), dice) in stage.over("drop", 0.045, frame.top, frame.bottom) {
            let length = dice.range("length", 0.03, 0.07);
            let streak = Shape::segments(&[(x, y), (x - length * 0.2, y + length)]);
            canvas.line(
                &streak,
                sheer(WHITE, dice.range("light", 0.12, 0.4)),
                0.0025,
            );
        }
    }
}

/// Small lights in the air: what a creative upscale adds to see.
fn embellish(canvas: &mut Canvas, stage: &Stage<'_>, pass: usize) {
    let frame = stage.frame;
    for ((x, y), dice) in stage.over("mote", 0.06, frame.top, frame.bottom) {
        let dice = dice.nth(pass + 900);
        if dice.chance("mote", 0.55) {
            let size = dice.range("size", 0.003, 0.011);
            let colour = if dice.chance("hue", 0.6) {
                stage.palette.sun
            } else {
                stage.palette.second.lighter(0.4)
            };
            canvas.fill(
                &Shape::circle((x, y), size * 2.6),
                glow((x, y), size * 2.6, colour, 0.5),
            );
            canvas.fill(
                &Shape::star((x, y), 4, size, size * 0.3, dice.unit("turn")),
                sheer(colour.lighter(0.4), 0.8),
            );
        }
    }
}
