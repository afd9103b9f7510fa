//! What people see on stderr: the bar, the preview above it, notes, warnings and errors. Nothing here writes to stdout.

mod encode;
mod preview;

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstream::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::PreviewChoice;
use crate::exit::Failure;

pub(crate) use encode::Encoded;
pub(crate) use preview::Painting;
use preview::Preview;

/// How much is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    pub(crate) quiet: bool,
    /// Log lines go to stderr, so nothing may move there.
    pub(crate) verbose: bool,
}

/// Stderr, as this command may use it.
#[derive(Debug)]
pub(crate) struct Screen {
    talk: Talk,
    is_terminal: bool,
    /// Whether lines may be drawn again in place.
    can_move: bool,
    bar: RefCell<Option<ProgressBar>>,
    preview: Option<Preview>,
    stage: Cell<Option<Stage>>,
}

/// What a generation is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Submitting,
    Queued,
    Drawing,
    Saving,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Submitting => "submitting",
            Self::Queued => "queued",
            Self::Drawing => "drawing",
            Self::Saving => "saving",
        }
    }
}

/// How often the clock beside the bar moves.
const TICK: Duration = Duration::from_millis(100);

impl Screen {
    pub(crate) fn new(talk: Talk, choice: PreviewChoice) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let can_move = is_terminal && !is_dumb && !talk.quiet && !talk.verbose;
        let has_colour = has_colour();
        console::set_colors_enabled_stderr(has_colour);
        Self {
            talk,
            is_terminal,
            can_move,
            bar: RefCell::new(None),
            preview: can_move.then(|| Preview::new(choice, has_colour)).flatten(),
            stage: Cell::new(None),
        }
    }

    /// Whether somebody is looking, and wants to be told more than results.
    pub(crate) fn is_watched(&self) -> bool {
        self.is_terminal && !self.talk.quiet
    }

    /// Starts the bar.
    pub(crate) fn begin(&self) {
        if !self.can_move {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(100), ProgressDrawTarget::stderr());
        bar.enable_steady_tick(TICK);
        *self.bar.borrow_mut() = Some(bar);
        self.stage(Stage::Submitting);
    }

    pub(crate) fn stage(&self, stage: Stage) {
        if self.stage.replace(Some(stage)) == Some(stage) {
            return;
        }
        if let Some(bar) = &*self.bar.borrow() {
            let template = if stage == Stage::Drawing {
                "{spinner:.cyan} {msg:10} {bar:32.cyan/238} {percent:>3} %  {elapsed:.dim}"
            } else {
                "{spinner:.cyan} {msg:10} {elapsed:.dim}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸━").tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
            }
            bar.set_message(stage.name());
        }
    }

    /// Moves the bar, in percent.
    pub(crate) fn progress(&self, percent: u8) {
        self.stage(if percent == 0 {
            Stage::Queued
        } else {
            Stage::Drawing
        });
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_position(u64::from(percent));
        }
    }

    /// How a picture would be shown now; encoding it is work that need not be done here.
    pub(crate) fn painting(&self) -> Option<Painting> {
        self.preview.as_ref().map(Preview::painting)
    }

    /// Shows a picture above the bar, in the place of the one before.
    pub(crate) fn paint(&self, picture: &Encoded) {
        if let Some(preview) = &self.preview {
            let frame = preview.frame(picture);
            self.aside(|| {
                // A terminal that takes no more shows no picture; the picture itself is safe.
                let _ = io::stderr().lock().write_all(frame.as_bytes());
            });
        }
    }

    /// Takes the bar away; the preview stays.
    pub(crate) fn end(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    /// One line for people, when one is watching.
    pub(crate) fn note(&self, text: &str) {
        if self.is_watched() {
            self.line(&format!("{DIM}{text}{DIM:#}"));
        }
    }

    /// Something went wrong that is not the end of it.
    pub(crate) fn warn(&self, text: &str) {
        self.line(&format!("{WARNING}warning:{WARNING:#} {text}"));
    }

    /// How the command ended, badly.
    pub(crate) fn fail(&self, failure: &Failure) {
        self.end();
        self.line(&format!(
            "{ERROR}error:{ERROR:#} {}",
            printable(failure.message())
        ));
        if let Some(hint) = failure.hint_text() {
            self.line(&format!("{HINT}hint:{HINT:#} {}", printable(hint)));
        }
    }

    fn line(&self, text: &str) {
        self.aside(|| {
            // Without a stderr there is nobody to tell.
            let _ = writeln!(anstream::stderr(), "{text}");
        });
    }

    fn aside(&self, write: impl FnOnce()) {
        match &*self.bar.borrow() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

const DIM: Style = Style::new().dimmed();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

fn has_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Without control characters: the service's words must not move the cursor or change the title.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' | '\t' => ' ',
            char if char.is_control() => '\u{fffd}',
            char => char,
        })
        .collect()
}
