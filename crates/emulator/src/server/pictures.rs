//! The pictures themselves: drawn when they are fetched, the newest cached.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::bend::Exchange;
use super::connection::Connection;
use super::reply;
use super::service::Service;
use crate::jobs::fault::{Fault, Target};
use crate::jobs::job::Job;
use crate::jobs::store::Key;
use crate::picture::{Rendered, View};
use crate::wire::error::Refusal;

/// The most pictures that are drawn at once, so that drawing leaves processors for other work.
const DRAWS_AT_ONCE: usize = 2;
/// Bytes of encoded pictures that are cached.
const CACHED_BYTES: usize = 24 * 1024 * 1024;

type Drawn = (u64, View);

/// The pictures drawn last, and the permits to draw.
#[derive(Debug)]
pub(crate) struct Gallery {
    drawing: Arc<Semaphore>,
    /// The newest last.
    cached: Mutex<VecDeque<(Drawn, Rendered)>>,
}

impl Default for Gallery {
    fn default() -> Self {
        Self {
            drawing: Arc::new(Semaphore::new(DRAWS_AT_ONCE)),
            cached: Mutex::default(),
        }
    }
}

impl Gallery {
    fn find(&self, key: Drawn) -> Option<Rendered> {
        let mut cached = self.cached.lock();
        let position = cached.iter().position(|(other, _)| *other == key)?;
        let entry = cached.remove(position)?;
        let rendered = entry.1.clone();
        cached.push_back(entry);
        Some(rendered)
    }

    fn cache(&self, key: Drawn, rendered: &Rendered) {
        let mut cached = self.cached.lock();
        cached.push_back((key, rendered.clone()));
        let mut bytes: usize = cached
            .iter()
            .map(|(_, rendered)| rendered.bytes.len())
            .sum();
        while bytes > CACHED_BYTES {
            let Some((_, oldest)) = cached.pop_front() else {
                break;
            };
            bytes -= oldest.bytes.len();
        }
    }

    /// Draws a picture, unless it was just drawn. Nothing if drawing it fails.
    async fn draw(
        &self,
        job: &Arc<Job>,
        image_id: u64,
        view: View,
        overlay: bool,
    ) -> Option<Rendered> {
        let key = (image_id, view);
        if let Some(rendered) = self.find(key) {
            return Some(rendered);
        }
        let permit = Arc::clone(&self.drawing).acquire_owned().await.ok()?;
        // The last holder of the permit may have drawn the same.
        if let Some(rendered) = self.find(key) {
            return Some(rendered);
        }
        let recipe = Arc::clone(&job.picture.recipe);
        let drawn = tokio::task::spawn_blocking(move || {
            let rendered = recipe.render(view, overlay);
            // Held until the drawing is done, even if no request waits for it any more.
            drop(permit);
            rendered
        });
        let rendered = drawn.await.ok()?;
        self.cache(key, &rendered);
        Some(rendered)
    }
}

pub(crate) async fn picture(
    State(service): State<Arc<Service>>,
    Extension(connection): Extension<Connection>,
    Extension(gallery): Extension<Arc<Gallery>>,
    Path((_channel, image_id, file)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    uri: axum::http::Uri,
) -> Response {
    let session = service.session();
    let not_found = || Refusal::new("no_api", "no such picture");
    let known = match image_id.parse() {
        Ok(image_id) => {
            let job = session.jobs.find(Key::Image(image_id)).await;
            job.map(|job| (job, image_id))
        }
        Err(_) => None,
    };
    let found = known.and_then(|(job, image_id)| {
        let view = view_of(&job, image_id, &file, query.as_deref().unwrap_or_default())?;
        Some((job, image_id, view))
    });
    let Some((job, image_id, view)) = found else {
        return reply::refusal(&session, &not_found());
    };
    let is_tile = matches!(view, View::Tile(_));
    let applies = |fault: &Fault| is_tile || *fault != Fault::SubImages403;
    let mut faults = session.rules.claim(uri.path(), Target::Picture, applies);
    faults.append(&mut claim_of_job(&job, is_tile));
    let exchange = Exchange {
        target: Target::Picture,
        session,
        connection,
        faults,
        token: None,
    };
    for fault in &exchange.faults {
        match fault {
            Fault::SubImages403 => {
                return reply::with_type(StatusCode::FORBIDDEN, "text/plain", "AccessDenied");
            }
            Fault::Picture404 => return exchange.refuse(&not_found()),
            Fault::Picture500 => return reply::html(StatusCode::INTERNAL_SERVER_ERROR),
            Fault::PictureGarbage => {
                return exchange
                    .send(reply::with_type(
                        StatusCode::OK,
                        "image/png",
                        "not a picture",
                    ))
                    .await;
            }
            _ => {}
        }
    }
    if let Some(response) = exchange.replace_any().await {
        return exchange.send(response).await;
    }
    let overlay = service.config.overlay;
    let response = match gallery.draw(&job, image_id, view, overlay).await {
        Some(rendered) => reply::with_type(
            StatusCode::OK,
            rendered.content_type,
            Body::from(rendered.bytes),
        ),
        None => reply::html(StatusCode::INTERNAL_SERVER_ERROR),
    };
    exchange.send(response).await
}

/// Takes the faults that a prompt asked for on its own pictures: each strikes once, the 403 of sub-images always.
fn claim_of_job(job: &Job, is_tile: bool) -> Vec<Fault> {
    let mut claimed = Vec::new();
    job.picture_faults.lock().retain(|fault| match fault {
        Fault::SubImages403 => {
            if is_tile {
                claimed.push(fault.clone());
            }
            true
        }
        _ if claimed.is_empty() => {
            claimed.push(fault.clone());
            false
        }
        _ => true,
    });
    claimed
}

/// Which view of a picture a URL names; nothing if it names none.
fn view_of(job: &Job, image_id: u64, file: &str, query: &str) -> Option<View> {
    let (name, extension) = file.rsplit_once('.')?;
    let tail = name.strip_prefix(job.file.as_str())?;
    let preview = query.split('&').any(|pair| pair.starts_with("width="));
    if job.result_id() != Some(image_id) {
        let frame = job
            .state()
            .frames
            .iter()
            .copied()
            .find(|frame| frame.image_id == image_id)?;
        let drawing = job.outcome().is_none() && tail.is_empty() && extension == "webp";
        return drawing.then_some(View::Draft {
            progress: frame.progress,
            preview,
        });
    }
    if extension != "png" {
        return None;
    }
    match tail {
        "" if preview => Some(View::Preview),
        "" => Some(View::Raw),
        _ => {
            let tile = tail
                .strip_prefix('_')?
                .parse()
                .ok()
                .filter(|tile| (1..=4).contains(tile))?;
            job.picture.recipe.is_grid().then_some(View::Tile(tile))
        }
    }
}
