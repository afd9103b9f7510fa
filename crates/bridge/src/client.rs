//! The client as a handle: settings in, and one way in for every command.

use std::sync::Arc;

use midjourney_imagine::{Client as Core, Error, ErrorKind, Image, ImageData, Result, Updates};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::arguments::{Seconds, read};
use crate::command::{Command, StreamCommand, TaskName};
use crate::event::{Call, Event, Listener, Reply};
use crate::failure::mistake;
use crate::process::PerProcess;
use crate::stream::Stream;

/// A client, usable in the process that made it and in those forked from it.
#[derive(Debug)]
pub struct Client {
    core: PerProcess<Core>,
    base_url: String,
}

/// What a client is made with; what is absent or null comes from the environment, or has the core's default.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientSettings {
    /// The API token.
    token: Option<String>,
    /// Where the API is.
    base_url: Option<String>,
    /// How long a whole call may take, in seconds.
    deadline: Option<Seconds>,
    /// How long one attempt may take to connect, in seconds.
    connect_timeout: Option<Seconds>,
    /// How often a request is tried again that cost nothing.
    max_retries: Option<u32>,
    /// The pause between polls, in seconds.
    poll_interval: Option<Seconds>,
    /// Send a paid request again after a 500 `api_error`.
    retry_server_errors: Option<bool>,
    /// The proxy for every request.
    proxy: Option<String>,
    /// Certificates to trust beside the machine's, as PEM text.
    ca_certificates: Option<String>,
    /// The application's name.
    app_name: Option<String>,
}

impl Client {
    /// A client with these settings, a JSON object; what is absent or null comes from the environment, or has the core's
    /// default. Nothing is sent.
    ///
    /// Errors: `config`.
    pub fn new(settings: &str) -> Result<Self> {
        let settings: ClientSettings = read(ErrorKind::Config, "settings", settings)?;
        let mut builder =
            Core::builder().retry_server_errors(settings.retry_server_errors.unwrap_or(false));
        if let Some(token) = settings.token {
            builder = builder.token(token);
        }
        if let Some(base_url) = settings.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(deadline) = settings.deadline {
            builder = builder.deadline(deadline.into());
        }
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit.into());
        }
        if let Some(max_retries) = settings.max_retries {
            builder = builder.max_retries(max_retries);
        }
        if let Some(interval) = settings.poll_interval {
            builder = builder.poll_interval(interval.into());
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

    /// A call, from its command as JSON text. What cannot be asked is refused here, before anything runs; updates go to
    /// `listener`, where one is given.
    ///
    /// Errors: `invalid_request`.
    pub fn call(&self, command: &str, listener: Option<Arc<dyn Listener>>) -> Result<Call> {
        let core = self.core()?;
        Ok(match read(ErrorKind::InvalidRequest, "command", command)? {
            Command::Imagine(generation) => {
                let beginning = generation.begin(&core)?;
                Box::pin(async move {
                    let mut imagine = beginning.await?;
                    if let Some(listener) = listener {
                        imagine = imagine
                            .on_progress(move |update| listener.tell(Event::progress(update)));
                    }
                    Ok(Reply::json(&imagine.await?))
                })
            }
            Command::Submit(generation) => {
                let beginning = generation.begin(&core)?;
                Box::pin(async move { Ok(Reply::json(&beginning.await?.submit().await?)) })
            }
            Command::Wait(wait) => {
                let updates = wait.updates(&core);
                Box::pin(async move { Ok(Reply::json(&follow(updates, listener).await?)) })
            }
            Command::Task(TaskName::Id(id)) => {
                Box::pin(async move { Ok(Reply::json(&core.task(id).await?)) })
            }
            Command::Task(TaskName::TraceId(trace_id)) => {
                Box::pin(async move { Ok(Reply::json(&core.task_by_trace(trace_id).await?)) })
            }
            Command::Tasks(tasks) => {
                Box::pin(async move { Ok(Reply::json(&core.tasks(tasks.ids).await?)) })
            }
            Command::Bytes(file) => {
                let download = file.of(&core);
                Box::pin(async move { Ok(Reply::Bytes(download.await?)) })
            }
            Command::Save(file) => {
                let save = file.of(&core);
                Box::pin(async move { Ok(Reply::json(&save.await?)) })
            }
        })
    }

    /// The updates of a generation, which begins when the first is pulled, or of a task.
    ///
    /// Errors: `invalid_request`.
    pub fn stream(&self, command: &str) -> Result<Stream> {
        let core = self.core()?;
        Ok(match read(ErrorKind::InvalidRequest, "command", command)? {
            StreamCommand::Generation(generation) => {
                let beginning = generation.begin(&core)?;
                Stream::new(async move { Ok(beginning.await?.stream()) })
            }
            StreamCommand::Task(wait) => {
                let updates = wait.updates(&core);
                Stream::new(async move { Ok(updates) })
            }
        })
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

/// What an image's JSON says by itself, as JSON: `image`, the same as it is written everywhere (ids as strings, sizes as numbers,
/// unknown fields kept), and `expires_at`, when its signed URL ends, as ISO 8601 text in UTC, null where the URL does not say.
///
/// Errors: `invalid_request` for anything but a JSON object.
pub fn inspect(image: &str) -> Result<String> {
    let image: ImageData = read(ErrorKind::InvalidRequest, "image", image)?;
    let expires_at = image.expires_at().map(|at| at.to_string());
    Ok(json!({"image": image, "expires_at": expires_at}).to_string())
}

async fn follow(mut updates: Updates, listener: Option<Arc<dyn Listener>>) -> Result<Image> {
    while let Some(update) = updates.next().await {
        let update = update?;
        if let Some(listener) = &listener {
            listener.tell(Event::progress(&update));
        }
        if let (true, Some(image)) = (update.done, update.image) {
            return Ok(image);
        }
    }
    unreachable!("updates end with one that is done and has an image, or with an error")
}
