//! The name of a picture's file where the user gives none: the first words of the prompt, or the action, and the id.

/// The most characters of a prompt that a name repeats.
const LENGTH: usize = 40;

/// `<first words of the prompt>-<image_id>` for a generation, `<action>-<image_id>` for an action. Without an extension:
/// the picture's content decides that.
pub(crate) fn stem(subject: &Subject, image_id: &str) -> String {
    let words = match subject {
        Subject::Prompt(prompt) => words_of(prompt),
        Subject::Action(action) => slug(action, '_'),
    };
    let words = if words.is_empty() { "image" } else { &words };
    // Ids are digits; one that is something else must stay a name.
    let id = slug(image_id, '_');
    if id.is_empty() {
        words.to_owned()
    } else {
        format!("{words}-{id}")
    }
}

/// What a picture is named after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Prompt(String),
    Action(String),
}

/// The prompt's words in lower case; its flags and addresses say nothing to a reader and may say too much to others.
fn words_of(prompt: &str) -> String {
    let text: Vec<&str> = prompt
        .split_whitespace()
        .skip_while(|word| is_flag(word))
        .take_while(|word| !is_flag(word))
        .filter(|word| !word.contains("://"))
        .collect();
    cut_at_a_word(&slug(&text.join(" "), '-'))
}

fn is_flag(word: &str) -> bool {
    // Editors and keyboards like to make a long dash of two short ones.
    word.strip_prefix("--")
        .or_else(|| word.strip_prefix('—'))
        .is_some_and(|name| name.starts_with(char::is_alphabetic))
}

/// Letters and digits of every script, in lower case, with single marks between them: a name on every file system.
fn slug(text: &str, mark: char) -> String {
    let mut slug = String::new();
    for char in text.chars().flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            slug.push(char);
        } else if !slug.is_empty() && !slug.ends_with(mark) && !is_silent(char) {
            slug.push(mark);
        }
    }
    slug.truncate(slug.trim_end_matches(mark).len());
    slug
}

/// Apostrophes, and the dots and accents that follow their letter: they part no words.
fn is_silent(char: char) -> bool {
    matches!(char, '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}')
}

fn cut_at_a_word(slug: &str) -> String {
    let Some((limit, _)) = slug.char_indices().nth(LENGTH) else {
        return slug.to_owned();
    };
    // The limit itself may fall on the mark after a whole word.
    let end = slug
        .get(..=limit)
        .and_then(|head| head.rfind('-'))
        .unwrap_or(limit);
    slug.get(..end).unwrap_or(slug).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(prompt: &str) -> String {
        stem(&Subject::Prompt(prompt.to_owned()), "121")
    }

    #[test]
    fn a_picture_is_named_after_the_first_words_of_its_prompt() {
        assert_eq!(
            name("A cat sitting on a table"),
            "a-cat-sitting-on-a-table-121"
        );
        assert_eq!(
            name("An astronaut's cat, painted in oil, hanging upside down"),
            "an-astronauts-cat-painted-in-oil-hanging-121"
        );
        assert_eq!(name("  Two   words "), "two-words-121");
    }

    #[test]
    fn flags_and_addresses_are_left_out() {
        assert_eq!(name("A cat --ar 16:9 --no dog"), "a-cat-121");
        assert_eq!(name("https://host.example/a.png?sig=1 A cat"), "a-cat-121");
        assert_eq!(name("A cat —ar 16:9"), "a-cat-121");
        assert_eq!(name("black -- and -- white"), "black-and-white-121");
    }

    #[test]
    fn letters_of_every_script_are_kept() {
        assert_eq!(
            name("Eine Katze auf dem Tisch, schön"),
            "eine-katze-auf-dem-tisch-schön-121"
        );
        assert_eq!(name("桌子上的猫"), "桌子上的猫-121");
        assert_eq!(name("कुत्ता"), "कुत्ता-121".replace('\u{94d}', "-"));
    }

    #[test]
    fn names_are_safe_on_every_file_system() {
        assert_eq!(
            name("../../etc/passwd: a \"study\"?"),
            "etc-passwd-a-study-121"
        );
        assert_eq!(name("\u{1b}[31mred\u{7}"), "31mred-121");
        assert_eq!(name("🐈"), "image-121");
        assert_eq!(stem(&Subject::Prompt("cat".to_owned()), "../x"), "cat-x");
        assert_eq!(stem(&Subject::Prompt("cat".to_owned()), ""), "cat");
    }

    #[test]
    fn a_long_word_is_cut() {
        assert_eq!(name(&"猫".repeat(100)), format!("{}-121", "猫".repeat(40)));
    }

    #[test]
    fn an_action_names_its_picture() {
        let subject = Subject::Action("zoom_out_1_5x".to_owned());
        assert_eq!(stem(&subject, "121"), "zoom_out_1_5x-121");
    }
}
