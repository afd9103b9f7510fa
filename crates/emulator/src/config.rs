//! What an emulator was told to be, fixed from its start to its end.

use crate::ledger::{Limits, Prices};
use crate::state_folder::StateFolder;
use crate::work::store::Bounds;
use crate::work::timeline::Speed;

#[derive(Debug)]
pub(crate) struct Config {
    /// Without a final slash.
    pub(crate) url: String,
    pub(crate) speed: Speed,
    pub(crate) seed: Option<u64>,
    /// The tokens that are right; any is when there are none here.
    pub(crate) tokens: Vec<crate::token::Token>,
    pub(crate) moderated_words: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) prices: Prices,
    pub(crate) bounds: Bounds,
    /// Whether each tile has the prompt, its number, the action and the seed printed on it.
    pub(crate) overlay: bool,
    pub(crate) state_folder: Option<StateFolder>,
}
