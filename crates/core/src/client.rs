//! The client: what the service can be asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::time::Instant;

use crate::error::{Error, ErrorKind, Result};
use crate::exchange::Exchange;
use crate::image::Image;
use crate::imagine::Imagine;
use crate::lookups::Lookups;
use crate::model::{Fields, ImageData, TaskData};
use crate::request::{DEFAULT_TIMEOUT, ImagineRequest};
use crate::settings::{ClientBuilder, Settings};
use crate::task::Task;

pub(crate) const IMAGINE: &str = "/midjourney/imagine";
pub(crate) const TASKS: &str = "/midjourney/tasks";

/// What the caller waits beyond the service's own wait: for the network, and for the queue.
const MARGIN: Duration = Duration::from_secs(60);

/// The most ids that one look-up asks for; records repeat their requests, masks included.
pub(crate) const BATCH: usize = 500;

/// The way to the API. Cheap to clone; clones share connections and look-ups.
///
/// ```no_run
/// use midjourney_imagine::Client;
///
/// # async fn example() -> midjourney_imagine::Result<()> {
/// let client = Client::from_env()?;
/// let grid = client.imagine("A cat sitting on a table").await?;
/// let cat = grid.upscale(2).await?;
/// cat.save("cat.png").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Parts>);

struct Parts {
    settings: Settings,
    exchange: Exchange,
    lookups: Lookups,
}

