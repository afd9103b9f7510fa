//! What was received and how it was answered, without the token: the journal of `/_emulator/journal`.

use std::collections::BTreeMap;

use axum::http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use axum::http::{HeaderMap, Method, Uri};
use serde::{Deserialize, Serialize};

use super::log::Log;

/// Bytes of a body that an entry holds.
const MAX_BODY: usize = 16 * 1024;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts the requests of a run from 0.
    pub number: u64,
    /// `GET`, `POST` …
    pub method: String,
    /// The path, and the query if there is one.
    pub path: String,
    /// The headers by their names in lower case; a credential's value is `Bearer [hidden]` or `[hidden]`.
    pub headers: BTreeMap<String, String>,
    /// The first 16 KiB of the body.
    pub body: String,
    /// The whole body's length in bytes.
    pub body_bytes: usize,
    /// When the request had arrived in full, in Unix seconds.
    pub received_at: f64,
    /// When the answer began, in Unix seconds; nothing if it has not, or if the client disconnected before.
    pub answered_at: Option<f64>,
    /// The status of the answer; a fault may have broken the connection before the client read it.
    pub status: Option<u16>,
    /// The faults that struck, as a prompt names them.
    pub faults: Vec<String>,
    /// Whether the answer came from a script.
    pub scripted: bool,
    /// Whether the client disconnected before the answer was complete.
    pub abandoned: bool,
}

pub(crate) type RequestLog = Log<JournalEntry>;

impl RequestLog {
    /// Notes a request; the answer is noted under the number returned.
    pub(crate) fn receive(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
        now: f64,
    ) -> u64 {
        self.add(|number| JournalEntry {
            number,
            method: method.to_string(),
            path: uri
                .path_and_query()
                .map_or_else(|| uri.path().to_owned(), ToString::to_string),
            headers: shown(headers),
            body: String::from_utf8_lossy(&body[..body.len().min(MAX_BODY)]).into_owned(),
            body_bytes: body.len(),
            received_at: now,
            answered_at: None,
            status: None,
            faults: Vec::new(),
            scripted: false,
            abandoned: false,
        })
    }
}

/// The headers without their credentials.
fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    let show = |name: &axum::http::HeaderName| {
        let values = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        let joined = values.collect::<Vec<_>>().join(", ");
        if ![AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name) {
            return joined;
        }
        let is_bearer = joined
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
        if is_bearer {
            "Bearer [hidden]"
        } else {
            "[hidden]"
        }
        .to_owned()
    };
    headers
        .keys()
        .map(|name| (name.as_str().to_owned(), show(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(journal: &RequestLog, authorization: &'static str) -> u64 {
        let mut headers = HeaderMap::new();
        headers.insert(
            AUTHORIZATION,
            axum::http::HeaderValue::from_static(authorization),
        );
        journal.receive(
            &Method::POST,
            &Uri::from_static("/p?q=1"),
            &headers,
            &vec![b'x'; MAX_BODY + 1],
            1.0,
        )
    }

    #[test]
    fn credentials_are_hidden_and_bodies_cut() {
        let journal = RequestLog::default();
        for (sent, shown) in [
            ("Bearer abc", "Bearer [hidden]"),
            ("abc", "[hidden]"),
            ("bearer abc", "Bearer [hidden]"),
        ] {
            let number = receive(&journal, sent);
            let entry = journal.read().pop().unwrap();
            assert_eq!(
                (entry.number, entry.headers["authorization"].as_str()),
                (number, shown)
            );
            assert_eq!(
                (entry.body.len(), entry.body_bytes, entry.path.as_str()),
                (MAX_BODY, MAX_BODY + 1, "/p?q=1")
            );
        }
    }

    #[test]
    fn the_oldest_go_first_and_answers_find_their_requests() {
        let journal = RequestLog::default();
        for _ in 0..1_003 {
            receive(&journal, "Bearer x");
        }
        journal.amend(2, |_| panic!("this entry is gone"));
        journal.amend(700, |entry| entry.status = Some(200));
        let entries = journal.read();
        assert_eq!((entries.len(), entries[0].number), (1_000, 3));
        let answered: Vec<u64> = entries
            .iter()
            .filter(|entry| entry.status.is_some())
            .map(|entry| entry.number)
            .collect();
        assert_eq!(answered, [700]);
        journal.clear();
        journal.amend(700, |_| panic!("the journal is empty"));
        assert_eq!(receive(&journal, "Bearer x"), 1_003);
    }
}
