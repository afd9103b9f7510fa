//! The administration under `/_emulator/`: reads an emulator's state and makes it misbehave. For this machine only.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::Connection;
use super::deliveries::Delivery;
use super::request_log::JournalEntry;
use super::rules::FaultRule;
use super::script::ScriptedReply;
use super::service::Service;
use super::unknown::no_api;
use super::{callback, reply};
use crate::jobs::fault::Fault;
use crate::jobs::ledger::Limits;
use crate::jobs::timeline::Speed;
use crate::wire::error::Refusal;

pub(crate) const PREFIX: &str = "/_emulator";

/// What the administration offers, for its index: method, path, and what it does.
const ENDPOINTS: &str = r#"
GET /_emulator/ this list, and the names of all faults
POST /_emulator/reset begin anew: no tasks, an empty ledger, no rules, no logs
GET /_emulator/state speed, clock, counts
GET /_emulator/ledger submissions, jobs and charges
GET /_emulator/journal the newest requests and how they were answered; ?requests=N&abandoned=N&path=P&wait_seconds=S waits for so many
DELETE /_emulator/journal forget them
GET /_emulator/deliveries the newest callbacks and their tries
POST /_emulator/deliveries/{number}/replay post a callback once more
GET /_emulator/faults the rules in force
POST /_emulator/faults add a rule or several: {"fault":name,"arg":…,"times":1,"path":…}; times 0 is for ever
DELETE /_emulator/faults forget all rules
POST /_emulator/script answers to be given word for word: [{"path":…,"status":200,"headers":{…},"body":…}]
DELETE /_emulator/script forget the answers not yet given
POST /_emulator/clock move a virtual clock on: {"advance_seconds":30}
POST /_emulator/balance set what may be spent: {"balance":10}, or null for no limit
"#;

/// The state of an emulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmulatorState {
    /// The base URL.
    pub url: String,
    /// How fast generations run.
    pub speed: Speed,
    /// The seed, if the run repeats itself.
    pub seed: Option<u64>,
    /// The time that records are stamped with, in Unix seconds.
    pub now: f64,
    /// Seconds since the start of the run.
    pub elapsed_seconds: f64,
    /// Jobs queued or drawing.
    pub running: u64,
    /// Jobs that succeeded.
    pub succeeded: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Tasks in memory.
    pub retained_tasks: usize,
    /// What may still be spent; nothing when it is not limited.
    pub balance: Option<f64>,
    /// What the emulator allows.
    pub limits: Limits,
    /// Rules in force.
    pub fault_rules: usize,
    /// Scripted answers not yet given.
    pub scripted_replies: usize,
    /// Whether finished tasks are stored in a folder.
    pub has_state_folder: bool,
}

impl Service {
    pub(crate) fn state(&self) -> EmulatorState {
        let session = self.session();
        let jobs = &session.jobs;
        let ledger = jobs.ledger.totals();
        let elapsed = jobs.clock.elapsed();
        EmulatorState {
            url: self.config.url.clone(),
            speed: self.settings.speed,
            seed: self.settings.seed,
            now: jobs.clock.unix(elapsed),
            elapsed_seconds: elapsed.as_secs_f64(),
            running: ledger.running(),
            succeeded: ledger.succeeded,
            failed: ledger.failed,
            retained_tasks: jobs.store.retained(),
            balance: ledger.balance,
            limits: self.settings.limits,
            fault_rules: session.rules.list().len(),
            scripted_replies: session.script.remaining(),
            has_state_folder: self.settings.state_folder.is_some(),
        }
    }
}

pub(crate) fn router(service: Arc<Service>) -> Router<Arc<Service>> {
    let router = Router::new()
        .route("/_emulator", get(index))
        .route("/_emulator/", get(index))
        .route("/_emulator/reset", post(reset))
        .route("/_emulator/state", get(state))
        .route("/_emulator/ledger", get(ledger))
        .route("/_emulator/journal", get(journal).delete(clear_journal))
        .route("/_emulator/deliveries", get(deliveries))
        .route("/_emulator/deliveries/{number}/replay", post(replay))
        .route(
            "/_emulator/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/_emulator/script", post(add_script).delete(clear_script))
        .route("/_emulator/clock", post(advance))
        .route("/_emulator/balance", post(set_balance))
        .method_not_allowed_fallback(no_api);
    router.layer(middleware::from_fn_with_state(service, guard))
}

/// Refuses every request that is not from this machine, and those of web pages in a browser on it.
async fn guard(
    State(service): State<Arc<Service>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if is_local(&connection, request.headers()) {
        return next.run(request).await;
    }
    let refusal = Refusal::new("forbidden", "the administration answers this machine only");
    reply::refusal(&service.session(), &refusal)
}

fn is_local(connection: &Connection, headers: &HeaderMap) -> bool {
    if !connection.peer.ip().to_canonical().is_loopback() {
        return false;
    }
    // A name that resolves to this machine may be an attacker's (DNS rebinding): only its own names are accepted.
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    if !is_own_name(host) {
        return false;
    }
    let own_origin = format!("http://{host}");
    headers
        .get_all(ORIGIN)
        .iter()
        .all(|origin| origin.as_bytes() == own_origin.as_bytes())
}

/// Whether a `Host` is `localhost` or a loopback address, with or without a port.
fn is_own_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn answer(body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(text) => reply::json(StatusCode::OK, text),
        Err(error) => reply::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            json!({ "error": error.to_string() }).to_string(),
        ),
    }
}

