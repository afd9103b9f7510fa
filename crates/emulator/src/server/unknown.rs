//! The answer to requests that the emulator has no endpoint for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use super::reply;
use super::service::Service;
use crate::wire::error::Refusal;

/// Endpoints that the service has and the emulator does not.
const NOT_EMULATED: [&str; 6] = [
    "edits",
    "videos",
    "describe",
    "seed",
    "shorten",
    "translate",
];

pub(crate) async fn no_api(State(service): State<Arc<Service>>, request: Request) -> Response {
    let path = request.uri().path();
    let known = path
        .strip_prefix("/midjourney/")
        .is_some_and(|name| NOT_EMULATED.contains(&name));
    let refusal = if known && request.method() == Method::POST {
        Refusal::new(
            "api_not_implemented",
            format!("the emulator does not implement `{path}`"),
        )
    } else {
        Refusal::new("no_api", "no such API")
    };
    reply::refusal(&service.session(), &refusal)
}
