//! The decoder's way in for the fuzz target; compiled for it alone.

use crate::model::{Answer, Fields, named_task};
use crate::ndjson::Lines;

/// Decodes a stream that arrives in these chunks, and says what each line was taken for.
#[must_use]
pub fn decode(chunks: &[&[u8]]) -> Vec<String> {
    let mut lines = Lines::default();
    let mut taken = Vec::new();
    let mut take = |line: &[u8]| match Fields::parse(line) {
        Ok(fields) => taken.push(format!("{:?}", Answer::read(&fields))),
        Err(_) => taken.push(format!("{:?}", named_task(line))),
    };
    for chunk in chunks {
        lines.push(chunk);
        loop {
            match lines.next_line() {
                Ok(Some(line)) => take(&line),
                Ok(None) => break,
                Err(too_long) => return vec![format!("{too_long:?}")],
            }
        }
    }
    if let Some(line) = lines.rest() {
        take(&line);
    }
    taken
}
