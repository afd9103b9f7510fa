//! The HTTP side: connections, routes, and what every request passes on its way in.

pub(crate) mod admin;
pub(crate) mod bend;
pub(crate) mod connection;
pub(crate) mod imagine;
pub(crate) mod pictures;
pub(crate) mod reply;
mod scripted;
mod stream;
pub(crate) mod tasks;
mod witness;

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::outbound::Outbound;
use crate::wire::error::Refusal;
use crate::work::Run;
use bend::Struck;
use connection::{FaultyStream, Wire};
use pictures::Gallery;
use witness::Witness;

/// The largest body that is accepted, in bytes.
pub(crate) const MAX_BODY: usize = 32 * 1024 * 1024;
/// Of a larger body, so much is read and thrown away before the refusal: a client that still sends would lose the answer.
const MAX_DISCARDED: usize = 8 * MAX_BODY;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) config: Arc<Config>,
    run: RwLock<Arc<Run>>,
    pub(crate) gallery: Gallery,
    pub(crate) outbound: Arc<Outbound>,
    pub(crate) runtime: tokio::runtime::Handle,
    /// Cancelled when the emulator stops.
    pub(crate) stopping: CancellationToken,
}

impl Service {
    pub(crate) fn new(config: Config, runtime: tokio::runtime::Handle) -> Arc<Self> {
        let config = Arc::new(config);
        let stopping = CancellationToken::new();
        let run = Arc::new(Run::new(&config, stopping.child_token()));
        runtime.spawn(Arc::clone(&run).drive());
        Arc::new(Self {
            config,
            run: RwLock::new(run),
            gallery: Gallery::default(),
            outbound: Arc::default(),
            runtime,
            stopping,
        })
    }

    pub(crate) fn run(&self) -> Arc<Run> {
        Arc::clone(&self.run.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins anew: no tasks, no books, no rules, and the clock at its start.
    pub(crate) fn reset(&self) {
        let fresh = Arc::new(Run::new(&self.config, self.stopping.child_token()));
        self.runtime.spawn(Arc::clone(&fresh).drive());
        let old = {
            let mut run = self.run.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *run, fresh)
        };
        old.end();
    }
}

/// Serves connections until the service stops; then all of them end at once.
pub(crate) async fn serve(listener: TcpListener, service: Arc<Service>) {
    let router = TowerToHyperService::new(router(Arc::clone(&service)));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            () = service.stopping.cancelled() => break,
        };
        match accepted {
            Ok((tcp, peer)) => {
                // Small frames must not wait for each other's acknowledgements.
                drop(tcp.set_nodelay(true));
                let wire = Wire::new(peer);
                let stream = TokioIo::new(FaultyStream::new(tcp, wire.clone()));
                let router = router.clone();
                let handler = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(wire.clone());
                    router.call(request)
                });
                connections.spawn(async move {
                    let mut http = http1::Builder::new();
                    // A client may keep a connection for as long as it likes: closing one just as it is used again would
                    // look to the client like a request whose fate is unknown.
                    http.header_read_timeout(None);
                    let connection = http.serve_connection(stream, handler);
                    if let Err(error) = connection.await {
                        tracing::trace!(%error, "connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                // Out of file descriptors, most likely: the next try needs others to end first.
                if error.kind() != io::ErrorKind::ConnectionAborted {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
    connections.shutdown().await;
}

fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route(imagine::PATH, post(imagine::imagine))
        .route(tasks::PATH, post(tasks::tasks))
        .route(
            "/attachments/{channel}/{image_id}/{file}",
            get(pictures::picture),
        )
        // The path of pictures under the fault `double_slash_urls`.
        .route(
            "//attachments/{channel}/{image_id}/{file}",
            get(pictures::picture),
        )
        .merge(admin::router(Arc::clone(&service)))
        .fallback(no_api)
        .method_not_allowed_fallback(no_api)
        // The gate has its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::clone(&service), gate))
        .with_state(service)
}

/// Reads the body of every request, so that no answer races with what is still being sent; keeps the journal; gives the
/// answers of the script.
async fn gate(
    State(service): State<Arc<Service>>,
    Extension(wire): Extension<Wire>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let body = match read_body(body).await {
        Ok(Some(body)) => body,
        Ok(None) => {
            let refusal = Refusal::new("request_too_large", "the body is larger than 32 MB");
            return reply::refusal(&service.run(), &refusal);
        }
        Err(error) => {
            tracing::debug!(%error, "the body did not arrive");
            return reply::refusal(
                &service.run(),
                &Refusal::bad_request("the body did not arrive in full"),
            );
        }
    };
    let path = head.uri.path();
    if path == admin::PREFIX
        || path
            .strip_prefix(admin::PREFIX)
            .is_some_and(|rest| rest.starts_with('/'))
    {
        return next.run(Request::from_parts(head, Body::from(body))).await;
    }
    let run = service.run();
    let now = || run.clock.unix(run.clock.elapsed());
    let number = run
        .journal
        .receive(&head.method, &head.uri, &head.headers, &body, now());
    let witness = Witness::new(Arc::clone(&run), number, wire.clone());
    let scripted = run.script.take(path);
    let is_scripted = scripted.is_some();
    let response = if let Some(reply) = scripted {
        if path == imagine::PATH {
            run.books.note_submission();
        }
        scripted::answer(&reply, &service.config.url, &head.headers, &wire)
    } else {
        next.run(Request::from_parts(head, Body::from(body))).await
    };
    run.journal.amend(number, |entry| {
        entry.answered_at = Some(now());
        entry.status = Some(response.status().as_u16());
        entry.scripted = is_scripted;
        if let Some(Struck(faults)) = response.extensions().get() {
            entry.faults.clone_from(faults);
        }
    });
    witness.follow(response)
}

/// Reads a body, or nothing if it is too large.
async fn read_body(body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut read = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length > MAX_DISCARDED {
            return Ok(None);
        }
        if length > MAX_BODY {
            read = Vec::new();
        } else {
            read.extend_from_slice(&chunk);
        }
    }
    Ok((length <= MAX_BODY).then(|| read.into()))
}

/// Endpoints that the service has and the emulator does not.
const NOT_EMULATED: [&str; 6] = [
    "edits",
    "videos",
    "describe",
    "seed",
    "shorten",
    "translate",
];

async fn no_api(State(service): State<Arc<Service>>, request: Request) -> Response {
    let path = request.uri().path();
    let known = path
        .strip_prefix("/midjourney/")
        .is_some_and(|name| NOT_EMULATED.contains(&name));
    let refusal = if known && request.method() == axum::http::Method::POST {
        Refusal::new(
            "api_not_implemented",
            format!("the emulator does not implement `{path}`"),
        )
    } else {
        Refusal::new("no_api", "no such API")
    };
    reply::refusal(&service.run(), &refusal)
}
