//! The figures in `assets/`: finding one, dressing it for a picture, drawing it.

use std::fmt::Write;

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg,
};

use crate::{colour::Colour, light::Light};

/// An SVG file. Its origin is where it stands; a thousand of its units are its height, or the unit of a scene for a place.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    name: &'static str,
    text: &'static str,
}

static FIGURES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/figures.rs"));

impl Figure {
    pub(crate) fn find(name: &str) -> Option<Self> {
        let index = FIGURES.binary_search_by(|(other, _)| (*other).cmp(name));
        index.ok().map(|index| Self {
            name: FIGURES[index].0,
            text: FIGURES[index].1,
        })
    }

    /// The file of this figure for one of a prompt's modifiers (`cat-sleeping`), if there is one.
    pub(crate) fn modified(&self, modifiers: &[&str]) -> Option<Self> {
        modifiers
            .iter()
            .find_map(|modifier| Self::find(&format!("{}-{modifier}", self.name)))
    }

    /// An attribute of the file's root element; empty if there is none.
    pub(crate) fn attribute(&self, name: &str) -> &'static str {
        let root = self.text.split('>').next().unwrap_or_default();
        let value = root.split_once(&format!(" {name}=\"")).map(|found| found.1);
        value
            .and_then(|value| value.split('"').next())
            .unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str, otherwise: f32) -> f32 {
        self.attribute(name).parse().unwrap_or(otherwise)
    }

    /// Draws the figure with its origin and its units where `place` puts them.
    ///
    /// `classes` are given to its root element, so that its own style sheet can answer them; `slots` are colours for its
    /// classes, which stay as they are whatever the light.
    pub(crate) fn draw(
        &self,
        pixmap: &mut Pixmap,
        place: Transform,
        light: &Light,
        classes: &str,
        slots: &[(&str, Colour)],
    ) {
        self.render(pixmap, place, &self.dressed(light, classes, slots));
    }

    /// Draws the figure as its file has it.
    pub(crate) fn draw_plain(&self, pixmap: &mut Pixmap, place: Transform) {
        self.render(pixmap, place, self.text);
    }

    fn render(&self, pixmap: &mut Pixmap, place: Transform, text: &str) {
        let tree = usvg::Tree::from_str(text, &usvg::Options::default());
        debug_assert!(tree.is_ok(), "{} is no sound SVG: {tree:?}", self.name);
        let Ok(tree) = tree else { return };
        let mut corner = self
            .attribute("viewBox")
            .split(' ')
            .filter_map(|number| number.parse().ok());
        let (x, y) = (corner.next().unwrap_or(0.0), corner.next().unwrap_or(0.0));
        resvg::render(&tree, place.pre_translate(x, y), &mut pixmap.as_mut());
    }

    /// The file's text with all of its colours as they look in the light, and a style sheet for the slots at its end.
    fn dressed(&self, light: &Light, classes: &str, slots: &[(&str, Colour)]) -> String {
        let body = self
            .text
            .replacen("<svg ", &format!("<svg class=\"all {classes}\" "), 1);
        let mut text = String::with_capacity(body.len() + 4096);
        let mut parts = body.split('#');
        let mut before = parts.next().unwrap_or_default();
        text.push_str(before);
        for part in parts {
            // `url(#…)` is no colour.
            let colour = part
                .get(..6)
                .filter(|_| !before.ends_with('('))
                .and_then(Colour::from_hex);
            if let Some(colour) = colour {
                text.push_str(&light.lit(colour).to_hex());
                text.push_str(&part[6..]);
            } else {
                text.push('#');
                text.push_str(part);
            }
            before = part;
        }
        let end = text.rfind("</svg>").unwrap_or(text.len());
        text.truncate(end);
        text.push_str("<style>");
        for (name, colour) in slots {
            for (suffix, colour) in colour.shades() {
                let class = format!("{name}{suffix}");
                if self.text.contains(&class) {
                    let hex = colour.to_hex();
                    // Writing to a string does not fail. `.all` outdoes the rules for the looks of the file.
                    let _ = write!(
                        text,
                        ".all .{class}{{fill:{hex};stop-color:{hex}}}.all .{class}-line{{stroke:{hex}}}"
                    );
                }
            }
        }
        text.push_str("</style></svg>");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_sound_svg_that_says_what_it_is() {
        for (name, text) in FIGURES {
            let tree = usvg::Tree::from_str(text, &usvg::Options::default());
            assert!(tree.is_ok(), "{name}: {tree:?}");
            assert!(text.contains("<title>"), "{name} has no title");
            assert!(text.contains(" viewBox=\""), "{name} has no viewBox");
            for id in text.split("href=\"#").skip(1) {
                let id = id.split('"').next().unwrap_or_default();
                assert!(
                    Colour::from_hex(id).is_none(),
                    "{name}: the id {id} reads as a colour"
                );
            }
        }
    }
}
