//! The formats of picture files, recognised by their first bytes. No other place knows these bytes.

/// A picture file's format, recognised by its first bytes: the extension of a URL promises nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
    Webp,
    Gif,
    Avif,
}

impl Format {
    /// The format that these bytes begin as; the first twelve are enough.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..] if rest.starts_with(b"WEBP") => {
                Some(Self::Webp)
            }
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [_, _, _, _, rest @ ..]
                if rest.starts_with(b"ftypavif") || rest.starts_with(b"ftypavis") =>
            {
                Some(Self::Avif)
            }
            _ => None,
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
        }
    }

    #[cfg(feature = "bridge")]
    fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
        }
    }

    /// Whether the file's end is there. Asked only where no length was announced: a transfer that breaks off then looks like
    /// one that ended. What stands after the end is no harm.
    pub(crate) fn is_complete(self, bytes: &[u8]) -> bool {
        let tail = &bytes[bytes.len().saturating_sub(64 * 1024)..];
        let ends_with = |mark: &[u8]| tail.windows(mark.len()).any(|window| window == mark);
        match self {
            Self::Png => ends_with(b"IEND\xaeB\x60\x82"),
            Self::Jpeg => ends_with(b"\xff\xd9"),
            Self::Gif => ends_with(b"\x3b"),
            Self::Webp => {
                let size = bytes
                    .get(4..8)
                    .and_then(|size| size.try_into().ok())
                    .map(u32::from_le_bytes);
                size.and_then(|size| usize::try_from(size).ok())
                    .is_some_and(|size| bytes.len() >= size.saturating_add(8))
            }
            Self::Avif => boxes_are_whole(bytes),
        }
    }
}

/// Whether a file that is made of boxes, each with its length before it, ends where one of them does.
fn boxes_are_whole(mut bytes: &[u8]) -> bool {
    while let Some(length) = bytes
        .first_chunk()
        .map(|length| u32::from_be_bytes(*length))
    {
        let length = match length {
            // Up to the end of the file, wherever that is.
            0 => return true,
            1 => bytes
                .get(8..16)
                .and_then(|length| length.try_into().ok())
                .map_or(0, u64::from_be_bytes),
            length => length.into(),
        };
        match usize::try_from(length)
            .ok()
            .and_then(|length| bytes.get(length..))
        {
            Some(rest) if length >= 8 => bytes = rest,
            _ => return false,
        }
    }
    bytes.is_empty()
}

/// The media type of a picture file's content, by its first bytes.
#[cfg(feature = "bridge")]
#[must_use]
pub fn media_type(content: &[u8]) -> &'static str {
    Format::of(content).map_or("application/octet-stream", Format::media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avif_file_is_known_and_is_whole_at_the_end_of_a_box_alone() {
        let file = [
            b"\0\0\0\x10ftypavif\0\0\0\0".as_slice(),
            b"\0\0\0\x0cmeta....",
            b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14....",
        ]
        .concat();
        assert_eq!(Format::of(&file), Some(Format::Avif));
        for cut in 0..=file.len() {
            let is_whole = [0, 16, 28, 48].contains(&cut);
            assert_eq!(
                Format::Avif.is_complete(&file[..cut]),
                is_whole,
                "cut at {cut}"
            );
        }
        assert!(Format::Avif.is_complete(b"\0\0\0\0mdat..."));
    }
}
