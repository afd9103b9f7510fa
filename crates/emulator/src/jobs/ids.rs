//! Every id and every random number of a run, as pure functions of the run's seed and a counter.
//!
//! Nothing here depends on time or on the order in which tasks happen to proceed: the n-th accepted submission has the
//! same ids in every run with the same seed.

use std::hash::{BuildHasher, RandomState};

/// What an id is for; keeps the sequences apart.
#[derive(Clone, Copy)]
enum Purpose {
    Task = 1,
    Trace,
    RefusalTrace,
    Image,
    PictureSeed,
    Channel,
    Signature,
    FileName,
}

/// The first time stamp of a seeded run: 2026-01-01T00:00:00Z, in milliseconds.
pub(crate) const SEEDED_EPOCH_MS: u64 = 1_767_225_600_000;
/// Snowflakes count milliseconds from here (2015-01-01), as the service's do.
const SNOWFLAKE_EPOCH_MS: u64 = 1_420_070_400_000;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    seed: u64,
    start_ms: u64,
}

impl Ids {
    /// Ids of a run. Without a seed they differ from run to run, and grow with `now_ms` (Unix milliseconds).
    pub(crate) fn new(seed: Option<u64>, now_ms: u64) -> Self {
        match seed {
            Some(seed) => Self {
                seed,
                start_ms: SEEDED_EPOCH_MS,
            },
            // The keys of `RandomState` come from the operating system's randomness.
            None => Self {
                seed: RandomState::new().hash_one(now_ms),
                start_ms: now_ms,
            },
        }
    }

    fn draw(self, purpose: Purpose, number: u64, part: u64) -> u64 {
        let seeded = mix(self.seed ^ mix(purpose as u64));
        mix(mix(seeded ^ number).wrapping_add(part))
    }

    pub(crate) fn task(self, sequence: u64) -> String {
        self.uuid(Purpose::Task, sequence)
    }

    pub(crate) fn trace(self, sequence: u64) -> String {
        self.uuid(Purpose::Trace, sequence)
    }

    /// The trace id of the n-th answer that belongs to no task.
    pub(crate) fn refusal_trace(self, number: u64) -> String {
        self.uuid(Purpose::RefusalTrace, number)
    }

    /// A 19-digit snowflake: the time part counts tasks, so that no two of a run are equal; the low four bits count the
    /// frames of the task.
    pub(crate) fn image(self, sequence: u64, frame: usize) -> u64 {
        let time = self.start_ms - SNOWFLAKE_EPOCH_MS + sequence;
        let chance = self.draw(Purpose::Image, sequence, 0) & 0x3f_fff0;
        (time << 22) | chance | (frame as u64 & 0xf)
    }

    /// The seed of a task's picture where its prompt gives none.
    pub(crate) fn picture_seed(self, sequence: u64) -> u64 {
        self.draw(Purpose::PictureSeed, sequence, 0)
    }

    /// The folder of all pictures of a run, which looks like the service's channel id.
    pub(crate) fn channel(self) -> u64 {
        1_200_000_000_000_000_000 + self.draw(Purpose::Channel, 0, 0) % 100_000_000_000_000_000
    }

    /// The `hm` of a picture's URL: 64 hexadecimal digits that nothing checks.
    pub(crate) fn signature(self, image_id: u64) -> String {
        let [first, second, third, fourth] =
            [0, 1, 2, 3].map(|part| self.draw(Purpose::Signature, image_id, part));
        format!("{first:016x}{second:016x}{third:016x}{fourth:016x}")
    }

    /// The end of a picture's file name.
    pub(crate) fn file_tail(self, sequence: u64) -> String {
        let number = self.draw(Purpose::FileName, sequence, 2) % 10_000_000;
        format!("id{number:07}_{}", self.uuid(Purpose::FileName, sequence))
    }

    fn uuid(self, purpose: Purpose, number: u64) -> String {
        let high = (self.draw(purpose, number, 0) & !0xf000) | 0x4000;
        let low = (self.draw(purpose, number, 1) & !(0b11 << 62)) | (0b10 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

/// `SplitMix64`'s finisher: a bijection that spreads every bit.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn image_ids_are_distinct_snowflakes_of_19_digits() {
        let ids = Ids::new(Some(1), 0);
        let all: HashSet<u64> = (0..5_000)
            .flat_map(|task| (0..12).map(move |frame| ids.image(task, frame)))
            .collect();
        assert_eq!(all.len(), 60_000);
        assert!(all.iter().all(|id| id.to_string().len() == 19));
    }

    #[test]
    fn uuids_have_the_form_of_version_4() {
        let ids = Ids::new(None, 1_790_000_000_000);
        for sequence in 0..100 {
            let id = ids.task(sequence);
            assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
        assert_ne!(ids.task(1), ids.trace(1));
    }

    #[test]
    fn unseeded_runs_differ() {
        assert_ne!(
            Ids::new(None, 1_790_000_000_000).task(0),
            Ids::new(None, 1_790_000_000_000).task(0)
        );
    }
}
