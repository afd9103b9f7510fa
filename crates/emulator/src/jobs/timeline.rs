//! The steps of a task: how long they take at each speed, which progress they show, and how faults change them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::wire::error::ErrorObject;
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

/// Changes the steps of a job as its faults ask, and gives the failure that it is to end with. The failure quotes the
/// token, if one is given.
pub(crate) fn bend(
    steps: &mut Timeline,
    faults: &[Fault],
    token: Option<&str>,
) -> Option<ErrorObject> {
    let mut failure = None;
    for fault in faults {
        let (code, frames) = match fault {
            Fault::FailTask(code) => (code.clone(), 1),
            Fault::ErrorLine(frames) => ("api_error".to_owned(), *frames),
            Fault::FirstProgress(progress) => {
                if let Some(first) = progress_of(steps).first_mut() {
                    **first = u8::try_from(*progress).unwrap_or(99).min(99);
                }
                continue;
            }
            Fault::ProgressBackwards => {
                if let [.., earlier, last] = &mut progress_of(steps)[..] {
                    std::mem::swap(*earlier, *last);
                }
                continue;
            }
            _ => continue,
        };
        let quoted = token
            .map(|token| format!(" (Authorization: Bearer {token})"))
            .unwrap_or_default();
        failure = Some(ErrorObject::new(
            code,
            format!("emulated failure of the task{quoted}"),
        ));
        let remaining = 1 + usize::try_from(frames)
            .unwrap_or(usize::MAX)
            .min(steps.len() - 2);
        let end = steps[remaining].0;
        steps.truncate(remaining);
        steps.push((end, Step::Finish));
    }
    failure
}

/// The progress of each unfinished frame.
fn progress_of(steps: &mut Timeline) -> Vec<&mut u8> {
    steps
        .iter_mut()
        .filter_map(|(_, step)| match step {
            Step::Frame(progress) => Some(progress),
            Step::Start | Step::Finish => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_job_ends_after_the_frame_it_is_to_end_after() {
        for (frames, expected) in [(0, 2), (2, 4), (99, 6)] {
            let mut steps = timeline(Speed::Fast, Mode::Fast, false);
            let failure = bend(&mut steps, &[Fault::ErrorLine(frames)], None);
            assert_eq!(
                failure.map(|error| error.code.into_owned()).as_deref(),
                Some("api_error")
            );
            assert_eq!(
                (steps.len(), steps.last().map(|(_, step)| *step)),
                (expected, Some(Step::Finish))
            );
        }
    }
}
