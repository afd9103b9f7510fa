//! One generation, running or finished, as something to wait for.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Result;
use crate::image::Image;
use crate::model::task::TaskData;
use crate::service::generation::Generation;
use crate::updates::Updates;

/// One generation as it was last seen, with the client to look again.
///
/// Its data are the fields of [`TaskData`], read straight from it (`task.task_id`, `task.state` …).
#[derive(Clone)]
pub struct Task {
    client: Client,
    data: TaskData,
    /// Set when it was submitted here.
    submitted: Option<Submitted>,
}

/// What is known of a task beside its data, since it was submitted here.
#[derive(Clone, Copy)]
struct Submitted {
    /// When: it is not polled at once.
    at: Instant,
    /// Whether its picture is usually there within seconds.
    is_quick: bool,
}

impl Task {
    pub(crate) fn new(client: Client, data: TaskData) -> Self {
        Self {
            client,
            data,
            submitted: None,
        }
    }

    pub(crate) fn just_submitted(client: Client, data: TaskData, is_quick: bool) -> Self {
        let at = Instant::now();
        Self {
            client,
            data,
            submitted: Some(Submitted { at, is_quick }),
        }
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

    /// Waits until the task is finished, and gives its picture. All tasks that are waited for on one client share their polls.
    ///
    /// The limit is the client's deadline, else the task's own `timeout` and a minute, from now on.
    ///
    /// Errors: the task's own failure by its class, else `task_failed`; `outcome_unknown` for a task that the service
    /// does not know for 30 s; `authentication`; `deadline`.
    pub async fn wait(&self) -> Result<Image> {
        self.updates(None).result().await
    }

    /// As [`Task::wait`], with a limit of its own.
    ///
    /// Errors: as [`Task::wait`].
    pub async fn wait_within(&self, deadline: Duration) -> Result<Image> {
        self.updates(Some(deadline)).result().await
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
        let service = self.client.service().clone();
        let (first_look, is_quick) = match self.submitted {
            Some(Submitted { at, is_quick }) => {
                (at + service.settings().poll_interval(is_quick), is_quick)
            }
            None => (Instant::now(), false),
        };
        let task = self.data.clone();
        let generation = Generation::of_task(service, task, deadline, first_look, is_quick);
        Updates::new(self.client.clone(), Ok(generation), None)
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
