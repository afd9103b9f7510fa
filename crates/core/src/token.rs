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
    /// Takes the token as people paste it: blanks around it and a leading `Bearer` are dropped.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let text = text.strip_prefix("Bearer ").map_or(text, str::trim);
        if text.is_empty() {
            return Err(missing());
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
