//! The report of the update's size that chance gives.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures of a random update with independent entries, in the limit of large sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateChance {
    /// Stable rank: mn/(√m + √n)², at least 1.
    pub stable_rank: f64,
    /// Share of ‖Δ‖_F² in the leading k singular directions, by the Marchenko–Pastur law.
    pub share_top_k: f64,
}