impl Client {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(Parts {
            settings,
            exchange: Exchange::default(),
            lookups: Lookups::default(),
        }))
    }

    /// A client with the environment's settings: `ACEDATACLOUD_API_TOKEN`, and `ACEDATACLOUD_API_BASE_URL` where it is set.
    ///
    /// Errors: `config` without a token.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// Settings to choose from; what is left out comes from the environment.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Draws a 2×2 grid from a prompt. `.await` it for the finished [`Image`]; see [`Imagine`] for the options, and for
    /// watching the progress.
    ///
    /// Errors of the awaited call: `invalid_request` before anything is sent; else what [`Imagine`] lists.
    pub fn imagine(&self, prompt: impl Into<String>) -> Imagine {
        let request = ImagineRequest {
            prompt: Some(prompt.into()),
            ..ImagineRequest::default()
        };
        self.request(request)
    }

    /// A generation of which all fields are given: for requests that are kept as data.
    pub fn request(&self, request: ImagineRequest) -> Imagine {
        Imagine::new(self.clone(), request)
    }

    /// A picture made earlier, from its id alone or from its data ([`ImageData`] reads an image's JSON). Nothing is sent.
    ///
    /// ```
    /// # let client = midjourney_imagine::Client::builder().token("t").build()?;
    /// use midjourney_imagine::ImageData;
    ///
    /// let by_id = client.image("1211290228438868029");
    /// let by_json: ImageData = serde_json::from_str(r#"{"image_id": "1211290228438868029", "actions": ["upscale1"]}"#)?;
    /// let again = client.image(by_json);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn image(&self, image: impl Into<ImageData>) -> Image {
        Image::new(self.clone(), image.into())
    }

    /// A task kept as data, to go on with. Nothing is sent; waiting looks it up at once.
    #[must_use]
    pub fn resume(&self, task: TaskData) -> Task {
        Task::new(self.clone(), task)
    }

    /// The same settings with connections and look-ups of its own: for a process that was forked off, where those of the
    /// parent are out of order.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self::new(self.0.settings.clone())
    }

    /// Where the API is: the base URL in force, by whatever it was set.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.0.settings.base_url()
    }

    /// Looks a task up. Free of charge, and tried again when the network fails.
    ///
    /// Errors: `not_found` when the service knows no such task (which right after a submission may mean "not yet"),
    /// `authentication`, `rate_limit`, `server`, `not_sent`, `decode`, `deadline`.
    pub async fn task(&self, task_id: impl AsRef<str>) -> Result<Task> {
        self.retrieve("id", task_id.as_ref()).await
    }

    /// Looks a task up by the trace id that an error or an answer named.
    ///
    /// Errors: as [`Client::task`].
    pub async fn task_by_trace(&self, trace_id: impl AsRef<str>) -> Result<Task> {
        self.retrieve("trace_id", trace_id.as_ref()).await
    }

    /// Looks tasks up, in the order asked, with nothing in the place of one that the service does not know.
    ///
    /// Errors: as [`Client::task`], but for `not_found`.
    pub async fn tasks<I: AsRef<str>>(
        &self,
        task_ids: impl IntoIterator<Item = I>,
    ) -> Result<Vec<Option<Task>>> {
        let ids: Vec<String> = task_ids
            .into_iter()
            .map(|id| id.as_ref().trim().to_owned())
            .collect();
        if ids.iter().any(String::is_empty) {
            return Err(Error::invalid_request("ids", "one of them is empty"));
        }
        let deadline = Instant::now() + self.wait(None, DEFAULT_TIMEOUT);
        let mut found = std::collections::HashMap::new();
        for some in ids.chunks(BATCH) {
            let answer = self
                .0
                .exchange
                .ask(&self.0.settings, TASKS, &batch_question(some), deadline)
                .await?;
            found.extend(
                self.read_batch(&answer)?
                    .into_iter()
                    .map(|task| (task.task_id.clone(), task)),
            );
        }
        Ok(ids
            .iter()
            .map(|id| {
                found
                    .get(id)
                    .map(|task| Task::new(self.clone(), task.clone()))
            })
            .collect())
    }

    async fn retrieve(&self, key: &str, value: &str) -> Result<Task> {
        let value = value.trim();
        if value.is_empty() {
            return Err(Error::invalid_request(key, "it is empty"));
        }
        let deadline = Instant::now() + self.wait(None, DEFAULT_TIMEOUT);
        let answer = self
            .0
            .exchange
            .ask(&self.0.settings, TASKS, &question(key, value), deadline)
            .await?;
        match TaskData::read(&answer, &self.0.settings.token) {
            Some(task) => Ok(Task::new(self.clone(), task)),
            None => Err(unknown_task(key, value)),
        }
    }

    /// One try to find the task of an exchange that went wrong; nothing when the service knows none.
    pub(crate) async fn task_of_trace(&self, trace_id: &str) -> Result<Option<TaskData>> {
        self.look_up_one("trace_id", trace_id).await
    }

    /// One try to look one task up by itself; nothing when the service does not know it.
    pub(crate) async fn look_up_one(&self, key: &str, value: &str) -> Result<Option<TaskData>> {
        let answer = self
            .0
            .exchange
            .ask_once(&self.0.settings, TASKS, &question(key, value))
            .await;
        match answer {
            Ok(answer) => Ok(TaskData::read(&answer, &self.0.settings.token)),
            // Older gateways answered so where newer ones answer `{}`.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One try to look up many tasks at once; those that the service does not know are left out.
    pub(crate) async fn look_up(&self, ids: &[String]) -> Result<Vec<TaskData>> {
        let answer = self
            .0
            .exchange
            .ask_once(&self.0.settings, TASKS, &batch_question(ids))
            .await?;
        self.read_batch(&answer)
    }

    fn read_batch(&self, answer: &Fields) -> Result<Vec<TaskData>> {
        if answer.is_empty() {
            return Ok(Vec::new());
        }
        let items = answer.objects("items").ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the service's answer cannot be read: it has no list of tasks",
            )
        })?;
        Ok(items
            .iter()
            .filter_map(|item| TaskData::read(item, &self.0.settings.token))
            .collect())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.0.exchange
    }

    pub(crate) fn lookups(&self) -> &Lookups {
        &self.0.lookups
    }

    /// How long a whole call may take: the call's own limit, the client's, or the service's wait and a margin.
    pub(crate) fn wait(&self, own: Option<Duration>, service_wait: f64) -> Duration {
        let service_wait = Duration::try_from_secs_f64(service_wait)
            .unwrap_or(FOR_EVER)
            .min(FOR_EVER);
        own.or(self.0.settings.deadline)
            .unwrap_or(service_wait + MARGIN)
            .min(FOR_EVER)
    }
}

/// Longer than any process lives, and short enough to be added to a clock.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

fn question(key: &str, value: &str) -> Bytes {
    Bytes::from(json!({"action": "retrieve", key: value}).to_string())
}

fn batch_question(ids: &[String]) -> Bytes {
    // The service's own limit is 12, which would hide the thirteenth.
    Bytes::from(
        json!({"action": "retrieve_batch", "ids": ids, "offset": 0, "limit": ids.len()})
            .to_string(),
    )
}

/// The id is passed on as a field of the error, and not in its text: a wrong value may be anything.
fn unknown_task(key: &str, value: &str) -> Error {
    let error = Error::new(
        ErrorKind::NotFound,
        "the service knows no such task; right after a submission it may not know it yet",
    );
    match key {
        "trace_id" => error.with_trace(Some(value.to_owned())),
        _ => error.with_task(Some(value.to_owned())),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}
