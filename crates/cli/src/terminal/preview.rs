//! The picture in the terminal: which way of showing it this terminal has, how large it may be, and where it goes.

use std::cell::Cell;
use std::fmt::Write as _;

use super::encode::{self, Cells, Encoded, Protocol};
use crate::args::PreviewChoice;

/// The most rows that a picture takes, and its share of the terminal: a good look, with room for what was there before.
const MOST_ROWS: u16 = 32;
/// The most columns: a wide picture keeps its shape within them.
const MOST_COLUMNS: u16 = 100;
/// Columns left free on the left.
const INDENT: u16 = 2;
/// Below this a picture shows nothing.
const LEAST_ROWS: u16 = 4;

/// A picture that grows clearer in its place, above the line of the cursor.
#[derive(Debug)]
pub(super) struct Preview {
    protocol: Protocol,
    /// How many rows above the cursor belong to the picture that was shown last.
    rows: Cell<u16>,
}

/// Everything that encoding a picture needs to know of the terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painting {
    protocol: Protocol,
    room: Cells,
    /// A cell's width and height in pixels, where the terminal tells.
    cell: Option<(u16, u16)>,
}

impl Painting {
    /// Decodes a picture's file and encodes it for the terminal; nothing where it is no picture or there is no room.
    pub(crate) fn encode(self, file: &[u8]) -> Option<Encoded> {
        if self.room.rows < LEAST_ROWS || self.room.columns < LEAST_ROWS {
            return None;
        }
        let picture = ::image::load_from_memory(file).ok()?;
        encode::encode(self.protocol, &picture, self.room, self.cell)
    }
}

impl Preview {
    /// Nothing where pictures are not wanted or cannot be shown.
    pub(super) fn new(choice: PreviewChoice, has_colour: bool) -> Option<Self> {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let protocol = match choice {
            PreviewChoice::None => return None,
            PreviewChoice::Kitty => Protocol::Kitty,
            PreviewChoice::Iterm => Protocol::Iterm,
            PreviewChoice::Sixel => Protocol::Sixel,
            PreviewChoice::Blocks => blocks(&variable),
            PreviewChoice::Auto => detect(&variable, has_colour, size_of_cell().is_some())?,
        };
        Some(Self {
            protocol,
            rows: Cell::new(0),
        })
    }

    pub(super) fn painting(&self) -> Painting {
        let (rows, columns) = console::Term::stderr().size();
        Painting {
            protocol: self.protocol,
            room: Cells {
                rows: (rows / 3 * 2).min(MOST_ROWS),
                columns: columns.saturating_sub(INDENT + 1).min(MOST_COLUMNS),
            },
            cell: size_of_cell(),
        }
    }

    /// What to write, at the start of a line, so that the picture stands above it.
    pub(super) fn frame(&self, picture: &Encoded) -> String {
        let rows = picture.size.rows;
        // Drawn at once where the terminal knows how to wait for the whole.
        let mut frame = "\x1b[?2026h\r".to_owned();
        let before = self.rows.replace(rows);
        if before > 0 {
            // Writing to a string cannot fail.
            let _ = write!(frame, "\x1b[{before}A\x1b[J");
        }
        // Room is made first: the picture itself must not scroll, or the way back would be lost.
        frame.push_str(&"\n".repeat(usize::from(rows)));
        let _ = write!(frame, "\x1b[{rows}A\x1b[{INDENT}C\x1b7");
        frame.push_str(&picture.codes);
        let _ = write!(frame, "\x1b8\r\x1b[{rows}B\x1b[?2026l");
        frame
    }
}

