//! Composes one picture: which place, which subject, where it stands, from how far it is seen, and what falls on it.

use std::sync::Arc;

use image::RgbImage;
use resvg::tiny_skia::{
    self, FillRule, GradientStop, Paint, PathBuilder, Pixmap, Point, RadialGradient, SpreadMode,
    Transform,
};

use crate::{
    colour::Colour,
    dice::{self, Dice},
    figure::Figure,
    frame::{Frame, Sight, Spot},
    light::Light,
    mark,
    picture::Strength,
    words::{BOOK, Words},
};

/// Units of a figure to the unit of a scene.
const UNITS: f32 = 1000.0;
/// The width of a place before it is seen again, mirrored, in scene units.
const PLACE: f32 = 3.0;

/// One tile's world. It can be drawn at any size, and looked at beyond its edges.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
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

impl Scene {
    /// The scene of one tile (`slot` 0..=3) of a grid that is drawn from some words.
    pub(crate) fn new(words: Arc<Words>, seed: u64, slot: usize) -> Self {
        let dice = Dice::new(dice::mix(words.hash, seed), slot);
        Self {
            words,
            dice,
            detail: 0,
        }
    }

    pub(crate) fn drifted(&self, strength: Strength, seed: u64) -> Self {
        Self {
            dice: self.dice.drifted(strength, seed),
            ..self.clone()
        }
    }

    pub(crate) fn with_detail(&self, detail: usize) -> Self {
        Self {
            detail,
            ..self.clone()
        }
    }

    /// Draws what is seen, without the mark.
    pub(crate) fn draw(&self, size: (u32, u32), sight: &Sight) -> RgbImage {
        let mut stage = Stage::of(self, size, sight);
        stage.compose();
        stage.surroundings();
        for pass in 0..self.detail {
            stage.embellish(pass);
        }
        let mut picture = RgbImage::new(size.0, size.1);
        let pixels = stage.pixmap.data().chunks_exact(4);
        for (colours, pixel) in picture.chunks_exact_mut(3).zip(pixels) {
            colours.copy_from_slice(&pixel[..3]);
        }
        picture
    }

    /// Draws what is seen, and the mark in its corner.
    pub(crate) fn draw_marked(&self, size: (u32, u32), sight: &Sight) -> RgbImage {
        let mut picture = self.draw(size, sight);
        mark::stamp(&mut picture);
        picture
    }
}

/// A scene while it is drawn.
struct Stage<'a> {
    words: &'a Words,
    dice: &'a Dice,
    light: Light,
    sight: &'a Sight,
    pixmap: Pixmap,
    /// From what is seen to pixels.
    seen: Transform,
    /// From the scene's world, as its camera shows it, to pixels.
    world: Transform,
    /// From the scene's world to what is seen, along x and y: a factor and an addition each.
    camera: [(f32, f32); 2],
    place: Figure,
    subject: Option<Figure>,
    second: Option<Figure>,
}

/// Where a scene is: where its words say, or where what it shows belongs.
fn place(words: &Words, dice: &Dice, shown: [Option<&Figure>; 2]) -> &'static str {
    if let Some(place) = words.place {
        return place;
    }
    if words.on_table {
        return "room";
    }
    let [subject, second] = shown.map(|figure| {
        let places = figure.map_or("", |figure| figure.attribute("data-places"));
        places.split_whitespace().collect::<Vec<_>>()
    });
    let both: Vec<&str> = subject
        .iter()
        .copied()
        .filter(|place| second.contains(place))
        .collect();
    let choices = if !both.is_empty() {
        both
    } else if !subject.is_empty() {
        subject
    } else if words.hour.is_some() || words.weather.is_some() {
        vec!["meadow", "sea", "mountains", "desert"]
    } else {
        // All four tiles are of one kind, as the words are the same.
        let kinds = &BOOK.abstracts;
        return kinds[words.hash as usize % kinds.len()];
    };
    choices[dice.spread("place", choices.len())]
}

