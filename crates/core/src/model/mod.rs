//! What the service says, as data: read in every shape that it is known to come in, written in one.

mod answer;
mod fields;
mod image;
mod task;

pub(crate) use answer::{Answer, named};
pub(crate) use fields::Fields;
pub use image::ImageData;
pub use task::{TaskData, TaskState};
