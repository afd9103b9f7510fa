//! The observed steps of a running generation.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::image::Image;
use crate::service::generation::Generation;

/// One observed step of a running generation: none is invented, and progress never runs backwards.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Update {
    /// The task, once the service has named it.
    pub task_id: Option<String>,
    /// How far the picture is drawn, in percent (0 to 100).
    pub progress: u8,
    /// The preview, which the service destroys when the picture is finished; in the last update the picture itself.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::ImageData>"))]
    pub image: Option<Image>,
    /// Whether this is the last update. Exactly one is.
    pub done: bool,
}

/// The updates of one generation, pulled one at a time. Nothing is sent before the first is asked for, and dropping the
/// stream ends the exchange; the task goes on at the service, under [`Updates::task_id`].
///
/// A [`Stream`] for those who use that trait; [`Updates::next`] needs no trait. Dropping the future of `next` loses
/// nothing: the step that was under way goes on with the next pull.
#[must_use = "a stream does nothing until it is pulled"]
pub struct Updates {
    steps: Pin<Box<dyn Stream<Item = Step> + Send>>,
    task_id: Option<String>,
    on_progress: Option<OnProgress>,
}

/// What is called with every update.
pub(crate) type OnProgress = Box<dyn FnMut(&Update) + Send>;

/// What a pull brought, and the task's name as it is known since.
type Step = (Result<Update>, Option<String>);

impl Updates {
    pub(crate) fn new(
        client: Client,
        generation: Result<Generation>,
        on_progress: Option<OnProgress>,
    ) -> Self {
        let steps: Pin<Box<dyn Stream<Item = Step> + Send>> = match generation {
            Ok(generation) => Box::pin(
                stream::unfold((generation, client), |(mut generation, client)| async {
                    let progress = generation.next().await?;
                    let task_id = generation.task_id().map(str::to_owned);
                    let update = progress.map(|progress| Update {
                        task_id: progress.task_id,
                        progress: progress.percent,
                        image: progress
                            .image
                            .map(|image| Image::new(client.clone(), image)),
                        done: progress.done,
                    });
                    Some(((update, task_id), (generation, client)))
                })
                .fuse(),
            ),
            Err(error) => Box::pin(stream::iter([(Err(error), None)]).fuse()),
        };
        Self {
            steps,
            task_id: None,
            on_progress,
        }
    }

    /// The task, once the service has named it.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        self.task_id.as_deref()
    }

    /// The next update; nothing after the one that is done, or after an error.
    pub async fn next(&mut self) -> Option<Result<Update>> {
        StreamExt::next(self).await
    }

    /// Reads to the end and gives the finished picture.
    ///
    /// Errors: as [`Imagine`](crate::Imagine); `invalid_request` when the end was read before.
    pub async fn result(mut self) -> Result<Image> {
        while let Some(update) = self.next().await {
            let update = update?;
            if let (true, Some(image)) = (update.done, update.image) {
                return Ok(image);
            }
        }
        Err(Error::new(
            ErrorKind::InvalidRequest,
            "the stream was read to its end before",
        ))
    }
}

impl Stream for Updates {
    type Item = Result<Update>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let step = std::task::ready!(self.steps.as_mut().poll_next(context));
        let Some((update, task_id)) = step else {
            return Poll::Ready(None);
        };
        self.task_id = task_id.or_else(|| self.task_id.take());
        if let (Ok(update), Some(on_progress)) = (&update, &mut self.on_progress) {
            on_progress(update);
        }
        Poll::Ready(Some(update))
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Updates")
            .field("task_id", &self.task_id)
            .finish_non_exhaustive()
    }
}
