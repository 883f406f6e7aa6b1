//! The report of the rounding between the dtypes of base and tuned.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of a tensor's update is the rounding between the dtypes of base and tuned. All counts
/// are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cast {
    /// Number of weights whose tuned value is the base's, rounded to the tuned dtype.
    pub rounded: u64,
    /// Number of weights whose base value is the tuned one, rounded to the base's dtype; 0 for a
    /// quantised base.
    pub rounded_back: u64,
    /// ‖round(W0) − W0‖_F, W0 rounded to the tuned dtype: the size of the update that a cast alone
    /// makes.
    pub rounding: f64,
}

/// The side of a comparison that is the other one, rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundedSide {
    /// The tuned checkpoint is the base, rounded to the tuned dtype: a cast.
    Tuned,
    /// The base is the tuned checkpoint, rounded to the base's dtype: what differs is less than the
    /// base's dtype can hold, as between two casts of one model.
    Base,
}

impl_words!(RoundedSide);

/// Tensors of a run whose whole update is the rounding between two dtypes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CastSummary {
    /// The base's dtype as stored, of most of these weights.
    pub from: String,
    /// The tuned dtype as stored.
    pub to: String,
    /// The side that is the other one, rounded.
    pub rounded: RoundedSide,
    /// Number of these tensors.
    pub tensors: usize,
    /// Number of their weights.
    pub parameters: u64,
    /// Whether no other tensor of the run changed: the run is a cast and nothing else.
    pub whole: bool,
}

impl Cast {
    /// The side of a tensor with `parameters` weights that is the other one, rounded; `None` where
    /// some weight changed otherwise.
    pub fn rounded_side(&self, parameters: u64) -> Option<RoundedSide> {
        if self.rounded == parameters {
            Some(RoundedSide::Tuned)
        } else if self.rounded_back == parameters {
            Some(RoundedSide::Base)
        } else {
            None
        }
    }
}
