//! From the bytes of an answer to text: a byte order mark is dropped, a declared encoding obeyed, and what is no character of
//! it becomes U+FFFD, so that one wrong byte does not hide the rest.

use bytes::BytesMut;
use encoding_rs::{Encoding, UTF_8};

/// Decodes an answer that arrives in pieces.
pub(crate) struct Decoder(encoding_rs::Decoder);

impl Decoder {
    /// For an answer of this media type; UTF-8 where it names no encoding. A byte order mark knows better than the media type.
    pub(crate) fn new(content_type: &str) -> Self {
        let declared = content_type
            .split(';')
            .filter_map(|parameter| parameter.trim().strip_prefix("charset="))
            .find_map(|label| Encoding::for_label(label.trim_matches(['"', '\'']).as_bytes()));
        Self(declared.unwrap_or(UTF_8).new_decoder())
    }

    /// Appends the text of the next bytes.
    pub(crate) fn decode(&mut self, bytes: &[u8], text: &mut BytesMut) {
        self.append(bytes, text, false);
    }

    /// Appends what an unfinished character at the end stands for. Nothing can follow.
    pub(crate) fn finish(&mut self, text: &mut BytesMut) {
        self.append(&[], text, true);
        self.0 = self.0.encoding().new_decoder_without_bom_handling();
    }

    fn append(&mut self, bytes: &[u8], text: &mut BytesMut, is_last: bool) {
        let room = self
            .0
            .max_utf8_buffer_length(bytes.len())
            .unwrap_or(bytes.len());
        let start = text.len();
        text.resize(start + room, 0);
        let (_, _, written, _) = self.0.decode_to_utf8(bytes, &mut text[start..], is_last);
        text.truncate(start + written);
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new("")
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.encoding().name())
    }
}

/// The text of a whole answer.
pub(crate) fn decoded(content_type: &str, bytes: &[u8]) -> String {
    let mut text = BytesMut::new();
    let mut decoder = Decoder::new(content_type);
    decoder.decode(bytes, &mut text);
    decoder.finish(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_encodings_obeyed_and_wrong_bytes_replaced() {
        for (content_type, bytes, text) in [
            ("", b"\xef\xbb\xbf{}".as_slice(), "{}"),
            ("application/json", b"caf\xe9", "caf\u{fffd}"),
            ("text/plain; charset=ISO-8859-1", b"caf\xe9", "café"),
            ("application/json;charset=\"gbk\"", b"\xc4\xe3", "你"),
            ("application/json; charset=nonsense", "ü".as_bytes(), "ü"),
            ("", b"\xff\xfe{\0}\0", "{}"),
            ("", b"\xe4\xbd", "\u{fffd}"),
        ] {
            assert_eq!(
                decoded(content_type, bytes),
                text,
                "{content_type} {bytes:?}"
            );
        }
    }
}
