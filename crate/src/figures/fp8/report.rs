//! What the report says of two FP8 tensors beneath their scales.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Codes and scales of base and tuned, both FP8 of one kind. All counts are exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quantized {
    /// Weights whose 8 bits agree.
    pub codes_equal: u64,
    /// Numbers in the scale tensors (of the slice); 0 where there is none. Where the sides have
    /// different numbers of them, the larger, and none counts as equal.
    pub scales: u64,
    /// How many of them agree, bit by bit as f32.
    pub scales_equal: u64,
}
