//! The client: what the service can be asked.

use std::fmt;

use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::image::Image;
use crate::imagine::Imagine;
use crate::model::image::ImageData;
use crate::model::request::{DEFAULT_TIMEOUT, ImagineRequest};
use crate::model::task::TaskData;
use crate::service::Service;
use crate::service::lookup::{self, Name};
use crate::service::settings::{ClientBuilder, Settings};
use crate::task::Task;

/// The way to the API. Cheap to clone; clones share connections and polls.
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
pub struct Client(Service);

impl ClientBuilder {
    /// Makes the client. Nothing is sent.
    ///
    /// Errors: `config` for a missing token and for every setting that cannot hold, with its name.
    pub fn build(self) -> Result<Client> {
        self.settings().map(Client::new)
    }
}

impl Client {
    fn new(settings: Settings) -> Self {
        Self(Service::new(settings))
    }

    pub(crate) fn service(&self) -> &Service {
        &self.0
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
    /// following its progress.
    ///
    /// Errors of the awaited call: `invalid_request` before anything is sent; else what [`Imagine`] lists.
    pub fn imagine(&self, prompt: impl Into<String>) -> Imagine {
        let request = ImagineRequest {
            prompt: Some(prompt.into()),
            ..ImagineRequest::default()
        };
        self.request(request)
    }

    /// A generation of which all fields are given: for requests that are stored as data.
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

    /// A task that was stored as data, to go on with. Nothing is sent; waiting polls it at once.
    #[cfg(feature = "bridge")]
    #[doc(hidden)]
    #[must_use]
    pub fn resume(&self, task: TaskData) -> Task {
        Task::new(self.clone(), task)
    }

    /// The same settings with connections and polls of its own: for a forked process, where those of the parent are unusable.
    #[cfg(feature = "bridge")]
    #[doc(hidden)]
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self::new(self.0.settings().clone())
    }

    /// Where the API is: the base URL in force, by whatever it was set.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.0.settings().base_url()
    }

    /// Looks a task up. Free of charge, and tried again when the network fails.
    ///
    /// Errors: `not_found` when the service knows no such task (which right after a submission may mean "not yet"),
    /// `authentication`, `rate_limit`, `server`, `not_sent`, `decode`, `deadline`.
    pub async fn task(&self, task_id: impl AsRef<str>) -> Result<Task> {
        self.look_up(Name::Id, task_id.as_ref()).await
    }

    /// Looks a task up by the trace id that an error or an answer named.
    ///
    /// Errors: as [`Client::task`].
    pub async fn task_by_trace(&self, trace_id: impl AsRef<str>) -> Result<Task> {
        self.look_up(Name::Trace, trace_id.as_ref()).await
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
        let found = lookup::tasks(&self.0.http, &ids, self.deadline()).await?;
        let task = |id: &String| Some(Task::new(self.clone(), found.get(id)?.clone()));
        Ok(ids.iter().map(task).collect())
    }

    async fn look_up(&self, name: Name, value: &str) -> Result<Task> {
        let task: TaskData = lookup::task(&self.0.http, name, value, self.deadline()).await?;
        Ok(Task::new(self.clone(), task))
    }

    /// The end of a free call that begins now.
    fn deadline(&self) -> Instant {
        Instant::now() + self.0.settings().limit(None, DEFAULT_TIMEOUT)
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