impl<'a> Stage<'a> {
    fn of(scene: &'a Scene, size: (u32, u32), sight: &'a Sight) -> Self {
        let (words, dice) = (&*scene.words, &scene.dice);
        let figure = |files: &str, name: &str| {
            let files: Vec<&str> = files.split(',').collect();
            let first = Figure::find(files[0])?;
            let modified = first.modified(&words.modifiers);
            modified.or_else(|| Figure::find(files[dice.spread(name, files.len())]))
        };
        let subject = words.subject.and_then(|files| figure(files, "pose"));
        let second = words.second.and_then(|files| figure(files, "second pose"));
        let place = place(words, dice, [subject.as_ref(), second.as_ref()]);
        let place = figure(place, "which").expect("the words file names places that there are");
        let (zoom, focus) = if place.attribute("data-camera") == "free" {
            (dice.range("zoom", 0.9, 1.25), (0.0, 0.0))
        } else {
            let near = [1.0, 1.16, 0.94, 1.08][dice.spread("camera", 4)];
            let focus = (
                dice.range("focus x", -0.05, 0.05),
                dice.range("focus y", -0.05, -0.01),
            );
            (near * dice.range("zoom", 0.97, 1.04), focus)
        };
        let flip = if dice.spread("facing", 2) == 0 {
            -1.0
        } else {
            1.0
        };
        let frame = sight.frame;
        let scale = (
            size.0 as f32 / frame.width(),
            size.1 as f32 / frame.height(),
        );
        let seen = Transform::from_row(
            scale.0,
            0.0,
            0.0,
            scale.1,
            -frame.left * scale.0,
            -frame.top * scale.1,
        );
        let camera = [(flip * zoom, -focus.0 * zoom), (zoom, -focus.1 * zoom)];
        let world = seen
            .pre_translate(camera[0].1, camera[1].1)
            .pre_scale(camera[0].0, camera[1].0);
        Self {
            words,
            dice,
            light: Light::of(words, dice),
            sight,
            pixmap: Pixmap::new(size.0.max(1), size.1.max(1))
                .expect("a picture's sides are within bounds"),
            seen,
            world,
            camera,
            place,
            subject,
            second,
        }
    }

    /// A rectangle of what is seen as it is in the scene's world.
    fn in_world(&self, frame: Frame) -> Frame {
        let back = |value: f32, (factor, addition): (f32, f32)| (value - addition) / factor;
        let [x, y] = self.camera;
        let (one, other) = (back(frame.left, x), back(frame.right, x));
        Frame {
            left: one.min(other),
            top: back(frame.top, y),
            right: one.max(other),
            bottom: back(frame.bottom, y),
        }
    }

    fn outdoors(&self) -> bool {
        self.place.attribute("data-sky") != "none"
    }

    fn compose(&mut self) {
        let core = self.in_world(self.sight.core);
        let outdoors = self.outdoors();
        if self.place.attribute("data-sky").is_empty() {
            self.whole("sky", self.dice.range("sky", -1.0, 1.0));
            let (x, y) = (
                self.dice.range("sun x", -0.3, 0.3) * core.width(),
                core.top + self.dice.range("sun y", 0.14, 0.3),
            );
            self.one("sun", (x, y), self.dice.range("sun size", 0.1, 0.17), None);
        }
        let central = self.place.attribute("data-standpoint") == "middle";
        let middle = if central {
            0.0
        } else {
            f32::midpoint(core.left, core.right)
        };
        let stop = [-0.95, 0.35, 0.9, -0.3][self.dice.spread("standpoint", 4)];
        let along = if central {
            0.0
        } else {
            stop + self.dice.range("along", -0.12, 0.12)
        };
        let place = self.place.clone();
        self.whole_of(&place, along);
        let floats = place.attribute("data-floats") == "yes";
        let mut ground = place.number("data-ground", 330.0) / UNITS;
        let small = |figure: &Option<Figure>| {
            figure
                .as_ref()
                .is_some_and(|figure| figure.attribute("data-table") == "yes")
        };
        let indoors = place.attribute("data-indoors") == "yes";
        let table =
            self.words.on_table || (indoors && (small(&self.subject) || small(&self.second)));
        if table {
            let table = Figure::find("table");
            ground = table
                .as_ref()
                .map_or(ground, |table| table.number("data-ground", 300.0) / UNITS);
            self.whole("table", 0.0);
            self.tableware(core, ground);
        }
        // Whoever stands, stands within the picture.
        ground = ground.min(core.bottom - 0.1);
        let dice = self.dice.clone();
        if let Some(second) = self.second.take() {
            let side = if dice.chance("second side", 0.5) {
                -1.0
            } else {
                1.0
            };
            let x = middle + side * (core.width() * 0.5 - 0.17).min(0.5);
            self.put(&second, (x, ground - 0.015), 0.5, core, floats);
        }
        if let Some(subject) = self.subject.take() {
            let reach = if self.words.second.is_some() {
                0.03
            } else {
                0.06
            };
            let x = middle + dice.range("subject x", -reach, reach);
            let size = dice.range("subject size", 0.95, 1.07);
            self.put(&subject, (x, ground), size, core, floats);
        }
        if let Some(weather) = self.words.weather.filter(|_| outdoors) {
            self.whole(weather, dice.range("weather", -1.0, 1.0));
        }
    }

