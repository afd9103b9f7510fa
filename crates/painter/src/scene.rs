//! Composes one picture: which place, which subject, where it stands, from how far it is seen, and what falls on it.

use std::sync::Arc;

use image::RgbImage;
use resvg::tiny_skia::{
    Color, FillRule, GradientStop, Paint, PathBuilder, Pixmap, Point, RadialGradient, SpreadMode,
    Transform,
};

use crate::{
    colour::{Colour, SHADE},
    dice::{Dice, mix},
    figure::Figure,
    frame::{Frame, Ring, Sight, Spot},
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
        let dice = Dice::new(mix(words.hash, seed), slot);
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
        let drawn = Stage::draw(self, size, sight);
        let mut picture = RgbImage::new(size.0, size.1);
        for (colours, pixel) in picture
            .chunks_exact_mut(3)
            .zip(drawn.data().chunks_exact(4))
        {
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
    /// What the picture was composed for and what is seen of it, as they are in the world.
    core: Frame,
    view: Frame,
    place: Figure,
}

/// One of a list of files that are separated by commas, or the first one's for a modifier of the prompt.
fn figure(words: &Words, dice: &Dice, files: &str, name: &str) -> Option<Figure> {
    let files: Vec<&str> = files.split(',').collect();
    let modified = Figure::find(files[0])?.modified(&words.modifiers);
    modified.or_else(|| Figure::find(files[dice.spread(name, files.len())]))
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
    let mut choices = subject.clone();
    choices.retain(|place| second.contains(place));
    if choices.is_empty() {
        choices = subject;
    }
    if choices.is_empty() && words.hour.is_none() && words.weather.is_none() {
        // All four tiles are of one kind, as the words are the same.
        return BOOK.abstracts[words.hash as usize % BOOK.abstracts.len()];
    }
    if choices.is_empty() {
        choices = vec!["meadow", "sea", "mountains", "desert"];
    }
    choices[dice.spread("place", choices.len())]
}

impl<'a> Stage<'a> {
    fn draw(scene: &'a Scene, size: (u32, u32), sight: &'a Sight) -> Pixmap {
        let (words, dice) = (&*scene.words, &scene.dice);
        let subject = words
            .subject
            .and_then(|files| figure(words, dice, files, "pose"));
        let second = words
            .second
            .and_then(|files| figure(words, dice, files, "second"));
        let place = place(words, dice, [subject.as_ref(), second.as_ref()]);
        let place = figure(words, dice, place, "which").expect("the words file names true places");
        let (mut zoom, mut focus) = (dice.range("zoom", 0.97, 1.04), (0.0, 0.0));
        if place.attribute("data-camera") == "free" {
            zoom *= 1.0 + dice.range("nearer", -0.1, 0.2);
        } else {
            zoom *= [1.0, 1.16, 0.94, 1.08][dice.spread("camera", 4)];
            focus = (
                dice.range("focus x", -0.05, 0.05),
                dice.range("focus y", -0.05, -0.01),
            );
        }
        let facing = dice.sign("facing");
        let frame = sight.frame;
        let (across, down) = (
            size.0 as f32 / frame.width(),
            size.1 as f32 / frame.height(),
        );
        let seen = Transform::from_scale(across, down).pre_translate(-frame.left, -frame.top);
        let world = seen
            .pre_scale(zoom * facing, zoom)
            .pre_translate(-focus.0, -focus.1);
        let in_world = |frame: Frame| {
            let x = f32::midpoint(frame.left, frame.right) * facing / zoom + focus.0;
            let y = f32::midpoint(frame.top, frame.bottom) / zoom + focus.1;
            Frame::around((x, y), frame.width() / zoom, frame.height() / zoom)
        };
        let mut stage = Self {
            words,
            dice,
            light: Light::of(words, dice),
            sight,
            pixmap: Pixmap::new(size.0.max(1), size.1.max(1)).expect("a picture's sides are sound"),
            seen,
            world,
            core: in_world(sight.core),
            view: in_world(frame),
            place,
        };
        stage.compose(subject.as_ref(), second.as_ref());
        stage.surroundings();
        for pass in 0..scene.detail {
            stage.embellish(pass);
        }
        stage.pixmap
    }

    fn compose(&mut self, subject: Option<&Figure>, second: Option<&Figure>) {
        let (dice, core, place) = (self.dice, self.core, self.place.clone());
        let place_has = |name: &str, value: &str| place.attribute(name) == value;
        if place_has("data-sky", "") {
            self.whole("sky", dice.range("sky", -1.0, 1.0));
            let x = dice.range("sun x", -0.3, 0.3) * core.width();
            let y = core.top + dice.range("sun y", 0.14, 0.3);
            self.named("sun", (x, y), dice.range("sun size", 0.1, 0.17));
        }
        let stop = [-0.95, 0.35, 0.9, -0.3][dice.spread("standpoint", 4)];
        let along = stop + dice.range("along", -0.12, 0.12);
        let central = place_has("data-standpoint", "middle");
        self.whole_of(&place, if central { 0.0 } else { along });
        let mut ground = place.number("data-ground", 330.0) / UNITS;
        let small = |figure: Option<&Figure>| {
            figure.is_some_and(|figure| figure.attribute("data-table") == "yes")
        };
        let indoors = place_has("data-indoors", "yes");
        if self.words.on_table || indoors && (small(subject) || small(second)) {
            let table = Figure::find("table");
            ground = table.map_or(ground, |table| table.number("data-ground", 318.0) / UNITS);
            self.whole("table", 0.0);
            self.tableware(ground);
        }
        // What stands, stands within the picture.
        ground = ground.min(core.bottom - 0.1);
        if let Some(second) = second {
            let x = dice.sign("second side") * (core.width() * 0.5 - 0.17).min(0.5);
            self.put(second, (x, ground - 0.015), 0.5);
        }
        if let Some(subject) = subject {
            let x = dice.range("subject x", -0.06, 0.06);
            self.put(subject, (x, ground), dice.range("subject size", 0.95, 1.07));
        }
        if let Some(weather) = self
            .words
            .weather
            .filter(|_| !place_has("data-sky", "none"))
        {
            self.whole(weather, dice.range("weather", -1.0, 1.0));
        }
    }

    /// Small things to both sides of what is on the table.
    fn tableware(&mut self, ground: f32) {
        let subject = self.words.subject.unwrap_or_default();
        let mut choices = BOOK.tableware.clone();
        choices.retain(|name| !subject.starts_with(name));
        let first = self.dice.spread("tableware", choices.len());
        let reach = (self.core.width() * 0.5 - 0.12).min(0.55);
        for (index, side) in [-1.0_f32, 1.0].into_iter().enumerate() {
            let dice = self.dice.nth(index);
            let figure = Figure::find(choices[(first + index * 3) % choices.len()]);
            let here = self.words.second.is_none() && dice.chance("tableware here", 0.8);
            if let Some(figure) = figure.filter(|_| here) {
                let x = side * (reach + dice.range("aside", -0.07, 0.02));
                self.put(
                    &figure,
                    (x, ground + dice.range("nearer", -0.03, 0.02)),
                    0.52,
                );
            }
        }
    }

    /// Puts a figure into the scene, `part` of its usual size: the subject is nearly of that size, all else is smaller.
    fn put(&mut self, figure: &Figure, (x, ground): Spot, part: f32) {
        let mut height = figure.number("data-height", 0.6) * part;
        let floats = self.place.attribute("data-floats") == "yes";
        let lift = figure
            .number("data-lift", 0.0)
            .max(if floats { 0.06 } else { 0.0 });
        let mut y = ground - lift * part.min(1.0);
        if figure.attribute("data-stands") == "edge" {
            // A portrait rises from the lower edge of the picture, as large as the picture allows.
            height *= self.core.height().min(1.15);
            y = self.core.bottom - 0.2 * height;
        }
        let mut slots = self.light.slots.clone();
        if part >= 0.9 && !self.words.colours.is_empty() {
            slots.push(("main", self.light.lit(self.light.accent)));
        }
        let place = self
            .world
            .pre_translate(x, y)
            .pre_scale(height / UNITS, height / UNITS);
        self.dress(figure, place, &slots);
    }

    fn dress(&mut self, figure: &Figure, place: Transform, slots: &[(&str, Colour)]) {
        let looks = figure.number("data-looks", 1.0) as usize;
        let look = self.dice.spread("look", looks.max(1)) + 1;
        let modifiers = self.words.modifiers.join(" ");
        let classes = format!("look{look} {} {modifiers}", self.light.hour.name);
        figure.draw(&mut self.pixmap, place, &self.light, &classes, slots);
    }

    fn named(&mut self, name: &str, (x, y): Spot, height: f32) {
        if let Some(figure) = Figure::find(name) {
            let place = self
                .world
                .pre_translate(x, y)
                .pre_scale(height / UNITS, height / UNITS);
            let slots = self.light.slots.clone();
            self.dress(&figure, place, &slots);
        }
    }

    fn whole(&mut self, name: &str, along: f32) {
        if let Some(figure) = Figure::find(name) {
            self.whole_of(&figure, along);
        }
    }

    /// Draws a place over all that is seen, with what is `along` from its middle in the middle of the picture.
    fn whole_of(&mut self, place: &Figure, along: f32) {
        let (view, slots) = (self.view, self.light.slots.clone());
        // What has no up and down is repeated upwards and downwards, too.
        let high = place.number("data-period", 1e9) / UNITS;
        let copies = |from: f32, to: f32, period: f32| {
            let index = |at: f32| (at / period + 0.5).floor() as i64;
            let mirrored = |copy: i64| if copy.rem_euclid(2) == 1 { -1.0 } else { 1.0 };
            (index(from)..=index(to))
                .map(move |copy| (period * copy as f32, mirrored(copy) / UNITS))
        };
        for (y, down) in copies(view.top, view.bottom, high) {
            for (x, across) in copies(view.left + along, view.right + along, PLACE) {
                let to = self
                    .world
                    .pre_translate(x - along, y)
                    .pre_scale(across, down);
                self.dress(place, to, &slots);
            }
        }
    }

    /// Soft patches of light and shade beyond what earlier pictures showed: each continuation has its own.
    fn surroundings(&mut self) {
        const SPACING: f32 = 0.36;
        let (frame, sight) = (self.sight.frame, self.sight);
        let cells =
            |from: f32, to: f32| (from / SPACING).floor() as i64..=(to / SPACING).ceil() as i64;
        let rows = cells(frame.top, frame.bottom);
        let all = rows.flat_map(|row| cells(frame.left, frame.right).map(move |at| (at, row)));
        for (column, row) in all.filter(|_| !sight.rings.is_empty()) {
            let middle = (column as f32 * SPACING, row as f32 * SPACING);
            // A patch belongs to the outermost ring that it is well outside of, as its chances do, and does not reach into
            // the picture within, where its edge would show.
            let outside = |ring: &&Ring| ring.inner.distance(middle) > SPACING * 0.5;
            let Some(ring) = sight.rings.iter().rev().find(outside) else {
                continue;
            };
            let dice = Dice::new(mix(ring.seed, mix(column as u64, row as u64)), 0);
            let shift = |name: &str| dice.range(name, -0.4, 0.4) * SPACING;
            let at = (middle.0 + shift("across"), middle.1 + shift("down"));
            let radius = ring.inner.distance(at) * 0.95;
            let radius = radius.min(dice.range("radius", 0.15, 0.5));
            let tint = dice.range("tint", 0.0, 0.35);
            if dice.chance("dark", 0.35) {
                self.glow(at, radius, SHADE, dice.range("strength", 0.06, 0.2));
            } else {
                let colour = self.light.sun.mix(self.light.accent, tint);
                self.glow(at, radius, colour, dice.range("strength", 0.06, 0.3));
            }
        }
    }

    /// Points of light all over: what a creative enlargement adds.
    fn embellish(&mut self, pass: usize) {
        let frame = self.sight.frame;
        for index in 0..170 {
            let dice = self.dice.nth(9_000 + 1_000 * pass + index);
            let x = dice.range("x", frame.left, frame.right);
            let y = dice.range("y", frame.top, frame.bottom);
            let tint = dice.range("tint", 0.0, 0.6);
            let colour = self.light.sun.mix(self.light.accent, tint);
            let radius = dice.range("radius", 0.008, 0.05);
            self.glow((x, y), radius, colour, dice.range("strength", 0.25, 0.7));
        }
    }

    /// A glow that fades to nothing at the radius, at a spot of what is seen.
    fn glow(&mut self, (x, y): Spot, radius: f32, colour: Colour, strength: f32) {
        let [red, green, blue] = colour.0;
        let stop = |at: f32, part: f32| {
            let colour = Color::from_rgba(red, green, blue, strength * part);
            GradientStop::new(at, colour.unwrap_or(Color::TRANSPARENT))
        };
        let stops = vec![stop(0.0, 1.0), stop(0.35, 0.45), stop(1.0, 0.0)];
        let (centre, still) = (Point::from_xy(x, y), Transform::identity());
        let shader =
            RadialGradient::new(centre, 0.0, centre, radius, stops, SpreadMode::Pad, still);
        let circle = PathBuilder::from_circle(x, y, radius);
        if let (Some(shader), Some(circle)) = (shader, circle) {
            let paint = Paint {
                shader,
                ..Paint::default()
            };
            self.pixmap
                .fill_path(&circle, &paint, FillRule::Winding, self.seen, None);
        }
    }
}
