//! The rules by which names of one checkpoint are changed to find their partners in another.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The checkpoint whose names a rule changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenamedSide {
    /// The base.
    Base,
    /// The tuned checkpoint.
    Tuned,
}

impl_words!(RenamedSide);

/// A rule by which names of one checkpoint were changed, so that they have partners in the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renaming {
    /// The checkpoint whose names were changed.
    pub side: RenamedSide,
    /// The part of the names that was replaced, as `model.language_model.`.
    pub from: String,
    /// What stands in its place, as `model.`; empty where it was taken off.
    pub to: String,
    /// Number of tensors that were renamed by it.
    pub tensors: usize,
    /// One name before and after.
    pub example: [String; 2],
}
