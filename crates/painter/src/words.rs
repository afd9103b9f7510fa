//! Reads a prompt with the words file: which figures, place, hour and colours its words name. Unknown words count through a
//! hash.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    colour::Colour,
    dice::{hash, mix},
};

/// So many of the file's hours are chosen from where no word names one.
pub(crate) const FREE_HOURS: usize = 6;
/// No word of the file that is written without spaces between words is longer, in letters.
const LONGEST_UNSPACED: usize = 5;

/// An hour or a weather: it sets the light.
#[derive(Debug)]
pub(crate) struct Hour {
    pub(crate) name: &'static str,
    /// Three of the sky from its top, the sun, the far land and the near, water, and the light that falls on everything.
    pub(crate) colours: [Colour; 8],
}

/// A kind of meaning and its value, as the file has them.
type Meaning = (&'static str, &'static str);

/// The words file, read.
#[derive(Debug, Default)]
pub(crate) struct Book {
    meanings: HashMap<&'static str, Vec<Meaning>>,
    pub(crate) hours: Vec<Hour>,
    /// Colours that go together, for pictures whose words name none.
    pub(crate) palettes: Vec<Vec<Colour>>,
    /// Places that are nowhere, for pictures whose words say nothing.
    pub(crate) abstracts: Vec<&'static str>,
    /// Figures that stand on a table beside the subject.
    pub(crate) tableware: Vec<&'static str>,
}

pub(crate) static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book::default();
    for line in include_str!("../assets/words.txt").lines() {
        let known = book.read(line);
        debug_assert!(known.is_some(), "the words file has no such line: {line}");
    }
    book
});

fn colour(value: &str) -> Option<Colour> {
    Colour::from_hex(value.strip_prefix('#')?)
}

fn tone(value: &str) -> Option<(f32, f32)> {
    let (vivid, pale) = value.split_once(' ')?;
    Some((vivid.parse().ok()?, pale.parse().ok()?))
}

impl Book {
    /// Takes one line in; nothing for one that has no meaning.
    fn read(&mut self, line: &'static str) -> Option<()> {
        if line.is_empty() || line.starts_with('#') {
            return Some(());
        }
        let (meaning, words) = line.split_once('=')?;
        let (kind, value) = meaning
            .trim()
            .split_once(' ')
            .unwrap_or((meaning.trim(), ""));
        let mut value = value.trim();
        let colours = || {
            value
                .split(' ')
                .filter(|part| part.starts_with('#'))
                .map(colour)
        };
        match kind {
            "palette" => {
                self.palettes.push(colours().collect::<Option<_>>()?);
                return Some(());
            }
            "abstract" | "tableware" => {
                let list = if kind == "abstract" {
                    &mut self.abstracts
                } else {
                    &mut self.tableware
                };
                list.extend(words.split_whitespace());
                return Some(());
            }
            "hour" => {
                let colours: Vec<Colour> = colours().collect::<Option<_>>()?;
                value = value.split(' ').next()?;
                let colours = colours.try_into().ok()?;
                self.hours.push(Hour {
                    name: value,
                    colours,
                });
            }
            "colour" => colour(value).map(|_| ())?,
            "tone" => tone(value).map(|_| ())?,
            "creature" | "thing" | "portrait" | "place" | "weather" | "table" | "modifier" => {}
            _ => return None,
        }
        for word in words.split_whitespace() {
            self.meanings.entry(word).or_default().push((kind, value));
        }
        Some(())
    }

    fn meanings(&self, word: &str) -> &[Meaning] {
        let known = |word: &str| self.meanings.get(word).map(Vec::as_slice);
        let found = known(word).or_else(|| {
            let singular = word
                .strip_suffix("ies")
                .and_then(|stem| known(&format!("{stem}y")));
            singular.or_else(|| {
                // Plurals and cases of the languages that the file knows.
                ["s", "es", "x", "n", "en", "e", "er"]
                    .iter()
                    .find_map(|end| {
                        known(
                            word.strip_suffix(end)
                                .filter(|stem| stem.chars().count() > 2)?,
                        )
                    })
            })
        });
        found.unwrap_or_default()
    }

    /// The parts of a word that mean something, in writing that puts no space between words.
    fn within<'a>(&self, word: &'a str) -> Vec<&'a str> {
        let (mut found, mut rest) = (Vec::new(), word);
        while let Some(first) = rest.chars().next() {
            let ends = rest
                .char_indices()
                .map(|(at, letter)| at + letter.len_utf8());
            let mut ends: Vec<usize> = ends.take(LONGEST_UNSPACED).collect();
            ends.reverse();
            let known = ends
                .into_iter()
                .find(|end| self.meanings.contains_key(&rest[..*end]));
            found.extend(known.map(|end| &rest[..end]));
            rest = &rest[known.unwrap_or(first.len_utf8())..];
        }
        found
    }
}

/// What a prompt says.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// The files that show the subject, the first of which is its name.
    pub(crate) subject: Option<&'static str>,
    pub(crate) second: Option<&'static str>,
    pub(crate) place: Option<&'static str>,
    pub(crate) hour: Option<usize>,
    pub(crate) colours: Vec<Colour>,
    /// How far the colours are from grey (1 is as designed), and how pale they are (0 is as designed).
    pub(crate) tone: (f32, f32),
    pub(crate) weather: Option<&'static str>,
    pub(crate) on_table: bool,
    /// Classes that figures may heed, or have a file for.
    pub(crate) modifiers: Vec<&'static str>,
    /// Of all words that are drawn, the unknown ones too.
    pub(crate) hash: u64,
}

