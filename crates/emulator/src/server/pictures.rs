//! The pictures themselves: drawn when they are fetched, a few kept for the next to ask.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::Semaphore;

use super::bend::Exchange;
use super::connection::Wire;
use super::{Service, reply};
use crate::fault::{Fault, Target};
use crate::picture::{Rendered, View};
use crate::wire::error::Refusal;
use crate::work::job::Job;

/// As many pictures are drawn at once, so that drawing leaves the other processors alone.
const DRAWS_AT_ONCE: usize = 2;
/// Bytes of encoded pictures that are kept.
const KEPT_BYTES: usize = 24 * 1024 * 1024;

type Key = (u64, View);

/// The pictures drawn last, and the right to draw.
#[derive(Debug)]
pub(crate) struct Gallery {
    drawing: Arc<Semaphore>,
    /// The newest last.
    kept: Mutex<VecDeque<(Key, Rendered)>>,
}

impl Default for Gallery {
    fn default() -> Self {
        Self {
            drawing: Arc::new(Semaphore::new(DRAWS_AT_ONCE)),
            kept: Mutex::default(),
        }
    }
}

impl Gallery {
    fn find(&self, key: Key) -> Option<Rendered> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let position = kept.iter().position(|(other, _)| *other == key)?;
        let entry = kept.remove(position)?;
        let rendered = entry.1.clone();
        kept.push_back(entry);
        Some(rendered)
    }

    fn keep(&self, key: Key, rendered: &Rendered) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((key, rendered.clone()));
        let mut bytes: usize = kept.iter().map(|(_, rendered)| rendered.bytes.len()).sum();
        while bytes > KEPT_BYTES {
            let Some((_, oldest)) = kept.pop_front() else {
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
        // Whoever had the permit may have drawn the same.
        if let Some(rendered) = self.find(key) {
            return Some(rendered);
        }
        let recipe = Arc::clone(&job.picture.recipe);
        let drawn = tokio::task::spawn_blocking(move || {
            let rendered = recipe.render(view, overlay);
            // Held until the drawing is done, even if nobody waits for it any more.
            drop(permit);
            rendered
        });
        let rendered = drawn.await.ok()?;
        self.keep(key, &rendered);
        Some(rendered)
    }
}

pub(crate) async fn picture(
    State(service): State<Arc<Service>>,
    Extension(wire): Extension<Wire>,
    Path((_channel, image_id, file)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    uri: axum::http::Uri,
) -> Response {
    let run = service.run();
    let not_found = || Refusal::new("no_api", "no such picture").with_status(StatusCode::NOT_FOUND);
    let known = match image_id.parse() {
        Ok(image_id) => service
            .pictured(&run, image_id)
            .await
            .map(|job| (job, image_id)),
        Err(_) => None,
    };
    let found = known.and_then(|(job, image_id)| {
        let view = view_of(&job, image_id, &file, query.as_deref().unwrap_or_default())?;
        Some((job, image_id, view))
    });
    let Some((job, image_id, view)) = found else {
        return reply::refusal(&run, &not_found());
    };
    let is_tile = matches!(view, View::Tile(_));
    let applies = |fault: &Fault| is_tile || *fault != Fault::SubImages403;
    let mut faults = run.rules.claim(uri.path(), Target::Picture, applies);
    faults.append(&mut claim_of_job(&job, is_tile));
    let exchange = Exchange {
        target: Target::Picture,
        run: Arc::clone(&run),
        wire,
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
    let response = match service.gallery.draw(&job, image_id, view, overlay).await {
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
    let mut faults = job
        .picture_faults
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    faults.retain(|fault| match fault {
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