/// Reads a body, or says what is wrong with it.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn refuse(service: &Service, message: impl Into<String>) -> Response {
    reply::refusal(&service.session(), &Refusal::bad_request(message))
}

async fn index() -> Response {
    let endpoints: Vec<Value> = ENDPOINTS
        .lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, ' ');
            let (method, path, does) = (parts.next()?, parts.next()?, parts.next()?);
            Some(json!({ "method": method, "path": path, "does": does }))
        })
        .collect();
    answer(&json!({ "endpoints": endpoints, "faults": Fault::NAMES }))
}

async fn reset(State(service): State<Arc<Service>>) -> Response {
    service.reset();
    answer(&service.state())
}

async fn state(State(service): State<Arc<Service>>) -> Response {
    answer(&service.state())
}

async fn ledger(State(service): State<Arc<Service>>) -> Response {
    answer(&service.session().jobs.ledger.read())
}

/// What the journal is to hold before it is answered; without members it is answered at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    /// Requests received, in all or on `path`.
    #[serde(default)]
    requests: usize,
    /// Of these, so many whose client disconnected before the answer was complete.
    #[serde(default)]
    abandoned: usize,
    path: Option<String>,
    /// Seconds to wait for that, at most 60.
    #[serde(default)]
    wait_seconds: f64,
}

async fn journal(State(service): State<Arc<Service>>, Query(look): Query<Look>) -> Response {
    let session = service.session();
    let wanted = |entries: &[JournalEntry]| {
        let counted = || {
            entries
                .iter()
                .filter(|entry| look.path.as_ref().is_none_or(|path| *path == entry.path))
        };
        counted().count() >= look.requests
            && counted().filter(|entry| entry.abandoned).count() >= look.abandoned
    };
    let limit = Duration::try_from_secs_f64(look.wait_seconds)
        .unwrap_or_default()
        .min(Duration::from_secs(60));
    let log = &session.requests;
    let entries = tokio::time::timeout(limit, log.read_when(wanted)).await;
    answer(&json!({ "entries": entries.unwrap_or_else(|_| log.read()) }))
}

async fn clear_journal(State(service): State<Arc<Service>>) -> Response {
    service.session().requests.clear();
    answer(&json!({ "entries": [] }))
}

#[derive(Serialize)]
struct DeliveriesBody {
    deliveries: Vec<Delivery>,
}

async fn deliveries(State(service): State<Arc<Service>>) -> Response {
    answer(&DeliveriesBody {
        deliveries: service.session().deliveries.read(),
    })
}

async fn replay(State(service): State<Arc<Service>>, Path(number): Path<String>) -> Response {
    let session = service.session();
    let delivery = match number.parse() {
        Ok(number) => callback::replay(&session, &service.outbound, number).await,
        Err(_) => None,
    };
    match delivery {
        Some(delivery) => answer(&delivery),
        None => reply::refusal(&session, &Refusal::new("no_api", "no such delivery")),
    }
}

fn fault_list(service: &Service) -> Response {
    answer(&json!({ "faults": service.session().rules.list() }))
}

async fn faults(State(service): State<Arc<Service>>) -> Response {
    fault_list(&service)
}

async fn add_faults(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    let rules: Result<Vec<FaultRule>, String> = if body.trim_ascii_start().starts_with(b"[") {
        read(&body)
    } else {
        read(&body).map(|rule| vec![rule])
    };
    match rules {
        Ok(rules) => {
            for rule in rules {
                service.session().rules.add(rule);
            }
            fault_list(&service)
        }
        Err(problem) => refuse(&service, problem),
    }
}

async fn clear_faults(State(service): State<Arc<Service>>) -> Response {
    service.session().rules.clear();
    fault_list(&service)
}

async fn add_script(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    let replies: Vec<ScriptedReply> = match read(&body) {
        Ok(replies) => replies,
        Err(problem) => return refuse(&service, problem),
    };
    if let Some(problem) = replies.iter().find_map(|reply| reply.check().err()) {
        return refuse(&service, problem);
    }
    let session = service.session();
    session.script.add(replies);
    answer(&json!({ "scripted_replies": session.script.remaining() }))
}

async fn clear_script(State(service): State<Arc<Service>>) -> Response {
    service.session().script.clear();
    answer(&json!({ "scripted_replies": 0 }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: f64,
}

async fn advance(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    let by = match read(&body) {
        Ok(Advance { advance_seconds }) => Duration::try_from_secs_f64(advance_seconds),
        Err(problem) => return refuse(&service, problem),
    };
    let Ok(by) = by else {
        return refuse(&service, "`advance_seconds` must be 0 or more");
    };
    if !service.session().jobs.advance(by) {
        return refuse(
            &service,
            "the clock moves by itself: start the emulator with the speed `virtual`",
        );
    }
    answer(&service.state())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balance {
    balance: Option<f64>,
}

async fn set_balance(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    match read(&body) {
        Ok(Balance { balance }) => {
            service.session().jobs.ledger.set_balance(balance);
            answer(&json!({ "balance": balance }))
        }
        Err(problem) => refuse(&service, problem),
    }
}

#[cfg(test)]
mod tests {
    use super::is_own_name;

    #[test]
    fn only_this_machines_own_names_are_its_own() {
        for own in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:5",
            "127.8.8.8",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for foreign in [
            "",
            ":80",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "[::2]",
        ] {
            assert!(!is_own_name(foreign), "{foreign}");
        }
    }
}
