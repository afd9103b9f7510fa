//! The colours of a scene: an hour's light, bent towards the colours that the prompt names.

use super::{
    colour::{Colour, rgb},
    dice::Dice,
    words::{Hour, Manner, Words},
};

/// The colours that a scene is drawn with.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) hour: Hour,
    /// The sky from its top to the horizon.
    pub(super) sky: [Colour; 3],
    /// The sun, or the moon.
    pub(super) sun: Colour,
    /// The most distant land, and the nearest.
    pub(super) far: Colour,
    pub(super) near: Colour,
    pub(super) water: Colour,
    /// The colour that the prompt names, or one of its own.
    pub(super) accent: Colour,
    pub(super) second: Colour,
    /// What falls on everything.
    pub(super) ambient: Colour,
    /// Whether the prompt named a colour.
    pub(super) named: bool,
    saturation: f32,
    pastel: bool,
}

struct Light {
    sky: [u32; 3],
    sun: u32,
    far: u32,
    near: u32,
    water: u32,
    ambient: u32,
}

fn light(hour: Hour) -> Light {
    let (sky, sun, far, near, water, ambient) = match hour {
        Hour::Day => (
            [0x3f_8fd6, 0x8c_c8ee, 0xe6_f3ee],
            0xff_f6d8,
            0x7f_a7bd,
            0x6e_a65b,
            0x2f_85b4,
            0xff_ffff,
        ),
        Hour::Morning => (
            [0x6f_a9d6, 0xf3_c9b8, 0xff_e8c8],
            0xff_f3d2,
            0xa3_a5c6,
            0x7f_a572,
            0x5f_9fb8,
            0xff_f0e4,
        ),
        Hour::Golden => (
            [0x3f_5f9e, 0xf0_a062, 0xff_de96],
            0xff_f2c4,
            0xb5_7f96,
            0x7f_7a4a,
            0x4a_6f94,
            0xff_e2c0,
        ),
        Hour::Dusk => (
            [0x20_1e4e, 0x7c_4185, 0xff_8a6e],
            0xff_c294,
            0x55_3f80,
            0x37_345e,
            0x38_3f78,
            0xdc_b8d4,
        ),
        Hour::Night => (
            [0x0a_0f2e, 0x1a_2a5c, 0x3e_5f94],
            0xf6_f2da,
            0x26_3762,
            0x1a_2a4a,
            0x17_2c58,
            0x93_a2d4,
        ),
        Hour::Mist => (
            [0xb4_c3c9, 0xd0_d8d5, 0xef_eadf],
            0xff_fdf2,
            0xa6_b6b8,
            0x7a_8f7e,
            0x8f_a6ab,
            0xf0_f0ec,
        ),
        Hour::Storm => (
            [0x2c_3644, 0x55_6472, 0xa4_aca6],
            0xe4_e8e0,
            0x4e_5c68,
            0x4d_5f4e,
            0x3a_4c5c,
            0xbc_c4cc,
        ),
    };
    Light {
        sky,
        sun,
        far,
        near,
        water,
        ambient,
    }
}

impl Palette {
    pub(super) fn of(words: &Words, dice: &Dice) -> Self {
        let hours = match (words.hour, words.manner) {
            (Some(Hour::Golden), _) => [
                Hour::Golden,
                Hour::Golden,
                Hour::Dusk,
                Hour::Golden,
                Hour::Golden,
                Hour::Dusk,
            ],
            (Some(hour), _) => [hour; 6],
            (None, Manner::Neon | Manner::Noir) => [
                Hour::Night,
                Hour::Dusk,
                Hour::Night,
                Hour::Night,
                Hour::Dusk,
                Hour::Night,
            ],
            _ if words.rain => [Hour::Storm; 6],
            _ => [
                Hour::Day,
                Hour::Golden,
                Hour::Dusk,
                Hour::Morning,
                Hour::Night,
                Hour::Mist,
            ],
        };
        let place = dice.spread("hour", 6);
        let hour = hours[place];
        let light = light(hour);
        // Four tiles of a pinned hour still differ: each turns all hues its own way.
        let pinned = hours.iter().all(|other| *other == hours[0]);
        let reach = if pinned { 0.05 } else { 0.02 };
        let shift =
            [-1.0, 0.4, 1.0, -0.3, 0.7, -0.6][place] * reach + dice.range("hue", -0.012, 0.012);
        let own_hue = (words.hash >> 20 & 0xfff) as f32 / 4096.0;
        let named = words.hues.first().copied();
        let accent = named.unwrap_or_else(|| {
            let hue = own_hue + dice.range("accent", -0.06, 0.06) + place as f32 * 0.03;
            let vivid = Colour::of_hue(hue, 0.6, 0.54);
            // Equal saturation looks loudest in green.
            let green = vivid.green > vivid.red && vivid.green > vivid.blue;
            if green { vivid.saturated(0.62) } else { vivid }
        });
        let second = words.hues.get(1).copied().unwrap_or_else(|| {
            accent
                .turned(if dice.chance("second", 0.5) {
                    0.42
                } else {
                    0.12
                })
                .lighter(0.12)
        });
        let pull = if named.is_some() { 0.42 } else { 0.1 };
        let tinted = |hex: u32, pull: f32| {
            let base = rgb(hex).turned(shift);
            // Towards the accent's hue, at the lightness of the hour.
            let level = (base.luma() - accent.luma()).clamp(-0.6, 0.6);
            let hue = if level > 0.0 {
                accent.lighter(level)
            } else {
                accent.darker(-level)
            };
            base.mix(hue, pull)
        };
        let sky = light.sky.map(|hex| tinted(hex, pull));
        let mut palette = Self {
            hour,
            sky,
            sun: rgb(light.sun),
            far: tinted(light.far, pull),
            near: tinted(light.near, pull * 0.7),
            water: tinted(light.water, pull),
            accent,
            second,
            ambient: rgb(light.ambient),
            named: named.is_some(),
            saturation: words.vividness,
            pastel: words.pastel,
        };
        for colour in palette.sky.iter_mut().chain([
            &mut palette.far,
            &mut palette.near,
            &mut palette.water,
            &mut palette.accent,
            &mut palette.second,
        ]) {
            *colour = colour.saturated(words.vividness);
            if words.pastel {
                *colour = colour.saturated(0.9).lighter(0.32);
            }
        }
        if words.manner == Manner::Neon {
            palette.sky = [
                rgb(0x0a_0820),
                rgb(0x25_1050).turned(shift * 2.0),
                palette.accent.turned(0.1).mix(rgb(0xd0_30a0), 0.6),
            ];
            palette.accent = palette.accent.saturated(1.8).mix(rgb(0x20_f0ff), 0.35);
            palette.second = rgb(0xff_3fb4).turned(shift * 3.0);
        }
        palette
    }

    /// A colour as it looks in this light.
    pub(super) fn lit(&self, colour: Colour) -> Colour {
        let lit = colour.times(self.ambient).saturated(self.saturation);
        if self.pastel { lit.lighter(0.22) } else { lit }
    }

    pub(super) fn is_dark(&self) -> bool {
        matches!(self.hour, Hour::Night | Hour::Dusk | Hour::Storm)
    }
}
