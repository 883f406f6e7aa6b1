//! The report of two FP8 tensors: their codes and their scales.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Codes and scales of base and tuned, both FP8 of one kind. All counts are exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quantized {
    /// Number of weights whose 8 bits agree.
    pub codes_equal: u64,
    /// Number of scales (of the slice); 0 without a scale tensor. Where the sides have different
    /// numbers of scales it is the larger one, and none counts as equal.
    pub scales: u64,
    /// Number of scales that agree, bit by bit as f32.
    pub scales_equal: u64,
}
