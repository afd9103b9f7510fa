//! JSON that a service got slightly wrong: what can be read of it all the same.

use std::fmt::Write as _;

/// The text with its strings made valid: half a character (a lone surrogate) becomes U+FFFD, a raw control character and a
/// backslash before anything else stand for themselves.
pub(crate) fn mended(json: &str) -> String {
    let mut mended = String::with_capacity(json.len() + 16);
    let mut in_string = false;
    let mut rest = json;
    while let Some(char) = rest.chars().next() {
        let length = match char {
            '"' => {
                in_string = !in_string;
                1
            }
            '\\' if in_string => match escape(rest) {
                Some(length) => length,
                None if unicode(rest).is_some() => {
                    mended.push_str("\\ufffd");
                    rest = &rest[6..];
                    continue;
                }
                None => {
                    mended.push('\\');
                    1
                }
            },
            char if in_string && char < ' ' => {
                _ = write!(mended, "\\u{:04x}", u32::from(char));
                rest = &rest[1..];
                continue;
            }
            char => char.len_utf8(),
        };
        mended.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    mended
}

/// The length of the valid escape that the text begins with.
fn escape(text: &str) -> Option<usize> {
    match (text.as_bytes().get(1)?, unicode(text)) {
        (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', _) => Some(2),
        (_, Some(0xd800..=0xdbff)) => {
            matches!(text.get(6..).and_then(unicode), Some(0xdc00..=0xdfff)).then_some(12)
        }
        (_, Some(0xdc00..=0xdfff) | None) => None,
        (_, Some(_)) => Some(6),
    }
}

/// The code unit of the `\uXXXX` that the text begins with.
fn unicode(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// What stands whole before `end`, with everything closed that is open there.
pub(crate) fn closed_before(json: &str, end: usize) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let mut open = Vec::new();
    // Up to where all is whole, and what is open there.
    let mut whole = (0, String::new());
    let before = json.get(..end).unwrap_or(json);
    for (at, char) in before.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' | '[' => {
                open.push(if char == '{' { '}' } else { ']' });
                whole = (at + 1, open.iter().rev().collect());
            }
            '}' | ']' => {
                open.pop();
                whole = (at + 1, open.iter().rev().collect());
            }
            ',' => whole = (at, open.iter().rev().collect()),
            _ => {}
        }
    }
    let (at, closing) = whole;
    format!("{}{closing}", &json[..at])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn strings_that_are_nearly_valid_are_read() {
        for (text, value) in [
            (
                r#"{"a":"half \ud83d of it"}"#,
                json!({"a": "half \u{fffd} of it"}),
            ),
            (r#"{"a":"\ude00\ud83d\ude00"}"#, json!({"a": "\u{fffd}😀"})),
            ("{\"a\":\"two\nlines\0\"}", json!({"a": "two\nlines\0"})),
            (
                r#"{"a":"C:\pictures\x\\"}"#,
                json!({"a": r"C:\pictures\x\"}),
            ),
            (r#"{"a":"\u12"}"#, json!({"a": r"\u12"})),
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&mended(text)).unwrap(), value);
        }
        let valid = r#"{"a":"\"\\\u0041\ud83d\ude00 ü","b":[1,2]}"#;
        assert_eq!(mended(valid), valid);
    }

    #[test]
    fn what_stands_before_a_break_is_closed() {
        let text = r#"{"items":[{"id":"a, b","response":{"x":[1,2],"y":nonsense}}]}"#;
        let end = text.find("nonsense").unwrap();
        let value: Value = serde_json::from_str(&closed_before(text, end)).unwrap();
        assert_eq!(
            value,
            json!({"items": [{"id": "a, b", "response": {"x": [1, 2]}}]})
        );
        assert_eq!(closed_before("", 0), "");
        assert_eq!(closed_before(r#"{"a":1}}"#, 7), r#"{"a":1}"#);
    }
}
