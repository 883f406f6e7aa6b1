//! What the report says of a tuned checkpoint that was given as a sparse delta.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sparse delta, by its own files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeltaSummary {
    /// The layout: `trl`, `prime-rl-sparse-hf-v1`, `prime-rl-sparse-update` or `slime-disk-delta`.
    pub layout: String,
    /// The version that it was made from; `null` where the files do not tell.
    pub base_step: Option<u64>,
    /// The version that it leads to.
    pub target_step: Option<u64>,
    /// Weights listed in it; of several files, those of each. `null` where bytes are listed and not
    /// weights.
    pub changed: Option<u64>,
}