/// What the terminal says that it is. It is not asked: a question that stays unanswered would cost the user's keys.
fn detect(
    variable: &impl Fn(&str) -> String,
    has_colour: bool,
    has_pixels: bool,
) -> Option<Protocol> {
    let term = variable("TERM");
    let program = variable("TERM_PROGRAM");
    let is_inside =
        !variable("TMUX").is_empty() || term.starts_with("tmux") || term.starts_with("screen");
    // Multiplexers keep the variables of the terminal around them, but not its pictures.
    if !is_inside {
        if !variable("KITTY_WINDOW_ID").is_empty()
            || term.contains("kitty")
            || term.contains("ghostty")
            || program == "ghostty"
        {
            return Some(Protocol::Kitty);
        }
        if ["iTerm.app", "WezTerm", "rio", "WarpTerminal", "mintty"].contains(&program.as_str())
            || variable("LC_TERMINAL") == "iTerm2"
            || !variable("KONSOLE_VERSION").is_empty()
        {
            return Some(Protocol::Iterm);
        }
        // Sixel pictures are measured in pixels: without them the picture's rows cannot be told.
        if has_pixels
            && ["foot", "mlterm", "contour"]
                .iter()
                .any(|name| term.starts_with(name))
        {
            return Some(Protocol::Sixel);
        }
    }
    has_colour.then(|| blocks(variable))
}

fn blocks(variable: &impl Fn(&str) -> String) -> Protocol {
    let colours = variable("COLORTERM");
    let term = variable("TERM");
    let program = variable("TERM_PROGRAM");
    let is_true = colours.contains("truecolor")
        || colours.contains("24bit")
        || term.contains("direct")
        || ["iTerm.app", "WezTerm", "ghostty", "vscode"].contains(&program.as_str())
        || !variable("WT_SESSION").is_empty();
    if is_true {
        Protocol::Blocks
    } else {
        Protocol::Blocks256
    }
}

/// A cell's width and height in pixels.
#[cfg(unix)]
fn size_of_cell() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
    let width = size.ws_xpixel.checked_div(size.ws_col)?;
    let height = size.ws_ypixel.checked_div(size.ws_row)?;
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(not(unix))]
fn size_of_cell() -> Option<(u16, u16)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(
        variables: &[(&str, &str)],
        has_colour: bool,
        has_pixels: bool,
    ) -> Option<Protocol> {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
                .unwrap_or_default()
        };
        detect(&variable, has_colour, has_pixels)
    }

    #[test]
    fn terminals_are_known_by_what_they_set() {
        let kitty = [("TERM", "xterm-kitty"), ("KITTY_WINDOW_ID", "1")];
        assert_eq!(detected(&kitty, true, true), Some(Protocol::Kitty));
        assert_eq!(
            detected(&[("TERM", "xterm-ghostty")], true, true),
            Some(Protocol::Kitty)
        );
        assert_eq!(
            detected(&[("TERM_PROGRAM", "WezTerm")], true, false),
            Some(Protocol::Iterm)
        );
        assert_eq!(
            detected(&[("TERM", "foot")], true, true),
            Some(Protocol::Sixel)
        );
        assert_eq!(
            detected(&[("TERM", "foot"), ("COLORTERM", "truecolor")], true, false),
            Some(Protocol::Blocks)
        );
        assert_eq!(
            detected(&[("TERM", "xterm-256color")], true, true),
            Some(Protocol::Blocks256)
        );
    }

    #[test]
    fn a_multiplexer_shows_blocks_whatever_is_around_it() {
        let inside = [
            ("TERM", "tmux-256color"),
            ("TMUX", "/tmp/tmux"),
            ("KITTY_WINDOW_ID", "1"),
            ("COLORTERM", "truecolor"),
        ];
        assert_eq!(detected(&inside, true, true), Some(Protocol::Blocks));
    }

    #[test]
    fn without_colour_there_are_no_blocks() {
        assert_eq!(detected(&[("COLORTERM", "truecolor")], false, false), None);
        assert_eq!(
            detected(&[("TERM", "xterm-kitty")], false, false),
            Some(Protocol::Kitty)
        );
    }

    #[test]
    fn a_picture_takes_the_place_of_the_one_before() {
        let preview = Preview {
            protocol: Protocol::Blocks,
            rows: Cell::new(0),
        };
        let picture = Encoded {
            codes: "picture".to_owned(),
            size: Cells {
                rows: 3,
                columns: 6,
            },
        };
        let first = preview.frame(&picture);
        assert!(first.contains("\n\n\n\x1b[3A"), "{first:?}");
        assert!(!first.contains("\x1b[J"), "nothing of the user's is erased");
        let second = preview.frame(&picture);
        assert!(second.contains("\x1b[3A\x1b[J\n\n\n\x1b[3A"), "{second:?}");
    }
}
