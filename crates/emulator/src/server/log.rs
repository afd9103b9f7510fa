//! A log of numbered entries, of which the newest stay.

use std::collections::VecDeque;

use tokio::sync::watch;

const MAX_ENTRIES: usize = 1_000;

#[derive(Debug)]
struct Entries<T> {
    /// Entries added since the start, the forgotten ones included.
    count: u64,
    /// Numbered without gaps: the last of them is number `count - 1`.
    newest: VecDeque<T>,
}

/// The newest thousand entries; entries are counted from 0.
#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: watch::Sender<Entries<T>>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self {
            entries: watch::Sender::new(Entries {
                count: 0,
                newest: VecDeque::new(),
            }),
        }
    }
}

impl<T: Clone> Log<T> {
    /// Adds an entry, made from its number, and gives that number.
    pub(crate) fn add(&self, entry: impl FnOnce(u64) -> T) -> u64 {
        let mut number = 0;
        self.entries.send_modify(|entries| {
            number = entries.count;
            entries.count += 1;
            entries.newest.push_back(entry(number));
            if entries.newest.len() > MAX_ENTRIES {
                entries.newest.pop_front();
            }
        });
        number
    }

    /// Changes an entry, if it is still here.
    pub(crate) fn amend<R>(&self, number: u64, amend: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut amended = None;
        self.entries.send_if_modified(|entries| {
            let first = entries.count - entries.newest.len() as u64;
            let position = number
                .checked_sub(first)
                .and_then(|position| usize::try_from(position).ok());
            let entry = position.and_then(|position| entries.newest.get_mut(position));
            amended = entry.map(amend);
            amended.is_some()
        });
        amended
    }

    /// Waits until the entries are as wanted, and gives them.
    pub(crate) async fn read_when(&self, mut wanted: impl FnMut(&[T]) -> bool) -> Vec<T> {
        let mut changes = self.entries.subscribe();
        loop {
            let entries = self.read();
            if wanted(&entries) || changes.changed().await.is_err() {
                return entries;
            }
        }
    }

    pub(crate) fn read(&self) -> Vec<T> {
        self.entries.borrow().newest.iter().cloned().collect()
    }

    /// Forgets the entries; the count goes on.
    pub(crate) fn clear(&self) {
        self.entries.send_modify(|entries| entries.newest.clear());
    }
}
