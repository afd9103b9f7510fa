//! A generation to be: its options, and the three ways to have it.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::image::Image;
use crate::mask::Mask;
use crate::model::action;
use crate::model::request::{ImagineRequest, Mode};
use crate::service::generation::{Delivery, Generation};
use crate::task::Task;
use crate::updates::{OnProgress, Update, Updates};

/// A generation, or an action on an image, that is not yet sent. Three ways to have it:
///
/// - `.await` it for the finished [`Image`]. The service names the task within a second, and the task is polled until it is
///   done: no connection stays open through the minute of work. [`on_progress`](Self::on_progress) gives the steps.
/// - [`stream`](Self::stream) it for every frame as it is drawn.
/// - [`submit`](Self::submit) it for the [`Task`], at once.
///
/// Dropping any of them ends the exchange at once and leaves the task running at the service.
///
/// Errors of all three, by kind: `invalid_request` and `action_not_available` before anything is sent; `not_sent` and
/// `rate_limit` after the last try; `bad_request`, `authentication`, `insufficient_balance`, `disabled`, `moderation`,
/// `not_found` when the service refuses; `server`, `generation_timeout`, `task_failed` when it fails; `outcome_unknown`
/// when no usable answer came and the request is not sent again; `deadline`.
///
/// ```no_run
/// # async fn example(client: midjourney_imagine::Client) -> midjourney_imagine::Result<()> {
/// let image = client
///     .imagine("A cat sitting on a table --ar 16:9")
///     .mode("turbo")
///     .on_progress(|update| eprintln!("{} %", update.progress))
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is awaited, streamed or submitted"]
pub struct Imagine {
    client: Client,
    request: ImagineRequest,
    deadline: Option<Duration>,
    on_progress: Option<OnProgress>,
    /// What was wrong before the request was complete.
    refused: Option<Error>,
}

impl Imagine {
    pub(crate) fn new(client: Client, request: ImagineRequest) -> Self {
        Self {
            client,
            request,
            deadline: None,
            on_progress: None,
            refused: None,
        }
    }

    pub(crate) fn refused(mut self, error: Error) -> Self {
        self.refused = Some(error);
        self
    }

    /// `fast` (the service's default), `relax` or `turbo`; an unknown mode passes through.
    pub fn mode(mut self, mode: impl Into<Mode>) -> Self {
        self.request.mode = Some(mode.into());
        self
    }

    /// What to draw, for an action that takes a prompt.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.request.prompt = Some(prompt.into());
        self
    }

    /// How long the service itself waits. Default: 480 s. The caller's own limit is [`deadline`](Self::deadline).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request.timeout = Some(timeout.as_secs_f64());
        self
    }

    /// Have the service translate the prompt to English. Default: false.
    pub fn translation(mut self, translation: bool) -> Self {
        self.request.translation = Some(translation);
        self
    }

    /// Have the four quadrants as pictures of their own, too. Default: false.
    pub fn split_images(mut self, split_images: bool) -> Self {
        self.request.split_images = Some(split_images);
        self
    }

    /// The area to draw anew, for `variation_region`.
    pub fn mask(mut self, mask: Mask) -> Self {
        self.request.mask = Some(mask);
        self
    }

    /// Where the service shall post the result, too: an absolute http(s) URL that it can reach.
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.request.callback_url = Some(url.into());
        self
    }

    /// The model's version, such as `7`; prompts usually say `--version` as well.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.request.version = Some(version.into());
        self
    }

    /// High definition; the V8 family only.
    pub fn hd(mut self, hd: bool) -> Self {
        self.request.hd = Some(hd);
        self
    }

    /// `.25`, `.5`, `1` (the service's default), `2` or `4`.
    pub fn quality(mut self, quality: impl Into<String>) -> Self {
        self.request.quality = Some(quality.into());
        self
    }

    /// Declare that the prompt uses `--sref`.
    pub fn style_reference(mut self, style_reference: bool) -> Self {
        self.request.style_reference = Some(style_reference);
        self
    }

    /// Declare that the prompt uses a moodboard.
    pub fn moodboard(mut self, moodboard: bool) -> Self {
        self.request.moodboard = Some(moodboard);
        self
    }

    /// Every option that `options` gives, at once: for options that are stored as data. What it leaves out stays as it is.
    #[cfg(feature = "bridge")]
    #[doc(hidden)]
    pub fn options(mut self, options: ImagineRequest) -> Self {
        let own = std::mem::take(&mut self.request);
        self.request = ImagineRequest {
            prompt: options.prompt.or(own.prompt),
            action: options.action.or(own.action),
            image_id: options.image_id.or(own.image_id),
            mode: options.mode.or(own.mode),
            mask: options.mask.or(own.mask),
            timeout: options.timeout.or(own.timeout),
            translation: options.translation.or(own.translation),
            split_images: options.split_images.or(own.split_images),
            callback_url: options.callback_url.or(own.callback_url),
            version: options.version.or(own.version),
            hd: options.hd.or(own.hd),
            quality: options.quality.or(own.quality),
            style_reference: options.style_reference.or(own.style_reference),
            moodboard: options.moodboard.or(own.moodboard),
            extra: own.extra.into_iter().chain(options.extra).collect(),
        };
        self
    }

    /// A field that the API has learned since this version.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.request.extra.insert(name.into(), value.into());
        self
    }

    /// How long the whole call may take. Default: the client's deadline, else the service's `timeout` and a minute.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Called with every update while the call is awaited or streamed, on the task that drives it; keep it short.
    pub fn on_progress(mut self, on_progress: impl FnMut(&Update) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }

    /// The updates as they come. The service answers with frames on the open connection; when it breaks, the task is
    /// polled instead, and the stream goes on.
    pub fn stream(self) -> Updates {
        self.updates(Delivery::Frames)
    }

    /// Submits and returns as soon as the service has named the task. An older service that knows only waiting calls
    /// answers when the picture is finished; the task then holds it.
    ///
    /// Errors: see [`Imagine`].
    pub async fn submit(self) -> Result<Task> {
        let client = self.client.clone();
        let is_quick = action::is_quick(self.request.action());
        let task = self.start(Delivery::Polls)?.until_named().await?;
        Ok(Task::just_submitted(client, task, is_quick))
    }

    fn updates(mut self, delivery: Delivery) -> Updates {
        let on_progress = self.on_progress.take();
        Updates::new(self.client.clone(), self.start(delivery), on_progress)
    }

    fn start(self, delivery: Delivery) -> Result<Generation> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        if self.deadline.is_some_and(|deadline| deadline.is_zero()) {
            return Err(Error::invalid_request("deadline", "it is zero"));
        }
        let service = self.client.service().clone();
        Generation::new(service, &self.request, delivery, self.deadline)
    }
}

impl IntoFuture for Imagine {
    type Output = Result<Image>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Image>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.updates(Delivery::Polls).result())
    }
}

impl fmt::Debug for Imagine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Imagine")
            .field("action", &self.request.action())
            .finish_non_exhaustive()
    }
}
