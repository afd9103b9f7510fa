//! JSON objects out of a byte stream that is cut anywhere: one a line as NDJSON has it, or over several lines, or several on
//! one. What is no object is passed over, line by line. What the objects say is not known here.

use bytes::{Buf, BytesMut};

use super::text::Decoder;
use crate::model::answer::named;
use crate::model::fields::Fields;

/// The longest object that is taken, in bytes: a frame is under a kilobyte, and a stream must not fill the memory.
pub(crate) const MAX_OBJECT: usize = 4 * 1024 * 1024;

/// An object went past [`MAX_OBJECT`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The objects of a stream, and what else was in it.
#[derive(Debug, Default)]
pub(crate) struct JsonStream {
    decoder: Decoder,
    /// Text.
    buffer: BytesMut,
    /// How far the buffer is known to hold no line end, so that a long line is not searched again for each chunk.
    searched: usize,
    /// The start of the first thing that is no object.
    unreadable: Option<Vec<u8>>,
    /// The task that a broken object named.
    task_id: Option<String>,
}

/// What stands at the start of some bytes.
enum Start {
    Object(Fields, usize),
    /// More bytes may make it one.
    Unfinished,
    NoObject,
}

impl JsonStream {
    /// A stream of this media type, which may name an encoding other than UTF-8.
    pub(crate) fn new(content_type: &str) -> Self {
        Self {
            decoder: Decoder::new(content_type),
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.decoder.decode(chunk, &mut self.buffer);
    }

    /// The next whole object that is there.
    pub(crate) fn next(&mut self) -> Result<Option<Fields>, TooLong> {
        loop {
            self.skip_blanks();
            if self.buffer.is_empty() {
                return Ok(None);
            }
            let line_end = self.line_end();
            if let Some(end) = line_end
                && let Ok(fields) = Fields::parse(&self.buffer[..end])
            {
                self.advance(end + 1);
                return Ok(Some(fields));
            }
            // An object that is not finished ends with anything but a brace: no need to read it again for each chunk.
            if line_end.is_some() || self.buffer.trim_ascii_end().ends_with(b"}") {
                match start(&self.buffer) {
                    Start::Object(fields, length) => {
                        self.advance(length);
                        return Ok(Some(fields));
                    }
                    Start::NoObject => {
                        if let Some(end) = line_end {
                            self.pass_over(end);
                            continue;
                        }
                    }
                    Start::Unfinished => {}
                }
            }
            return if self.buffer.len() > MAX_OBJECT {
                Err(TooLong)
            } else {
                Ok(None)
            };
        }
    }

    /// The objects in what stands at the end of the stream, where no more bytes can come: each line is on its own.
    pub(crate) fn rest(&mut self) -> Vec<Fields> {
        let mut objects = Vec::new();
        self.decoder.finish(&mut self.buffer);
        loop {
            self.skip_blanks();
            if self.buffer.is_empty() {
                return objects;
            }
            let end = self.line_end().unwrap_or(self.buffer.len());
            if let Ok(fields) = Fields::parse(&self.buffer[..end]) {
                objects.push(fields);
                self.advance(end);
                continue;
            }
            match start(&self.buffer[..end]) {
                Start::Object(fields, length) => {
                    objects.push(fields);
                    self.advance(length);
                }
                Start::Unfinished | Start::NoObject => self.pass_over(end),
            }
        }
    }

    /// The task that an object which is broken, or not whole yet, names.
    pub(crate) fn named_task(&self) -> Option<String> {
        self.task_id
            .clone()
            .or_else(|| named("task_id", &self.buffer))
    }

    /// The start of the first thing that was no object.
    pub(crate) fn unreadable(&self) -> Option<&[u8]> {
        self.unreadable.as_deref()
    }

    fn pass_over(&mut self, end: usize) {
        let line = &self.buffer[..end];
        if is_event_line(line) {
            return self.advance(end);
        }
        self.task_id = self.task_id.take().or_else(|| named("task_id", line));
        self.unreadable
            .get_or_insert_with(|| line[..line.len().min(64)].to_vec());
        self.advance(end);
    }

    fn skip_blanks(&mut self) {
        loop {
            let blanks = self.buffer.len() - self.buffer.trim_ascii_start().len();
            // Some gateways wrap each frame as a server-sent event.
            let prefix = if self.buffer[blanks..].starts_with(EVENT_DATA) {
                EVENT_DATA.len()
            } else {
                0
            };
            if blanks + prefix == 0 {
                return;
            }
            self.advance(blanks + prefix);
        }
    }

    fn line_end(&mut self) -> Option<usize> {
        let found = self.buffer[self.searched..]
            .iter()
            .position(|&byte| byte == b'\n');
        if found.is_none() {
            self.searched = self.buffer.len();
        }
        found.map(|found| self.searched + found)
    }

    fn advance(&mut self, length: usize) {
        self.buffer.advance(length.min(self.buffer.len()));
        self.searched = 0;
    }
}

/// What stands before the content of a server-sent event.
const EVENT_DATA: &[u8] = b"data:";

/// Whether a line belongs to server-sent events and says nothing.
fn is_event_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    [b"event:".as_slice(), b"id:", b"retry:", b":", b"[DONE]"]
        .iter()
        .any(|start| line.starts_with(start))
}

