//! Things that do not survive a fork: threads, and what is tied to them.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// A slot that is filled once in each process.
///
/// A forked child finds what the parent made and cannot use it: the threads behind it are not there. The slot then makes the
/// child its own, and leaks the parent's, since dropping it would wait for those threads. The lock is only ever
/// taken by threads that hold the host's interpreter, so that no other thread is in it when the host forks.
#[derive(Debug)]
pub struct PerProcess<T>(Mutex<Option<(u32, Arc<T>)>>);

impl<T> PerProcess<T> {
    /// An empty slot.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// What is this process's own, if it was made.
    pub fn existing(&self) -> Option<Arc<T>> {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref()
            .filter(|(process, _)| *process == std::process::id())
            .map(|(_, value)| Arc::clone(value))
    }

    /// What is this process's own; `make` is given the parent's, where there was one.
    ///
    /// # Errors
    ///
    /// Those of `make`; the slot then stays as it was.
    pub fn get_or_make<E>(
        &self,
        make: impl FnOnce(Option<&T>) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = std::process::id();
        if let Some((process, value)) = &*slot
            && *process == own
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make(slot.as_ref().map(|(_, value)| &**value))?);
        mem::forget(slot.replace((own, Arc::clone(&value))));
        Ok(value)
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let slot = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if slot
            .as_ref()
            .is_some_and(|(process, _)| *process != std::process::id())
        {
            mem::forget(slot.take());
        }
    }
}

/// Keeps its value from being dropped in a process that did not make it.
#[derive(Debug)]
pub(crate) struct OfThisProcess<T> {
    process: u32,
    value: Option<T>,
}

impl<T> OfThisProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            process: std::process::id(),
            value: Some(value),
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value
            .as_ref()
            .filter(|_| self.process == std::process::id())
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        if self.process == std::process::id() {
            self.value.take()
        } else {
            None
        }
    }
}

impl<T> Drop for OfThisProcess<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            mem::forget(self.value.take());
        }
    }
}