    /// Small things to both sides of what is on the table.
    fn tableware(&mut self, core: Frame, ground: f32) {
        let dice = self.dice.clone();
        let other = |figure: &&str| {
            let shown = [self.words.subject, self.words.second];
            !shown
                .iter()
                .flatten()
                .any(|files| files.starts_with(*figure))
        };
        let choices: Vec<&str> = BOOK.tableware.iter().copied().filter(other).collect();
        if choices.is_empty() {
            return;
        }
        let first = dice.spread("tableware", choices.len());
        let reach = (core.width() * 0.5 - 0.12).min(0.55);
        for (index, side) in [-1.0_f32, 1.0].into_iter().enumerate() {
            let named = self.words.second.is_some();
            if named || !dice.nth(index).chance("tableware here", 0.8) {
                continue;
            }
            let name = choices[(first + index * 3) % choices.len()];
            let x = f32::midpoint(core.left, core.right)
                + side * (reach + dice.nth(index).range("aside", -0.07, 0.02));
            let y = ground + dice.nth(index).range("nearer", -0.03, 0.02);
            if let Some(figure) = Figure::find(name) {
                self.put(&figure, (x, y), 0.52, core, false);
            }
        }
    }

    /// Puts a figure into the scene, `part` of its usual size.
    fn put(&mut self, figure: &Figure, at: Spot, part: f32, core: Frame, floats: bool) {
        let mut height = figure.number("data-height", 0.6) * part;
        let mut lift = figure.number("data-lift", 0.0);
        if floats {
            lift = lift.max(0.06);
        }
        let mut y = at.1 - lift * part.min(1.0);
        if figure.attribute("data-stands") == "edge" {
            // A portrait rises from the lower edge of the picture, as large as the picture allows.
            height *= core.height().min(1.15);
            y = core.bottom;
        }
        self.draw(figure, (at.0, y), height, part >= 0.9);
    }

    /// Draws a figure of some height at a spot of the scene's world.
    fn draw(&mut self, figure: &Figure, at: Spot, height: f32, is_subject: bool) {
        let looks = figure.number("data-looks", 1.0) as usize;
        let look = self.dice.spread("look", looks.max(1)) + 1;
        let mut slots = self.light.slots.clone();
        if is_subject && !self.words.colours.is_empty() {
            slots.push(("main", self.light.lit(self.light.accent)));
        }
        let place = self
            .world
            .pre_translate(at.0, at.1)
            .pre_scale(height / UNITS, height / UNITS);
        self.dress(figure, place, look, &slots);
    }

    fn dress(&mut self, figure: &Figure, place: Transform, look: usize, slots: &[(&str, Colour)]) {
        let modifiers = self.words.modifiers.join(" ");
        let classes = format!("look{look} {} {modifiers}", self.light.hour.name);
        figure.draw(&mut self.pixmap, place, &self.light, &classes, slots);
    }

    fn one(&mut self, name: &str, at: Spot, height: f32, look: Option<usize>) {
        if let Some(figure) = Figure::find(name) {
            let place = self
                .world
                .pre_translate(at.0, at.1)
                .pre_scale(height / UNITS, height / UNITS);
            let slots = self.light.slots.clone();
            self.dress(&figure, place, look.unwrap_or(1), &slots);
        }
    }

    fn whole(&mut self, name: &str, along: f32) {
        if let Some(figure) = Figure::find(name) {
            self.whole_of(&figure, along);
        }
    }

    /// Draws a place over all that is seen, with what is `along` from its middle in the middle of the picture.
    fn whole_of(&mut self, place: &Figure, along: f32) {
        let seen = self.in_world(self.sight.frame);
        let looks = place.number("data-looks", 1.0) as usize;
        let look = self.dice.spread("place look", looks.max(1)) + 1;
        let slots = self.light.slots.clone();
        // What has no up and down is repeated upwards and downwards, too.
        let high = place.number("data-period", f32::INFINITY) / UNITS;
        let index = |at: f32, period: f32| (at / period + 0.5).floor() as i64;
        let mirrored = |copy: i64| if copy.rem_euclid(2) == 1 { -1.0 } else { 1.0 };
        for row in index(seen.top, high)..=index(seen.bottom, high) {
            for copy in index(seen.left + along, PLACE)..=index(seen.right + along, PLACE) {
                let y = if row == 0 { 0.0 } else { high * row as f32 };
                let to = self
                    .world
                    .pre_translate(PLACE * copy as f32 - along, y)
                    .pre_scale(mirrored(copy) / UNITS, mirrored(row) / UNITS);
                self.dress(place, to, look, &slots);
            }
        }
    }

