//! One object that the service answered with: a body, a frame, a callback or a task's response.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::error_body::ErrorBody;
use super::fields::Fields;
use super::image::ImageData;

/// What one answer says.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The task has a name, and nothing is drawn yet.
    Named {
        task_id: String,
        trace_id: Option<String>,
    },
    /// A step towards the picture.
    Step(ImageData),
    /// The finished picture.
    Finished(ImageData),
    /// It failed.
    Failed(ErrorBody),
    /// An object that says nothing of a picture or a task.
    Nothing,
}

impl Answer {
    pub(crate) fn read(fields: &Fields) -> Self {
        if let Some(body) = ErrorBody::in_answer(fields) {
            return Self::Failed(body);
        }
        let image = ImageData::read(fields);
        // `success: true` alone never means done; a picture without a progress does.
        match image.progress {
            Some(progress) if progress < 100 => Self::Step(image),
            _ if image.has_url() => Self::Finished(image),
            Some(_) if !image.image_id.is_empty() => Self::Finished(image),
            // A result without a picture: the task's record may have it.
            _ => match image.task_id {
                Some(task_id) => Self::Named {
                    task_id,
                    trace_id: image.trace_id,
                },
                None => Self::Nothing,
            },
        }
    }
}

/// A field of an object that may break off: a truncated answer may still name what it is the answer to.
pub(crate) fn named(field: &str, truncated: &[u8]) -> Option<String> {
    struct Search<'a>(&'a str, &'a mut Option<String>);

    impl<'de> Visitor<'de> for Search<'_> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                if name == self.0 {
                    *self.1 = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(())
        }
    }

    impl<'de> DeserializeSeed<'de> for Search<'_> {
        type Value = ();

        fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_map(self)
        }
    }

    let mut found = None;
    // The error is the point: what was read before the break is kept.
    let _broken =
        serde_json::Deserializer::from_slice(truncated).deserialize_map(Search(field, &mut found));
    found.filter(|found| !found.is_empty())
}
