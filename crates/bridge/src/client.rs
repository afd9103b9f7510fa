//! The client as a handle: settings in, and one way in for every verb.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use midjourney_imagine::{
    Client as Core, Error, ErrorKind, Image, ImageData, Imagine, ImagineRequest, Result, TaskData,
    Update, Updates,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::arguments::{Seconds, deadline, read, read_value};
use crate::event::{Event, Listener, Reply};
use crate::failure::refuse;
use crate::process::PerProcess;
use crate::stream::Stream;

/// A client, usable in the process that made it and in those forked from it.
#[derive(Debug)]
pub struct Client {
    core: PerProcess<Core>,
    base_url: String,
}

/// A call that has not begun.
pub type Call = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    token: Option<String>,
    base_url: Option<String>,
    deadline: Option<Seconds>,
    connect_timeout: Option<Seconds>,
    max_retries: Option<u32>,
    poll_interval: Option<Seconds>,
    retry_server_errors: Option<bool>,
    proxy: Option<String>,
    ca_certificates: Option<String>,
    app_name: Option<String>,
}

impl Client {
    /// A client with these settings, a JSON object; what is absent or null comes from the environment, or has the core's
    /// default. Nothing is sent.
    ///
    /// Errors: `config`.
    pub fn new(settings: &str) -> Result<Self> {
        let settings: Settings = read(ErrorKind::Config, settings)?;
        let mut builder =
            Core::builder().retry_server_errors(settings.retry_server_errors.unwrap_or(false));
        if let Some(token) = settings.token {
            builder = builder.token(token);
        }
        if let Some(base_url) = settings.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(deadline) = settings.deadline {
            builder = builder.deadline(deadline.duration(ErrorKind::Config, "deadline")?);
        }
        if let Some(limit) = settings.connect_timeout {
            builder =
                builder.connect_timeout(limit.duration(ErrorKind::Config, "connect_timeout")?);
        }
        if let Some(max_retries) = settings.max_retries {
            builder = builder.max_retries(max_retries);
        }
        if let Some(interval) = settings.poll_interval {
            builder = builder.poll_interval(interval.duration(ErrorKind::Config, "poll_interval")?);
        }
        if let Some(proxy) = settings.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(certificates) = settings.ca_certificates {
            builder = builder.ca_certificates(certificates);
        }
        if let Some(name) = settings.app_name {
            builder = builder.app_name(name);
        }
        let core = builder.build()?;
        let base_url = core.base_url().to_owned();
        let slot = PerProcess::new();
        slot.get_or_make(|_| Ok::<_, Error>(core))?;
        Ok(Self {
            core: slot,
            base_url,
        })
    }

    /// Where the API is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A call by the name of its verb, with its arguments as a JSON object. Arguments are checked here, so that what cannot be
    /// asked is refused before anything runs; updates go to `listener`, where one is given.
    ///
    /// Errors: `invalid_request`, `action_not_available`.
    pub fn call(
        &self,
        verb: &str,
        arguments: &str,
        listener: Option<Arc<dyn Listener>>,
    ) -> Result<Call> {
        let core = self.core()?;
        Ok(match verb {
            "imagine" => {
                let updates = Generation::read(arguments)?.on_lookups(&core, listener)?;
                Box::pin(async move { Ok(answer(updates.await?)) })
            }
            "submit" => {
                let imagine = Generation::read(arguments)?.begin(&core)?;
                Box::pin(async move { Ok(answer(imagine.submit().await?)) })
            }
            "wait" => {
                let updates = Watched::read(arguments)?.updates(&core)?;
                Box::pin(async move { Ok(answer(follow(updates, listener).await?)) })
            }
            "task" => {
                let asked: TaskName = arguments_of(arguments)?;
                Box::pin(async move {
                    let task = match asked {
                        TaskName { id: Some(id), .. } => core.task(id).await?,
                        TaskName {
                            trace_id: Some(trace_id),
                            ..
                        } => core.task_by_trace(trace_id).await?,
                        _ => return Err(mistake("id", "name the task by its id or its trace id")),
                    };
                    Ok(answer(task))
                })
            }
            "tasks" => {
                let asked: TaskNames = arguments_of(arguments)?;
                Box::pin(async move { Ok(answer(core.tasks(asked.ids).await?)) })
            }
            "bytes" => {
                let file: File = arguments_of(arguments)?;
                let mut download = core.image(file.image).bytes();
                if file.preview {
                    download = download.preview();
                }
                if let Some(index) = file.sub_image {
                    download = download.sub_image(index);
                }
                if let Some(deadline) = deadline(file.deadline)? {
                    download = download.deadline(deadline);
                }
                Box::pin(async move { Ok(Reply::Bytes(download.await?)) })
            }
            "save" => {
                let file: File = arguments_of(arguments)?;
                let path = file
                    .path
                    .ok_or_else(|| mistake("path", "say where to save"))?;
                let mut save = core.image(file.image).save(path);
                if file.preview {
                    save = save.preview();
                }
                if let Some(index) = file.sub_image {
                    save = save.sub_image(index);
                }
                if file.keep_existing {
                    save = save.keep_existing();
                }
                if let Some(deadline) = deadline(file.deadline)? {
                    save = save.deadline(deadline);
                }
                Box::pin(async move { Ok(answer(save.await?)) })
            }
            other => return Err(mistake("verb", format_args!("there is no {other}"))),
        })
    }