impl Words {
    pub(crate) fn read(prompt: &str) -> Self {
        let mut words = Self {
            subject: None,
            second: None,
            place: None,
            hour: None,
            colours: Vec::new(),
            tone: (1.0, 0.0),
            weather: None,
            on_table: false,
            modifiers: Vec::new(),
            hash: 0,
        };
        let (mut creature, mut portrait) = (None, None);
        for word in drawn_words(prompt) {
            words.hash = mix(words.hash, hash(&word));
            let parts = if word.chars().any(|letter| letter >= '\u{2e80}') {
                BOOK.within(&word)
            } else {
                vec![word.as_str()]
            };
            for meaning in parts.iter().flat_map(|part| BOOK.meanings(part)) {
                let (kind, value) = *meaning;
                match kind {
                    "creature" => {
                        creature = creature.or(Some(value));
                        words.show(value);
                    }
                    "thing" => words.show(value),
                    "portrait" => portrait = Some(value),
                    "place" => words.place = words.place.or(Some(value)),
                    "hour" => {
                        let hour = BOOK.hours.iter().position(|hour| hour.name == value);
                        words.hour = words.hour.or(hour);
                    }
                    "colour" => words.colours.extend(colour(value)),
                    "tone" => words.tone = tone(value).unwrap_or(words.tone),
                    "weather" => words.weather = Some(value),
                    "table" => words.on_table = true,
                    _ => words.modifiers.push(value),
                }
            }
        }
        if creature.is_some() && creature != words.subject {
            // "A teapot and a cat" is a picture of a cat.
            words.second = words.subject;
            words.subject = creature;
        }
        words.subject = words.subject.or(portrait);
        words
    }

    fn show(&mut self, files: &'static str) {
        match self.subject {
            None => self.subject = Some(files),
            Some(first) if first != files => self.second = self.second.or(Some(files)),
            Some(_) => {}
        }
    }
}

/// The prompt's words in lower case, without the picture URLs before them and the flags behind them.
fn drawn_words(prompt: &str) -> Vec<String> {
    let is_flag = |token: &str| {
        // Telephones turn two hyphens into a dash.
        token
            .strip_prefix("--")
            .or_else(|| token.strip_prefix('—'))
            .is_some_and(|name| !name.is_empty())
    };
    let is_url = |token: &str| token.starts_with("http://") || token.starts_with("https://");
    let mut words = Vec::new();
    for token in prompt
        .split_whitespace()
        .skip_while(|token| is_url(token))
        .take_while(|token| !is_flag(token))
    {
        let mut word = String::new();
        for letter in token.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                word.push(letter);
                continue;
            }
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            // Emoji are words of their own.
            if !letter.is_ascii() && !letter.is_control() && letter != '\u{fe0f}' {
                words.push(letter.to_string());
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figure;

    fn subject(prompt: &str) -> Option<&'static str> {
        let files = Words::read(prompt).subject?;
        files.split(',').next()
    }

    #[test]
    fn flags_and_leading_urls_are_not_drawn() {
        let plain = Words::read("a red fox");
        let decorated = Words::read("https://a.test/cat.png A red fox! --ar 16:9 --style cat");
        assert_eq!(plain.hash, decorated.hash);
        assert_eq!(decorated.subject, plain.subject);
        assert_eq!(subject("a red fox"), Some("fox"));
        assert_eq!(decorated.second, None);
    }

    #[test]
    fn words_name_the_subject() {
        for (prompt, name) in [
            ("two butterflies", "butterfly"),
            ("two foxes", "fox"),
            ("I love my 🐶!", "dog"),
            ("portrait of a robot", "robot"),
            ("a teapot and a cat", "cat"),
            ("portrait, oil", "person"),
            ("un gato azul", "cat"),
            ("zwei schwarze Katzen", "cat"),
            ("一只猫在山上", "cat"),
            ("a perfume bottle", "bottle"),
            ("a field of sunflowers", "sunflowers"),
        ] {
            assert_eq!(subject(prompt), Some(name), "{prompt}");
        }
        assert_ne!(Words::read("🧿").hash, Words::read("").hash);
    }

    #[test]
    fn words_name_place_hour_colour_and_how_it_is() {
        let words = Words::read("ein alter Mann mit lockigem Haar im Wald bei Nacht, rot");
        assert_eq!(words.place, Some("forest"));
        assert_eq!(words.hour.map(|hour| BOOK.hours[hour].name), Some("night"));
        assert_eq!(words.modifiers, ["old", "man", "curly"]);
        assert_eq!(words.colours.len(), 1);
        assert_eq!(Words::read("一只猫在山上").place, Some("mountains"));
    }

    #[test]
    fn every_line_of_the_file_means_something_that_can_be_drawn() {
        for line in include_str!("../assets/words.txt").lines() {
            assert!(Book::default().read(line).is_some(), "{line}");
        }
        assert!(BOOK.hours.len() >= FREE_HOURS && !BOOK.palettes.is_empty());
        for (word, meanings) in &BOOK.meanings {
            for meaning in meanings {
                let (kind, files) = *meaning;
                if !["creature", "thing", "portrait", "place", "weather"].contains(&kind) {
                    continue;
                }
                for file in files.split(',') {
                    assert!(Figure::find(file).is_some(), "{word}: there is no {file}");
                }
            }
        }
    }
}
