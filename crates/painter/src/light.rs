//! The light of a scene: an hour's colours, bent towards the colours that the prompt names, and what they do to a figure.

use crate::{
    colour::{Colour, WHITE},
    dice::Dice,
    words::{BOOK, FREE_HOURS, Hour, Words},
};

/// The light that a scene is drawn in.
#[derive(Debug)]
pub(crate) struct Light {
    pub(crate) hour: &'static Hour,
    /// The colours of classes in places, by name.
    pub(crate) slots: Vec<(&'static str, Colour)>,
    pub(crate) accent: Colour,
    pub(crate) sun: Colour,
    ambient: Colour,
    tone: (f32, f32),
}

impl Light {
    pub(crate) fn of(words: &Words, dice: &Dice) -> Self {
        let free = dice.spread("hour", FREE_HOURS);
        let hour = &BOOK.hours[words.hour.unwrap_or(free)];
        let palette = &BOOK.palettes[words.hash as usize % BOOK.palettes.len()];
        let own = palette[(free + dice.pick("accent", 2)) % palette.len()];
        let accent = words.colours.first().copied().unwrap_or(own);
        // What stands in the picture wears the colour that is named; where nothing does, the place has more of it.
        let pull = match (words.colours.is_empty(), words.subject) {
            (true, _) => 0.06,
            (false, Some(_)) => 0.16,
            (false, None) => 0.42,
        };
        // Four tiles of a named hour still differ: each turns all hues its own way.
        let reach = if words.hour.is_some() { 0.34 } else { 0.14 };
        let turn = [-1.0, 0.4, 1.0, -0.3, 0.7, -0.6][free] * reach + dice.range("hue", -0.08, 0.08);
        let level = dice.range("level", -0.05, 0.05);
        let tinted = |colour: Colour| {
            let colour = colour.turned(turn);
            // Towards the accent's hue, at the lightness of the hour.
            let shift = colour.luma() - accent.luma();
            let hue = Colour(accent.0.map(|part| (part + shift).clamp(0.0, 1.0)));
            let mixed = colour.mix(hue, pull);
            Colour(mixed.0.map(|part| (part * (1.0 + level)).clamp(0.0, 1.0)))
        };
        let toned = |colour: Colour| {
            let (vivid, pale) = words.tone;
            colour.saturated(vivid).mix(WHITE, pale)
        };
        let [top, sky, horizon, sun, far, near, water, ambient] = hour.colours;
        let lamp = if ambient.luma() < 0.8 {
            "ffd98c"
        } else {
            "c4d8e2"
        };
        let mut slots: Vec<(&'static str, Colour)> = vec![
            ("sky-top", tinted(top)),
            ("sky", tinted(sky)),
            ("horizon", tinted(horizon)),
            ("sun", sun),
            ("far", tinted(far)),
            ("middle", tinted(far.mix(near, 0.5))),
            ("near", tinted(near)),
            ("water", tinted(water)),
            ("accent", accent),
            ("lamp", Colour::from_hex(lamp).unwrap_or(WHITE)),
        ];
        // Abstract pictures take a palette whole, each tile from another colour on.
        for (index, name) in ["one", "two", "three", "four", "five"]
            .into_iter()
            .enumerate()
        {
            let colour = palette[(index + free) % palette.len()].turned(turn);
            slots.push((name, colour.mix(accent, pull)));
        }
        for (_, colour) in &mut slots {
            *colour = toned(*colour);
        }
        Self {
            hour,
            slots,
            accent: toned(accent),
            sun: toned(sun),
            ambient,
            tone: words.tone,
        }
    }

    /// A colour as it looks in this light.
    pub(crate) fn lit(&self, colour: Colour) -> Colour {
        let (vivid, pale) = self.tone;
        colour.times(self.ambient).saturated(vivid).mix(WHITE, pale)
    }
}
