//! The API token: a secret that is sent and never shown.

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Result};

/// The bearer token. It has no `Display`, and its `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub(crate) struct Token(SecretString);

/// What stands where the token stood.
const REDACTED: &str = "[token]";

/// A shorter token, such as a test's `t`, protects nothing, and redacting it would make every text unreadable.
const SHORTEST_SECRET: usize = 4;
const SHORTEST_SECRET_IN_ID: usize = 8;

impl Token {
    /// Accepts the token as people paste it: blanks and matching quotes around it and a leading `Bearer` are dropped.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let text = unquoted(without_bearer(unquoted(text)));
        if text.is_empty() {
            return Err(missing());
        }
        if text.starts_with(['$', '%', '{', '<']) {
            return Err(Error::new(
                ErrorKind::Config,
                "`token`: it is a placeholder, such as ${TOKEN}, that was never replaced by a token",
            ));
        }
        if !text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return Err(Error::new(
                ErrorKind::Config,
                "`token`: it holds a blank, a line break or a character outside ASCII; copy it again",
            ));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The token itself, which is visible ASCII: for the header that carries it, and for nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// As [`Token::redact`], for an identifier, which a short token may be part of by chance.
    pub(crate) fn redact_id(&self, id: &str) -> String {
        if self.0.expose_secret().len() < SHORTEST_SECRET_IN_ID {
            id.to_owned()
        } else {
            self.redact(id)
        }
    }

    /// Replaces every occurrence of the token in what the service said; of a very short one, where it stands as a token.
    pub(crate) fn redact(&self, text: &str) -> String {
        let token = self.0.expose_secret();
        if token.len() < SHORTEST_SECRET {
            text.replace(&format!("Bearer {token}"), &format!("Bearer {REDACTED}"))
        } else {
            text.replace(token, REDACTED)
        }
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .map_or(text, str::trim)
}

fn without_bearer(text: &str) -> &str {
    match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => text,
    }
}

pub(crate) fn missing() -> Error {
    Error::new(
        ErrorKind::Config,
        "no API token: pass `token`, or set the environment variable ACEDATACLOUD_API_TOKEN",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_people_paste_it() {
        for pasted in [
            "secret-1",
            " secret-1\n",
            "Bearer secret-1",
            "bearer  secret-1",
            "\"secret-1\"",
            "'BEARER secret-1'",
            "Bearer 'secret-1'",
        ] {
            assert_eq!(Token::new(pasted).unwrap().expose(), "secret-1", "{pasted}");
        }
        for placeholder in [
            "${TOKEN}",
            "$TOKEN",
            "%TOKEN%",
            "{{ token }}",
            "<your token>",
        ] {
            let error = Token::new(placeholder).unwrap_err();
            assert!(error.message().contains("placeholder"), "{error}");
        }
        for empty in ["", "  ", "\"\"", "Bearer ''"] {
            assert!(
                Token::new(empty)
                    .unwrap_err()
                    .message()
                    .contains("no API token")
            );
        }
    }

    #[test]
    fn a_token_is_redacted_and_a_very_short_one_where_it_stands_as_a_token() {
        let long = Token::new("secret-1").unwrap();
        assert_eq!(long.redact("a secret-1 b"), "a [token] b");
        let short = Token::new("any").unwrap();
        assert_eq!(
            short.redact("for any reason: Bearer any"),
            "for any reason: Bearer [token]"
        );
    }
}