    /// The updates of a generation that begins when the first is pulled (`request` …), or of a task (`task`).
    ///
    /// Errors: `invalid_request`.
    pub fn stream(&self, arguments: &str) -> Result<Stream> {
        let core = self.core()?;
        let fields: Map<String, Value> = arguments_of(arguments)?;
        let updates = if fields.contains_key("task") {
            Watched::read(arguments)?.updates(&core)?
        } else {
            Generation::read(arguments)?.begin(&core)?.stream()
        };
        Ok(Stream::new(updates))
    }

    fn core(&self) -> Result<Core> {
        let core = self.core.get_or_make(|parents| {
            parents
                .map(Core::afresh)
                .ok_or_else(|| mistake("client", "it was never set up"))
        })?;
        Ok((*core).clone())
    }
}

/// An image's JSON as it is written everywhere: ids that came as numbers are strings, sizes numbers, unknown fields kept.
///
/// Errors: `invalid_request` for anything but a JSON object.
pub fn read_image(text: &str) -> Result<String> {
    let image: ImageData = arguments_of(text)?;
    Ok(text_of(&image))
}

/// When an image's signed URL ends, as ISO 8601 text in UTC; nothing where its URL does not say.
///
/// Errors: as [`read_image`].
pub fn expires_at(image: &str) -> Result<Option<String>> {
    let image: ImageData = arguments_of(image)?;
    Ok(image.expires_at().map(|at| at.to_string()))
}

/// A generation, or an action on an image: `request` holds the fields of the wire.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generation {
    request: Map<String, Value>,
    /// Apart from the request, so that a name with an option of its own is refused and not overwritten.
    #[serde(default)]
    extra: Map<String, Value>,
    image: Option<Box<RawValue>>,
    method: Option<String>,
    #[serde(default)]
    method_arguments: Vec<Value>,
    deadline: Option<Seconds>,
}

impl Generation {
    fn read(arguments: &str) -> Result<Self> {
        arguments_of(arguments)
    }

    fn begin(self, core: &Core) -> Result<Imagine> {
        let mut options: ImagineRequest = read_value(ErrorKind::InvalidRequest, self.request)?;
        options.extra.extend(self.extra);
        let imagine = match (&self.image, &self.method) {
            (Some(image), Some(method)) => act(
                &core.image(image_of(image)?),
                method,
                &self.method_arguments,
            )?
            .options(options),
            (None, None) => core.request(options),
            _ => return Err(mistake("method", "an image and a method belong together")),
        };
        Ok(match deadline(self.deadline)? {
            Some(deadline) => imagine.deadline(deadline),
            None => imagine,
        })
    }

