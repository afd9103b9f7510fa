//! Following one generation to its end: the bar, the previews, a line of JSON for each step, and what to say when the user
//! has had enough.

use std::cell::{Cell, RefCell};
use std::pin::Pin;

use midjourney_imagine::{Image, Imagine, Update, Updates};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::exit::{Explain, Failure, Result};
use crate::output::{Shape, UpdateLine, print_json};
use crate::signals::{Signal, Signals};
use crate::terminal::{Encoded, Painting, Screen, Stage};

/// What is known of the generation at any moment, for whoever has to speak of it when it is cut short.
#[derive(Debug, Default)]
pub(super) struct Known {
    task_id: RefCell<Option<String>>,
    /// Whether a paid request may have gone out.
    submitting: Cell<bool>,
    /// Whether the task lives in this process and ends with it.
    is_ours: bool,
}

impl Known {
    /// Nothing yet. `is_ours` says that the service is an emulator in this process.
    pub(super) fn new(is_ours: bool) -> Self {
        Self {
            is_ours,
            ..Self::default()
        }
    }

    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    pub(super) fn submitting(&self) {
        self.submitting.set(true);
    }

    /// Remembers the task's id. Gives it where it was not known before.
    pub(super) fn name<'a>(&self, task_id: Option<&'a str>) -> Option<&'a str> {
        let task_id = task_id?;
        let before = self.task_id.borrow_mut().replace(task_id.to_owned());
        before.is_none().then_some(task_id)
    }

    fn interrupted(&self, signal: Signal, explain: &Explain) -> Failure {
        let exit = signal.exit();
        let task_id = self.task_id.borrow().clone();
        let failure = match (&task_id, self.submitting.get()) {
            (Some(task), _) if self.is_ours => Failure::interrupted(
                exit,
                format!(
                    "interrupted; the emulator ended with this command, and task {task} with it unless it was finished"
                ),
            ),
            (Some(task), _) => Failure::interrupted(
                exit,
                format!("interrupted; task {task} goes on at the service"),
            )
            .hint(format!("pick it up with `{}`", explain.pick_up(task))),
            (None, true) if !self.is_ours => Failure::interrupted(
                exit,
                "interrupted before the service named the task; it may have started it",
            )
            .hint("it may be paid for: look at your account's usage before you repeat it"),
            (None, _) => Failure::interrupted(exit, "interrupted"),
        };
        failure.task(task_id)
    }
}

/// Does the work, unless a signal ends it first.
pub(super) async fn unless_interrupted<T>(
    known: &Known,
    explain: &Explain,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut signals = Signals::listen()
        .map_err(|error| Failure::machine(format!("signals cannot be listened for: {error}")))?;
    tokio::select! {
        biased;
        outcome = work => outcome,
        signal = signals.next() => Err(known.interrupted(signal, explain)),
    }
}

/// Where the updates of a generation come from.
pub(super) enum Source {
    /// A stream of frames, or of what is seen of a task.
    Stream(Updates),
    /// A generation that is awaited. It sends its updates, the last one included, before it ends.
    Awaited {
        work: Pin<Box<dyn Future<Output = midjourney_imagine::Result<Image>> + Send>>,
        updates: mpsc::UnboundedReceiver<Update>,
    },
}

impl Source {
    pub(super) fn awaited(imagine: Imagine) -> Self {
        let (sender, updates) = mpsc::unbounded_channel();
        let imagine = imagine.on_progress(move |update| drop(sender.send(update.clone())));
        Self::Awaited {
            work: imagine.into_future(),
            updates,
        }
    }

    async fn next(&mut self) -> Option<midjourney_imagine::Result<Update>> {
        match self {
            Self::Stream(updates) => updates.next().await,
            Self::Awaited { work, updates } => tokio::select! {
                biased;
                Some(update) = updates.recv() => Some(Ok(update)),
                outcome = work => match outcome {
                    Ok(_) => updates.recv().await.map(Ok),
                    Err(error) => Some(Err(error)),
                },
            },
        }
    }
}

/// Follows a generation to its last update, which holds the picture. That one is not printed: what becomes of the picture
/// belongs to it.
pub(super) async fn to_the_end(
    mut updates: Source,
    shape: Shape,
    screen: &Screen,
    known: &Known,
    explain: &Explain,
) -> Result<Update> {
    let mut sketches = Sketches::default();
    loop {
        tokio::select! {
            sketch = sketches.next() => {
                if let Some(sketch) = sketch {
                    screen.paint(&sketch);
                }
            }
            update = updates.next() => {
                let Some(update) = update else {
                    return Err(Failure::machine("the updates ended without a picture"));
                };
                let update = update.map_err(|error| explain.error(error))?;
                // At once: a command that is killed cannot say it any more.
                if let Some(task_id) = known.name(update.task_id.as_deref()) {
                    screen.note(&format!("task {task_id}"));
                }
                screen.progress(update.progress);
                if update.done {
                    return Ok(update);
                }
                if shape == Shape::Lines {
                    print_json(&UpdateLine::new(&update, None))?;
                }
                if let (Some(image), Some(painting)) = (update.image, screen.painting()) {
                    sketches.want(image, painting);
                }
            }
        }
    }
}

/// The previews of an unfinished picture: one is fetched at a time, and only the latest waits for its turn.
#[derive(Debug, Default)]
struct Sketches {
    under_way: Option<JoinHandle<Option<Encoded>>>,
    waiting: Option<(Image, Painting)>,
}

impl Sketches {
    fn want(&mut self, image: Image, painting: Painting) {
        if self.under_way.is_some() {
            self.waiting = Some((image, painting));
        } else {
            self.under_way = Some(tokio::spawn(sketch(image, painting)));
        }
    }

    /// The next preview that arrives. Never, while none is wanted; nothing, where one could not be had.
    async fn next(&mut self) -> Option<Encoded> {
        let Some(under_way) = &mut self.under_way else {
            return std::future::pending().await;
        };
        let sketch = under_way.await.ok().flatten();
        self.under_way = None;
        if let Some((image, painting)) = self.waiting.take() {
            self.want(image, painting);
        }
        sketch
    }
}

impl Drop for Sketches {
    fn drop(&mut self) {
        if let Some(under_way) = &self.under_way {
            under_way.abort();
        }
    }
}

/// Fetches and encodes a preview. One that cannot be had, because the picture has been finished since, is not missed.
pub(super) async fn sketch(image: Image, painting: Painting) -> Option<Encoded> {
    let file = image.bytes().preview().await.ok()?;
    encode(file.into(), painting).await
}

pub(super) async fn encode(file: Vec<u8>, painting: Painting) -> Option<Encoded> {
    tokio::task::spawn_blocking(move || painting.encode(&file))
        .await
        .ok()
        .flatten()
}

/// Shows the finished picture in the place of its previews: from the file where it was saved, else from the service.
pub(super) async fn show(image: &Image, file: Option<&std::path::Path>, screen: &Screen) {
    let Some(painting) = screen.painting() else {
        return;
    };
    screen.stage(Stage::Saving);
    let encoded = match file.map(std::fs::read) {
        Some(Ok(file)) => encode(file, painting).await,
        _ => sketch(image.clone(), painting).await,
    };
    if let Some(encoded) = encoded {
        screen.paint(&encoded);
    }
}
