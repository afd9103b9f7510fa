//! How long each kind of work takes at each speed, and which progress it shows on the way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::request::Mode;

/// How fast generations run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Speed {
    /// No wait at all; the frames are still emitted. The library's default.
    #[default]
    Instant,
    /// About three seconds for a generation (one for an upscale), five frames.
    Fast,
    /// The service's own latencies: turbo 15 s, fast 30 s, relax 150 s, an upscale a fifth of that; eleven frames.
    Real,
    /// As [`Speed::Real`], on a clock that moves only by [`Emulator::clock_advance`](crate::Emulator::clock_advance).
    Virtual,
}

/// One step of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Drawing starts.
    Start,
    /// An unfinished frame of that progress, in percent.
    Frame(u8),
    /// The result, or the failure.
    Finish,
}

/// The steps of a task, each with its time after the submission, in order.
pub(crate) type Timeline = Vec<(Duration, Step)>;

const FEW: [u8; 4] = [5, 35, 60, 85];
const MANY: [u8; 10] = [5, 15, 25, 35, 45, 55, 65, 75, 85, 95];

pub(crate) fn timeline(speed: Speed, mode: Mode, quick: bool) -> Timeline {
    let total = match speed {
        Speed::Instant => Duration::ZERO,
        Speed::Fast if quick => Duration::from_secs(1),
        Speed::Fast => Duration::from_secs(3),
        Speed::Real | Speed::Virtual => {
            let seconds = match mode {
                Mode::Turbo => 15,
                Mode::Fast => 30,
                Mode::Relax => 150,
            };
            Duration::from_secs(if quick { seconds / 5 } else { seconds })
        }
    };
    let unfinished = if matches!(speed, Speed::Real | Speed::Virtual) {
        &MANY[..]
    } else {
        &FEW[..]
    };
    let queued = total / 10;
    let frames = u32::try_from(unfinished.len() + 1).unwrap_or(u32::MAX);
    let each = total.saturating_sub(queued) / frames;
    let mut steps = vec![(queued, Step::Start)];
    steps.extend(
        unfinished
            .iter()
            .zip(1..)
            .map(|(progress, number)| (queued + each * number, Step::Frame(*progress))),
    );
    steps.push((total, Step::Finish));
    steps
}
