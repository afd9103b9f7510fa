//! What can be said of a prompt before it is paid for.

/// What in a prompt will probably not do what it was written for, as sentences for people: so far, flags that begin with a dash
/// that Midjourney does not read, as editors and phones make them. A prompt always goes out as it is.
///
/// ```
/// let warnings = midjourney_imagine::prompt_warnings("a cat –ar 9:16");
/// assert_eq!(warnings, ["`–ar` is no flag, since its dash is not made of two hyphens: write `--ar`"]);
/// assert!(midjourney_imagine::prompt_warnings("black – and white --ar 9:16").is_empty());
/// ```
#[must_use]
pub fn prompt_warnings(prompt: &str) -> Vec<String> {
    prompt
        .split_whitespace()
        .filter_map(|word| {
            let name = word.trim_start_matches(|char| char == '-' || is_long_dash(char));
            let dashes = &word[..word.len() - name.len()];
            let is_meant_as_flag =
                dashes.contains(is_long_dash) && name.starts_with(|char: char| char.is_ascii_alphabetic());
            is_meant_as_flag.then(|| {
                format!(
                    "`{word}` is no flag, since its dash is not made of two hyphens: write `--{name}`"
                )
            })
        })
        .collect()
}

/// Hyphens and dashes that are no hyphen-minus, the full-width one included.
fn is_long_dash(char: char) -> bool {
    matches!(
        char,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_behind_other_dashes_are_warned_of_and_dashes_in_a_sentence_are_not() {
        for (prompt, flags) in [
            ("a cat –ar 9:16", vec!["--ar"]),
            ("a cat ——ar 9:16 －－stylize 50", vec!["--ar", "--stylize"]),
            ("a cat -–ar 9:16 −v 7 ‑no dog", vec!["--ar", "--v", "--no"]),
            ("a cat --ar 9:16 -v 7", vec![]),
            (
                "black – and – white, 1990–2000, long—dash, –5 degrees",
                vec![],
            ),
            ("", vec![]),
        ] {
            let warnings = prompt_warnings(prompt);
            assert_eq!(warnings.len(), flags.len(), "{prompt}: {warnings:?}");
            for (warning, flag) in warnings.iter().zip(flags) {
                assert!(warning.ends_with(&format!("write `{flag}`")), "{warning}");
            }
        }
    }
}
