//! One generation, running or finished, as something to wait for.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Result;
use crate::image::Image;
use crate::model::TaskData;
use crate::run::Run;
use crate::update::Updates;

/// One generation as it was last seen, with the client to look again.
///
/// Its data are the fields of [`TaskData`], read straight from it (`task.task_id`, `task.state` …).
#[derive(Clone)]
pub struct Task {
    client: Client,
    data: TaskData,
    /// When it was submitted, if that was here: it is not looked up again at once.
    submitted_at: Option<Instant>,
}

impl Task {
    pub(crate) fn new(client: Client, data: TaskData) -> Self {
        Self {
            client,
            data,
            submitted_at: None,
        }
    }

    pub(crate) fn submitted_at(mut self, at: Instant) -> Self {
        self.submitted_at = Some(at);
        self
    }

    /// The task's data alone.
    #[must_use]
    pub fn data(&self) -> &TaskData {
        &self.data
    }

    /// The picture, as far as the task had it when it was last seen: the finished one, or a preview.
    #[must_use]
    pub fn image(&self) -> Option<Image> {
        self.data
            .image
            .clone()
            .map(|image| Image::new(self.client.clone(), image))
    }

    /// Waits until the task is finished, and gives its picture. All tasks that wait on one client share their look-ups.
    ///
    /// The limit is the client's deadline, else the task's own `timeout` and a minute, from now on.
    ///
    /// Errors: the task's own failure by its class, else `task_failed`; `outcome_unknown` for a task that the service
    /// does not know for 30 s; `authentication`; `deadline`.
    pub async fn wait(&self) -> Result<Image> {
        self.updates(None).finish().await
    }

    /// As [`Task::wait`], with a limit of its own.
    ///
    /// Errors: as [`Task::wait`].
    pub async fn wait_within(&self, deadline: Duration) -> Result<Image> {
        self.updates(Some(deadline)).finish().await
    }

    /// What can be seen of the task from now on, until it is finished.
    pub fn stream(&self) -> Updates {
        self.updates(None)
    }

    /// As [`Task::stream`], with a limit of its own.
    pub fn stream_within(&self, deadline: Duration) -> Updates {
        self.updates(Some(deadline))
    }

    /// Looks again.
    ///
    /// Errors: as [`Client::task`].
    pub async fn refresh(&mut self) -> Result<()> {
        self.data = self.client.task(&self.data.task_id).await?.data;
        Ok(())
    }

    fn updates(&self, deadline: Option<Duration>) -> Updates {
        let first_look = self
            .submitted_at
            .map_or_else(Instant::now, |at| at + self.client.settings().poll_interval);
        Updates::new(
            Ok(Run::of_task(
                self.client.clone(),
                self.data.clone(),
                deadline,
                first_look,
            )),
            None,
        )
    }
}

impl Deref for Task {
    type Target = TaskData;

    fn deref(&self) -> &TaskData {
        &self.data
    }
}

impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data.fmt(formatter)
    }
}
