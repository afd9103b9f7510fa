//! The bearer token of a request: a secret that can be compared, and quoted for the faults that leak it, but not printed.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::wire::error::Refusal;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

impl Token {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads the token of a request, valid or not.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let no_token =
            || Refusal::new("no_token", "no token: send `Authorization: Bearer <token>`");
        let value = headers.get(AUTHORIZATION).ok_or_else(no_token)?;
        let invalid = || {
            Refusal::new(
                "invalid_token",
                "the Authorization header is not `Bearer <token>`",
            )
        };
        let text = value.to_str().map_err(|_| invalid())?.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("bearer") {
            return Err(no_token());
        }
        match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Self(token.trim().to_owned()))
            }
            _ => Err(invalid()),
        }
    }

    /// Checks the token of a request against the valid ones; without any, every non-empty token is valid.
    pub(crate) fn check(headers: &HeaderMap, valid: &[Self]) -> Result<(), Refusal> {
        let token = Self::of(headers)?;
        if valid.is_empty() || valid.contains(&token) {
            return Ok(());
        }
        Err(Refusal::new("invalid_token", "the token is not valid"))
    }

    /// The token itself, for what quotes it on purpose.
    pub(crate) fn quote(&self) -> &str {
        &self.0
    }
}