    fn on_lookups(
        self,
        core: &Core,
        listener: Option<Arc<dyn Listener>>,
    ) -> Result<impl Future<Output = Result<Image>> + Send + use<>> {
        let mut imagine = self.begin(core)?;
        if let Some(listener) = listener {
            imagine = imagine
                .on_progress(move |update| listener.tell(Event::Progress(update_text(update))));
        }
        Ok(imagine.into_future())
    }
}

/// The action that a method of an image is. What it takes is checked in the core, its type here.
fn act(image: &Image, method: &str, arguments: &[Value]) -> Result<Imagine> {
    let wrong = |takes: &str| mistake("action", format_args!("{method} takes {takes}"));
    let quadrant = || {
        let index = arguments
            .first()
            .and_then(Value::as_u64)
            .and_then(|index| u8::try_from(index).ok());
        index.ok_or_else(|| wrong("1, 2, 3 or 4"))
    };
    let text = |takes: &str| {
        arguments
            .first()
            .and_then(Value::as_str)
            .ok_or_else(|| wrong(takes))
    };
    Ok(match method {
        "act" => image.act(text("an action's name")?),
        "upscale" => image.upscale(quadrant()?),
        "variation" => image.variation(quadrant()?),
        "reroll" => image.reroll(),
        "upscale_2x" => image.upscale_2x(),
        "upscale_4x" => image.upscale_4x(),
        "upscale_subtle" => image.upscale_subtle(),
        "upscale_creative" => image.upscale_creative(),
        "variation_subtle" => image.variation_subtle(),
        "variation_strong" => image.variation_strong(),
        // Mask and prompt are fields of the request.
        "variation_region" => image.act("variation_region"),
        "zoom_out" => {
            let factor = arguments.first().and_then(Value::as_f64);
            image.zoom_out(factor.ok_or_else(|| wrong("2 or 1.5"))?)
        }
        "pan" => image.pan(text("left, right, up or down")?),
        other => return Err(mistake("method", format_args!("an image has no {other}"))),
    })
}

/// A task to wait for, as it was given before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Watched {
    task: TaskData,
    deadline: Option<Seconds>,
}

impl Watched {
    fn read(arguments: &str) -> Result<Self> {
        arguments_of(arguments)
    }

    fn updates(self, core: &Core) -> Result<Updates> {
        let task = core.resume(self.task);
        Ok(match deadline(self.deadline)? {
            Some(deadline) => task.stream_within(deadline),
            None => task.stream(),
        })
    }
}

async fn follow(mut updates: Updates, listener: Option<Arc<dyn Listener>>) -> Result<Image> {
    while let Some(update) = updates.next().await {
        let update = update?;
        if let Some(listener) = &listener {
            listener.tell(Event::Progress(update_text(&update)));
        }
        if let (true, Some(image)) = (update.done, update.image) {
            return Ok(image);
        }
    }
    unreachable!("updates end with one that is done and has an image, or with an error")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskName {
    id: Option<String>,
    trace_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskNames {
    ids: Vec<String>,
}

/// One of an image's files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    image: ImageData,
    path: Option<PathBuf>,
    #[serde(default)]
    preview: bool,
    sub_image: Option<u8>,
    #[serde(default)]
    keep_existing: bool,
    deadline: Option<Seconds>,
}

/// An image is its JSON or its id. Its JSON is kept as text until here, since ids may be numbers.
fn image_of(raw: &RawValue) -> Result<ImageData> {
    match serde_json::from_str::<String>(raw.get()) {
        Ok(image_id) => Ok(ImageData::from_id(image_id)),
        Err(_) => read(ErrorKind::InvalidRequest, raw.get()),
    }
}

fn arguments_of<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    read(ErrorKind::InvalidRequest, text)
}

fn mistake(field: &str, problem: impl std::fmt::Display) -> Error {
    refuse(ErrorKind::InvalidRequest, field, problem)
}

fn answer(value: impl Serialize) -> Reply {
    Reply::Text(text_of(&value))
}

pub(crate) fn update_text(update: &Update) -> String {
    text_of(update)
}

fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("models and paths that JSON can say")
}
