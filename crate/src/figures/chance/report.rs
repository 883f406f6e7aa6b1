//! What a random update would give.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures of a random matrix with independent entries, in the limit of large sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateChance {
    /// mn/(√m + √n)², at least 1.
    pub stable_rank: f64,
    /// By the Marchenko–Pastur law.
    pub share_top_k: f64,
}
