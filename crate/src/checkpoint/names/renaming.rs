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

/// A rule that changes names, with what it changed; whose names these are is said by
/// [`Rule::on`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The part of the names that was replaced.
    pub from: String,
    /// What stands in its place.
    pub to: String,
    /// Number of names that it changed.
    pub tensors: usize,
    /// One name before and after.
    pub example: [String; 2],
}

impl Rule {
    /// Says whose names the rule changed.
    pub fn on(self, side: RenamedSide) -> Renaming {
        let Self { from, to, tensors, example } = self;
        Renaming { side, from, to, tensors, example }
    }

    /// Counts a name that was changed by the rule `from` → `to`; the first one is its example.
    pub(crate) fn count(rules: &mut Vec<Self>, from: &str, to: &str, before: &str, after: &str) {
        match rules.iter_mut().find(|rule| rule.from == from && rule.to == to) {
            Some(rule) => rule.tensors += 1,
            None => rules.push(Self {
                from: from.into(),
                to: to.into(),
                tensors: 1,
                example: [before.into(), after.into()],
            }),
        }
    }
}
