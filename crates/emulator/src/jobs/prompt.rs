//! What the emulator reads in a prompt: its flags, its moderated words, and the faults that it asks for.
//!
//! How the words of a prompt are drawn is not decided here.

use super::fault::Fault;
use crate::wire::error::Refusal;

/// Flags that Midjourney knows, without their dashes.
const KNOWN_FLAGS: &str = "ar aspect c chaos cref creative cw draft emotion exp fast hd imagine iw loop motion niji no oref \
    ow p personalize profile q quality r raw relax repeat s sameseed sd seed sref stealth stop style \
    stylize sv sw test testp tile turbo upbeta uplight v version video w weird bs end";

/// The words that the emulator refuses by default: few, and unlikely in a prompt that is not about moderation.
pub(crate) const DEFAULT_MODERATED_WORDS: [&str; 2] = ["forbidden-word", "gore"];

/// The most image URLs that a prompt may start with.
const MAX_IMAGE_URLS: usize = 5;

/// What a prompt asks for beside its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prompt {
    /// `--ar W:H`.
    pub(crate) aspect: Option<(u32, u32)>,
    /// `--seed N`.
    pub(crate) seed: Option<u64>,
    /// `--v N` or `--version N`.
    pub(crate) version: Option<String>,
    /// `--q N` or `--quality N`.
    pub(crate) quality: Option<String>,
    /// `--turbo`.
    pub(crate) turbo: bool,
    /// `--emulate NAME[:ARG]`, in order.
    pub(crate) faults: Vec<Fault>,
    /// The words without URLs and flags.
    pub(crate) text: String,
}

impl Prompt {
    /// Reads a prompt; the error is the one that the service reports for it.
    pub(crate) fn parse(prompt: &str) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        let mut words = prompt.split_whitespace().peekable();
        let mut urls = 0;
        while words.peek().is_some_and(|word| is_url(word)) {
            words.next();
            urls += 1;
        }
        if urls > MAX_IMAGE_URLS {
            return Err(Refusal::bad_request(format!(
                "At most {MAX_IMAGE_URLS} image URLs are accepted"
            )));
        }
        let mut text = Vec::new();
        let mut unknown = Vec::new();
        while let Some(word) = words.next() {
            let Some(flag) = flag_name(word) else {
                text.push(word);
                continue;
            };
            let mut values = Vec::new();
            while let Some(value) = words.next_if(|word| flag_name(word).is_none()) {
                values.push(value);
            }
            match flag {
                Flag::Long(name) if name == "emulate" => {
                    let fault = values
                        .first()
                        .ok_or_else(|| Refusal::bad_request("`--emulate` needs a fault's name"))?;
                    parsed
                        .faults
                        .push(fault.parse().map_err(Refusal::bad_request)?);
                }
                Flag::Long(name) if KNOWN_FLAGS.split(' ').any(|known| known == name) => {
                    parsed.take(&name, values.first().copied())?;
                }
                Flag::Long(_) | Flag::Short => {
                    let mut argument = vec![word];
                    argument.extend(values);
                    unknown.push(format!("`{}`", argument.join(" ")));
                }
            }
        }
        if !unknown.is_empty() {
            return Err(Refusal::bad_request(format!(
                "Unrecognized argument(s): {}",
                unknown.join(", ")
            )));
        }
        parsed.text = text.join(" ");
        Ok(parsed)
    }

    fn take(&mut self, flag: &str, value: Option<&str>) -> Result<(), Refusal> {
        let invalid = || {
            Refusal::bad_request(format!(
                "Invalid value for `--{flag}`: `{}`",
                value.unwrap_or("")
            ))
        };
        match flag {
            "ar" | "aspect" => {
                let (width, height) = value
                    .and_then(|value| value.split_once(':'))
                    .ok_or_else(invalid)?;
                let side = |text: &str| {
                    text.parse()
                        .ok()
                        .filter(|side| (1..=10_000).contains(side))
                        .ok_or_else(invalid)
                };
                self.aspect = Some((side(width)?, side(height)?));
            }
            "seed" => {
                let seed: u32 = value
                    .and_then(|value| value.parse().ok())
                    .ok_or_else(invalid)?;
                self.seed = Some(seed.into());
            }
            "v" | "version" => self.version = Some(value.ok_or_else(invalid)?.to_owned()),
            "q" | "quality" => self.quality = Some(value.ok_or_else(invalid)?.to_owned()),
            "turbo" => self.turbo = true,
            _ => {}
        }
        Ok(())
    }

    /// The first of `moderated` (in lower case) that is a word of the prompt.
    pub(crate) fn moderated_word<'a>(&self, moderated: &'a [String]) -> Option<&'a str> {
        let trim = |word: &str| {
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        };
        let words: Vec<String> = self.text.split_whitespace().map(trim).collect();
        moderated
            .iter()
            .find(|bad| words.iter().any(|word| word == *bad))
            .map(String::as_str)
    }
}