fn start(bytes: &[u8]) -> Start {
    let mut objects = serde_json::Deserializer::from_slice(bytes).into_iter::<Fields>();
    match objects.next() {
        Some(Ok(fields)) => Start::Object(fields, objects.byte_offset()),
        Some(Err(error)) if !error.is_eof() && !is_at_the_end(&error, bytes) => Start::NoObject,
        _ => Start::Unfinished,
    }
}

/// Whether more bytes may mend it: a number that is cut after its point is called invalid, not unfinished.
fn is_at_the_end(error: &serde_json::Error, bytes: &[u8]) -> bool {
    let last_line = bytes
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let lines = bytes.split(|&byte| byte == b'\n').count();
    (error.line(), error.column()) == (lines, last_line.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]]) -> (Vec<String>, bool) {
        let mut objects = JsonStream::default();
        let mut read = Vec::new();
        let mut take =
            |fields: Fields| read.push(serde_json::to_string(&fields.except(&[])).unwrap());
        for chunk in chunks {
            objects.push(chunk);
            while let Some(fields) = objects.next().unwrap() {
                take(fields);
            }
        }
        objects.rest().into_iter().for_each(&mut take);
        (read, objects.unreadable().is_some())
    }

    #[test]
    fn line_ends_of_both_kinds_blank_lines_and_a_missing_final_one() {
        let (read_objects, unreadable) = read(&[b"{\"a\":1}\r\n\r\n\n  \n{\"b\":2}"]);
        assert_eq!(read_objects, ["{\"a\":1}", "{\"b\":2}"]);
        assert!(!unreadable);
        assert_eq!(read(&[b""]), (vec![], false));
    }

    #[test]
    fn objects_over_several_lines_several_on_one_and_a_byte_order_mark() {
        let text = b"\xef\xbb\xbf{\n  \"a\": {\"x\": [1,\n2]}\n}{\"b\":2} {\"c\":3}\n";
        for cut in 0..text.len() {
            let (objects, unreadable) = read(&[&text[..cut], &text[cut..]]);
            assert_eq!(
                objects,
                ["{\"a\":{\"x\":[1,2]}}", "{\"b\":2}", "{\"c\":3}"],
                "cut at {cut}"
            );
            assert!(!unreadable);
        }
    }

    #[test]
    fn a_byte_order_mark_is_one_at_the_beginning_alone() {
        for text in [b" \xef\xbb\xbf{}".as_slice(), b"\xef\xbb\xbf\xef\xbb\xbf{}"] {
            for cut in 0..text.len() {
                let (objects, unreadable) = read(&[&text[..cut], &text[cut..]]);
                assert_eq!((objects.len(), unreadable), (0, true), "cut at {cut}");
            }
        }
    }

    #[test]
    fn numbers_may_be_cut_anywhere() {
        let text = b"{\n\"a\": -1.5e+3\n}\n{\"b\":2}";
        for cut in 0..text.len() {
            let (objects, unreadable) = read(&[&text[..cut], &text[cut..]]);
            assert_eq!(objects, ["{\"a\":-1500.0}", "{\"b\":2}"], "cut at {cut}");
            assert!(!unreadable);
        }
    }

    #[test]
    fn what_is_no_object_is_passed_over() {
        let (objects, unreadable) =
            read(&[b": ping\n{\"a\":1}\nnull\n<html>\n[1]\n{\"b\":\n{\"c\":3}\n{\"tr"]);
        assert_eq!(objects.first().map(String::as_str), Some("{\"a\":1}"));
        assert!(unreadable);
        assert!(
            objects.iter().any(|object| object.contains("\"c\":3")),
            "{objects:?}"
        );
    }

    #[test]
    fn a_broken_object_may_still_name_its_task() {
        let mut objects = JsonStream::default();
        objects.push(b"{\"success\":true,\"task_id\":\"t-1\",\"ima");
        assert!(objects.next().unwrap().is_none());
        assert_eq!(
            objects.named_task().as_deref(),
            Some("t-1"),
            "before the end"
        );
        assert!(objects.rest().is_empty());
        assert_eq!(objects.named_task().as_deref(), Some("t-1"), "and after it");
    }

    #[test]
    fn an_object_without_end_is_refused_before_it_fills_the_memory() {
        let mut objects = JsonStream::default();
        objects.push(b"{\"task_id\":\"t-1\",\"x\":\"");
        objects.push(&vec![b'x'; MAX_OBJECT]);
        assert_eq!(objects.next().map(|_| ()), Err(TooLong));
        assert_eq!(objects.named_task().as_deref(), Some("t-1"));
    }

    proptest! {
        /// However the network cuts a stream, the objects are the same.
        #[test]
        fn objects_do_not_depend_on_the_cuts(
            text in "((\\{\"[a-c]\":[0-9]\\}|: ping|null|\\{\"a\":|[a-z}\"]{0,3}| )(\n|\r\n)){0,12}[{}a-z\"]{0,5}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
        ) {
            let bytes = text.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let chunks: Vec<&[u8]> = at.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            prop_assert_eq!(read(&chunks), read(&[bytes]));
        }
    }
}
