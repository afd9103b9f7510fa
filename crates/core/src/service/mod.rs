//! One paid call and what it takes: HTTP, waiting, polling. It yields data; the handles that users hold are made of them on the
//! floor above, and nothing here knows these.

pub(crate) mod backoff;
pub(crate) mod body;
pub(crate) mod fetch;
pub(crate) mod generation;
pub(crate) mod http;
pub(crate) mod json_stream;
pub(crate) mod lookup;
pub(crate) mod poll;
pub(crate) mod reason;
pub(crate) mod reply;
pub(crate) mod settings;
pub(crate) mod submit;
pub(crate) mod text;
pub(crate) mod tls;

use std::sync::Arc;

use http::Http;
use poll::Polls;
use settings::Settings;

use crate::model::image::ImageData;

/// The way to the API. Clones share connections and polls.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) http: Arc<Http>,
    pub(crate) polls: Arc<Polls>,
}

impl Service {
    pub(crate) fn new(settings: Settings) -> Self {
        let http = Arc::new(Http::new(settings));
        Self {
            polls: Arc::new(Polls::new(Arc::clone(&http))),
            http,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.http.settings
    }

    /// An image's data as they may be shown: a service that quotes the token back does not bring it into an id.
    pub(crate) fn redacted(&self, mut image: ImageData) -> ImageData {
        for id in [&mut image.task_id, &mut image.trace_id] {
            *id = id.take().map(|id| self.settings().token.redact_id(&id));
        }
        image
    }
}