/// Whether a model is version 6 or later.
pub(crate) fn is_modern(version: &str) -> bool {
    version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok())
        .is_some_and(|major| major >= 6)
}

enum Flag {
    Long(String),
    Short,
}

/// Reads `--name`, the `—name` that a telephone's keyboard makes of it, or `-n`; a lone dash and a negative number are words.
fn flag_name(word: &str) -> Option<Flag> {
    let starts_with_letter = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    if let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('—')) {
        return starts_with_letter(name).then(|| Flag::Long(name.to_ascii_lowercase()));
    }
    word.strip_prefix('-')
        .filter(|name| starts_with_letter(name))
        .map(|_| Flag::Short)
}

fn is_url(word: &str) -> bool {
    word.starts_with("http://") || word.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(prompt: &str) -> String {
        Prompt::parse(prompt).unwrap_err().error.message
    }

    #[test]
    fn unknown_flags_are_all_named_with_their_values() {
        assert_eq!(message("a cat -c x"), "Unrecognized argument(s): `-c x`");
        assert_eq!(
            message("a cat --ar 1:1 --wings -x 1 2"),
            "Unrecognized argument(s): `--wings`, `-x 1 2`"
        );
    }

    #[test]
    fn dashes_in_ordinary_text_are_words() {
        for prompt in [
            "a spider-man - at night",
            "minus -5 degrees",
            "a -- b",
            "well-known",
            "--",
        ] {
            Prompt::parse(prompt).unwrap();
        }
    }

    #[test]
    fn flags_are_read() {
        let prompt = "https://h/a.png a red cat, sitting —ar 16:9 --seed 7 --v 6.1 --q 2 --no dogs birds --c 5 --tile";
        let parsed = Prompt::parse(prompt).unwrap();
        assert_eq!(parsed.aspect, Some((16, 9)));
        assert_eq!(parsed.seed, Some(7));
        assert_eq!(parsed.version.as_deref(), Some("6.1"));
        assert_eq!(parsed.quality.as_deref(), Some("2"));
        assert_eq!(parsed.text, "a red cat, sitting");
        for bad in [
            "x --ar",
            "x --ar 0:1",
            "x --ar wide",
            "x --seed -1",
            "x --seed",
            "x --v",
        ] {
            assert!(message(bad).starts_with("Invalid value for `--"), "{bad}");
        }
    }

    #[test]
    fn at_most_five_image_urls_lead_a_prompt() {
        let urls = |count| vec!["https://h/a.png"; count].join(" ");
        assert!(Prompt::parse(&urls(5)).is_ok());
        assert!(message(&urls(6)).starts_with("At most 5"));
    }

    #[test]
    fn faults_are_asked_for_by_name() {
        let parsed = Prompt::parse("a cat --emulate cut_after_bytes:120 --emulate crlf").unwrap();
        assert_eq!(parsed.faults, [Fault::CutAfterBytes(120), Fault::Crlf]);
        assert!(message("a cat --emulate nonsense").contains("nonsense"));
        assert!(message("a cat --emulate").contains("needs"));
    }

    #[test]
    fn moderated_words_are_whole_words() {
        let words: Vec<String> = DEFAULT_MODERATED_WORDS
            .iter()
            .map(|&word| word.to_owned())
            .collect();
        assert_eq!(
            Prompt::parse("much Gore, please")
                .unwrap()
                .moderated_word(&words),
            Some("gore")
        );
        assert_eq!(
            Prompt::parse("a forbidden-word")
                .unwrap()
                .moderated_word(&words),
            Some("forbidden-word")
        );
        assert_eq!(
            Prompt::parse("a gorge").unwrap().moderated_word(&words),
            None
        );
    }

    #[test]
    fn version_six_is_modern() {
        assert!(is_modern("6") && is_modern("8.1") && is_modern("7"));
        assert!(!is_modern("5.2") && !is_modern("niji"));
    }
}
