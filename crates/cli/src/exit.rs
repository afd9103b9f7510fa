//! How a command ends badly: exit codes by the kind of error, one hint, and the error's JSON form.

use std::fmt;

use midjourney_imagine::{Error, ErrorKind};
use serde_json::{Value, json};

/// A command that did not do what was asked. It is shown as `error: …` and at most one `hint: …`.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    /// The kind's name in JSON: the library's own, or `interrupted`.
    kind: &'static str,
    message: String,
    hint: Option<String>,
    /// The library's error with all its facts, where it is one.
    error: Option<Error>,
    task_id: Option<String>,
    /// Whether stdout has told of it already.
    is_told: bool,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    fn new(exit: u8, kind: &'static str, message: impl fmt::Display) -> Self {
        Self {
            exit,
            kind,
            message: message.to_string(),
            hint: None,
            error: None,
            task_id: None,
            is_told: false,
        }
    }

    /// The command cannot be done as it was written; nothing was sent.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(2, ErrorKind::InvalidRequest.as_str(), message)
    }

    /// There is no token, or none that can be one.
    pub(crate) fn token(message: impl fmt::Display) -> Self {
        Self::new(3, ErrorKind::Config.as_str(), message)
    }

    /// This machine did not do its part: a file, stdin, a port.
    pub(crate) fn machine(message: impl fmt::Display) -> Self {
        Self::new(1, "machine", message)
    }

    /// Ctrl-C or SIGTERM, by the shell's convention 128 and the signal's number.
    pub(crate) fn interrupted(exit: u8, message: impl fmt::Display) -> Self {
        Self::new(exit, "interrupted", message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Names the task, where the library's error does not.
    pub(crate) fn task(mut self, task_id: Option<String>) -> Self {
        self.task_id = task_id;
        self
    }

    /// Stdout tells of it, beside what did succeed.
    pub(crate) fn told(mut self) -> Self {
        self.is_told = true;
        self
    }

    pub(crate) fn is_told(&self) -> bool {
        self.is_told
    }

    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The library's error of which this tells, else the same facts in the same form.
    pub(crate) fn to_json(&self) -> Value {
        if let Some(Ok(facts)) = self.error.as_ref().map(serde_json::to_value) {
            return facts;
        }
        let mut facts = json!({
            "kind": self.kind,
            "message": self.message,
            "may_have_been_accepted": self.task_id.is_some(),
        });
        if let Some(task_id) = &self.task_id {
            facts["task_id"] = json!(task_id);
        }
        facts
    }
}

/// The exit code of an error, as the table in docs/money.md gives it. The token's own mistakes are found before this.
fn code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Config | ErrorKind::InvalidRequest | ErrorKind::ActionNotAvailable => 2,
        ErrorKind::Authentication => 3,
        ErrorKind::InsufficientBalance => 4,
        ErrorKind::Moderation => 5,
        ErrorKind::RateLimit => 6,
        ErrorKind::GenerationTimeout | ErrorKind::Deadline => 7,
        ErrorKind::Server | ErrorKind::OutcomeUnknown => 8,
        _ => 1,
    }
}

/// Turns errors of the library into failures with the hint that helps here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Explain {
    /// The options that a later command needs to reach the same service: ` --emulator`, ` --base-url …`.
    pub(crate) connection: String,
    /// Where the picture was to go, as a later command says it: ` -o cat.png`.
    pub(crate) target: String,
}

impl Explain {
    /// The command that picks a task up and saves its picture.
    pub(crate) fn pick_up(&self, task_id: &str) -> String {
        format!(
            "mj task {}{}{}",
            quote(task_id),
            self.target,
            self.connection
        )
    }

    pub(crate) fn error(&self, error: Error) -> Failure {
        let hint = self.hint(&error);
        Failure {
            exit: code_of(error.kind()),
            kind: error.kind().as_str(),
            message: error.to_string(),
            hint,
            task_id: error.task_id().map(str::to_owned),
            error: Some(error),
            is_told: false,
        }
    }

    fn hint(&self, error: &Error) -> Option<String> {
        let task = error.task_id();
        let look_up = |id: &str| format!("mj task {}{}", quote(id), self.connection);
        Some(match (error.kind(), task) {
            (ErrorKind::Authentication, _) => {
                "check ACEDATACLOUD_API_TOKEN, or the file of --token-file: the service does not take this token"
                    .to_owned()
            }
            (ErrorKind::InsufficientBalance, None) => {
                "top up the account or raise the key's limit; this request was not charged".to_owned()
            }
            (ErrorKind::Moderation, None) => "change the prompt; this request was not charged".to_owned(),
            (ErrorKind::RateLimit, _) => match error.retry_after() {
                Some(wait) => format!(
                    "the service asks to wait {} s; this request was not charged",
                    wait.as_secs_f64()
                ),
                None => "wait a little, or allow more tries with --max-retries; this request was not charged"
                    .to_owned(),
            },
            (ErrorKind::NotSent, _) => {
                "check the network, --base-url and the proxy; nothing was charged".to_owned()
            }
            (ErrorKind::Deadline | ErrorKind::GenerationTimeout | ErrorKind::Picture, Some(task)) => {
                format!("pick it up with `{}`", self.pick_up(task))
            }
            (ErrorKind::Server | ErrorKind::OutcomeUnknown, Some(task)) => {
                format!(
                    "it is not sent again, since it may be paid for; look at it with `{}`",
                    look_up(task)
                )
            }
            (
                ErrorKind::Server
                | ErrorKind::OutcomeUnknown
                | ErrorKind::GenerationTimeout
                | ErrorKind::Deadline,
                None,
            ) if error.may_have_been_accepted() => match error.trace_id() {
                Some(trace) => format!(
                    "it is not sent again, since it may be paid for; look for it with `mj task --trace {}{}`",
                    quote(trace),
                    self.connection
                ),
                None => "it is not sent again, since it may be paid for; look at your account's usage before you repeat it"
                    .to_owned(),
            },
            (ErrorKind::Deadline, None) => "allow more time with --deadline; nothing was charged".to_owned(),
            (ErrorKind::TaskFailed, Some(task)) => format!("see its record with `{} --json`", look_up(task)),
            _ => return None,
        })
    }
}

/// A word as a shell reads it back.
pub(crate) fn quote(word: &str) -> String {
    let is_plain = !word.is_empty()
        && !word.starts_with('-')
        && word
            .chars()
            .all(|char| char.is_alphanumeric() || "-_./:@%+=,".contains(char));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_exit_code_of_the_design() {
        let expected = |kind: &str| match kind {
            "config" | "invalid_request" | "action_not_available" => 2,
            "authentication" => 3,
            "insufficient_balance" => 4,
            "moderation" => 5,
            "rate_limit" => 6,
            "deadline" | "generation_timeout" => 7,
            "server" | "outcome_unknown" => 8,
            _ => 1,
        };
        for kind in ErrorKind::ALL {
            assert_eq!(code_of(*kind), expected(kind.as_str()), "{kind}");
        }
    }

    #[test]
    fn words_come_back_from_the_shell_as_they_were() {
        assert_eq!(quote("out/cat.png"), "out/cat.png");
        assert_eq!(quote("my cat.png"), "'my cat.png'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("$(rm)"), "'$(rm)'");
        assert_eq!(quote("-f"), "'-f'");
        assert_eq!(quote(""), "''");
    }
}