    /// Soft patches of light beyond what earlier pictures showed: each continuation has its own.
    fn surroundings(&mut self) {
        const SPACING: f32 = 0.36;
        let frame = self.sight.frame;
        let Some(outermost) = self.sight.rings.last() else {
            return;
        };
        let cells =
            |from: f32, to: f32| (from / SPACING).floor() as i64..=(to / SPACING).ceil() as i64;
        for row in cells(frame.top, frame.bottom) {
            for column in cells(frame.left, frame.right) {
                let middle = (column as f32 * SPACING, row as f32 * SPACING);
                // A patch belongs to the outermost ring that it is well outside of, as its chances do, and does not reach
                // into the picture within, where its edge would show.
                let ring = self
                    .sight
                    .rings
                    .iter()
                    .rev()
                    .find(|ring| ring.inner.distance(middle) > SPACING * 0.5);
                let Some(ring) = ring else { continue };
                let seed = dice::mix(ring.seed, dice::mix(column as u64, row as u64));
                let dice = Dice::new(seed, 0);
                let at = (
                    middle.0 + dice.range("across", -0.4, 0.4) * SPACING,
                    middle.1 + dice.range("down", -0.4, 0.4) * SPACING,
                );
                let apart = ring.inner.distance(at);
                let radius = (apart * 0.95).min(dice.range("radius", 0.15, 0.5));
                let colour = self
                    .light
                    .sun
                    .mix(self.light.accent, dice.range("tint", 0.0, 0.35));
                let dark = dice.chance("dark", 0.35);
                let colour = if dark {
                    Colour([0.05, 0.04, 0.12])
                } else {
                    colour
                };
                let strength = dice.range("strength", 0.06, if dark { 0.2 } else { 0.3 });
                self.glow(at, radius, colour, strength);
            }
        }
        let inner = outermost.inner;
        let dice = Dice::new(outermost.seed, 0);
        for index in 0..3 {
            let dice = dice.nth(index);
            let at = (
                dice.range("bird x", frame.left, frame.right),
                dice.range("bird y", frame.top, frame.bottom.min(0.1)),
            );
            if self.outdoors() && inner.distance(at) > 0.06 {
                let back = self.in_world(Frame {
                    left: at.0,
                    top: at.1,
                    right: at.0,
                    bottom: at.1,
                });
                self.one(
                    "gull",
                    (back.left, back.top),
                    dice.range("bird size", 0.03, 0.05),
                    None,
                );
            }
        }
    }

    /// Points of light all over: what a creative enlargement adds.
    fn embellish(&mut self, pass: usize) {
        let frame = self.sight.frame;
        for index in 0..170 {
            let dice = self.dice.nth(9_000 + 1_000 * pass + index);
            let at = (
                dice.range("x", frame.left, frame.right),
                dice.range("y", frame.top, frame.bottom),
            );
            let radius = dice.range("radius", 0.008, 0.05);
            let colour = self
                .light
                .sun
                .mix(self.light.accent, dice.range("tint", 0.0, 0.6));
            self.glow(at, radius, colour, dice.range("strength", 0.25, 0.7));
        }
    }

    /// A glow that fades to nothing at the radius, at a spot of what is seen.
    fn glow(&mut self, (x, y): Spot, radius: f32, colour: Colour, strength: f32) {
        let [red, green, blue] = colour.0;
        let stop = |at: f32, opacity: f32| {
            let colour = tiny_skia::Color::from_rgba(red, green, blue, opacity);
            GradientStop::new(at, colour.unwrap_or(tiny_skia::Color::TRANSPARENT))
        };
        let stops = vec![
            stop(0.0, strength),
            stop(0.35, strength * 0.45),
            stop(1.0, 0.0),
        ];
        let centre = Point::from_xy(x, y);
        let shader = RadialGradient::new(
            centre,
            0.0,
            centre,
            radius,
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        let (Some(shader), Some(circle)) = (shader, PathBuilder::from_circle(x, y, radius)) else {
            return;
        };
        let paint = Paint {
            shader,
            ..Paint::default()
        };
        self.pixmap
            .fill_path(&circle, &paint, FillRule::Winding, self.seen, None);
    }
}
