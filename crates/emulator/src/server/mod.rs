//! The HTTP side: connections and routes.

pub(crate) mod admin;
mod answers;
mod bend;
mod callback;
mod connection;
pub(crate) mod deliveries;
mod gate;
mod imagine;
mod log;
mod outbound;
mod pictures;
mod reply;
pub(crate) mod request_log;
pub(crate) mod rules;
pub(crate) mod script;
mod scripted;
pub(crate) mod service;
mod stream;
mod tasks;
pub(crate) mod token;
mod unknown;
mod witness;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::middleware;
use axum::routing::{get, post};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use connection::{Connection, FaultyStream};
use pictures::Gallery;
use service::Service;

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
                let connection = Connection::new(peer);
                let stream = TokioIo::new(FaultyStream::new(tcp, connection.clone()));
                let router = router.clone();
                let handler = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(connection.clone());
                    router.call(request)
                });
                connections.spawn(async move {
                    let mut http = http1::Builder::new();
                    // An idle connection stays open: closing one just as it is used again would look to the client like a
                    // request whose fate is unknown.
                    http.header_read_timeout(None);
                    if let Err(error) = http.serve_connection(stream, handler).await {
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
    let gallery = Arc::new(Gallery::default());
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
        .fallback(unknown::no_api)
        .method_not_allowed_fallback(unknown::no_api)
        // The gate has its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(gallery))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&service),
            gate::gate,
        ))
        .with_state(service)
}
