//! Lines out of a byte stream that is cut anywhere. What the lines say is not known here.

use bytes::{Buf, Bytes, BytesMut};

/// The longest line that is taken, in bytes: a frame is under a kilobyte, and a stream must not fill the memory.
pub(crate) const MAX_LINE: usize = 4 * 1024 * 1024;

/// A line went past [`MAX_LINE`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Splits bytes into lines at `\n`; a `\r` before it is dropped, blank lines are skipped.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: BytesMut,
    /// How far the buffer is known to hold no line end, so that a long line is not searched again for each chunk.
    searched: usize,
}

impl Lines {
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole line, without its end.
    pub(crate) fn next_line(&mut self) -> Result<Option<Bytes>, TooLong> {
        loop {
            let Some(found) = self.buffer[self.searched..]
                .iter()
                .position(|&byte| byte == b'\n')
            else {
                self.searched = self.buffer.len();
                return if self.buffer.len() > MAX_LINE {
                    Err(TooLong)
                } else {
                    Ok(None)
                };
            };
            let end = self.searched + found;
            if end > MAX_LINE {
                return Err(TooLong);
            }
            let line = self.buffer.split_to(end).freeze();
            self.buffer.advance(1);
            self.searched = 0;
            if let Some(line) = content(&line) {
                return Ok(Some(line));
            }
        }
    }

    /// What stands after the last line end: a whole line without its end, or a piece of one.
    pub(crate) fn rest(&mut self) -> Option<Bytes> {
        self.searched = 0;
        content(&self.buffer.split().freeze())
    }
}

fn content(line: &Bytes) -> Option<Bytes> {
    let trimmed = line.trim_ascii();
    (!trimmed.is_empty()).then(|| line.slice_ref(trimmed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut read = Vec::new();
        let text = |line: Bytes| String::from_utf8(line.to_vec()).unwrap();
        for chunk in chunks {
            lines.push(chunk);
            while let Some(line) = lines.next_line().unwrap() {
                read.push(text(line));
            }
        }
        read.extend(lines.rest().map(text));
        read
    }

    #[test]
    fn line_ends_of_both_kinds_blank_lines_and_a_missing_final_one() {
        assert_eq!(
            read(&[b"{\"a\":1}\r\n\r\n\n  \n{\"b\":2}"]),
            ["{\"a\":1}", "{\"b\":2}"]
        );
        assert_eq!(read(&[b""]), Vec::<String>::new());
        assert_eq!(read(&[b"\r", b"\n", b"x\r", b"\ny"]), ["x", "y"]);
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let mut lines = Lines::default();
        let chunk = vec![b'x'; MAX_LINE / 2];
        lines.push(&chunk);
        lines.push(&chunk);
        assert_eq!(lines.next_line(), Ok(None));
        lines.push(b"x");
        assert_eq!(lines.next_line(), Err(TooLong));
    }

    proptest! {
        /// However the network cuts a stream, the lines are the same.
        #[test]
        fn lines_do_not_depend_on_the_cuts(
            text in "([a-z{}\":,é ]{0,12}(\n|\r\n)){0,12}[a-z{}]{0,8}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
        ) {
            let bytes = text.as_bytes();
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let chunks: Vec<&[u8]> = at.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            let expected: Vec<String> =
                text.split('\n').map(|line| line.trim_ascii().to_owned()).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(read(&chunks), expected);
        }
    }
}
