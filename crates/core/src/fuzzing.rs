//! The decoder's way in for the fuzz target; compiled for it alone.

use crate::model::answer::Answer;
use crate::service::json_stream::{JsonStream, TooLong};

/// Decodes a stream that arrives in these chunks, and says what each object was taken for.
#[must_use]
pub fn decode(chunks: &[&[u8]]) -> Vec<String> {
    let mut objects = JsonStream::default();
    let mut taken = Vec::new();
    for chunk in chunks {
        objects.push(chunk);
        loop {
            match objects.next() {
                Ok(Some(fields)) => taken.push(format!("{:?}", Answer::read(&fields))),
                Ok(None) => break,
                Err(TooLong) => return Vec::new(),
            }
        }
    }
    let rest = objects.rest();
    taken.extend(
        rest.iter()
            .map(|fields| format!("{:?}", Answer::read(fields))),
    );
    taken.push(format!(
        "{:?} {:?}",
        objects.named_task(),
        objects.unreadable()
    ));
    taken
}
