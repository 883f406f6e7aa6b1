//! What the report says of Gate III.

use super::profile::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gate III: what the stored precision shows of the update. All counts are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Precision {
    /// Weights unchanged under the bf16 gate (PNT Def. 2.1).
    pub unchanged: u64,
    /// `unchanged / parameters` (PNT Def. 2.2).
    pub sparsity_bf16: f64,
    /// Weights whose stored bits are equal.
    pub bit_equal: u64,
    /// Share of weights with |Δ| at most the absolute tolerance.
    pub sparsity_abs: f64,
    /// Weights that pass the same relative test without the cast to bf16.
    pub unchanged_stored: u64,
    /// Share of weights that differ as stored but are unchanged after the cast to bf16.
    pub hidden_by_bf16: f64,
    /// Weights that are NaN or infinite on either side; they count as changed.
    pub non_finite: u64,
    /// Signed distance in bf16 codes, finite weights only.
    pub ulp_histogram: UlpHistogram,
    /// Ten equal groups of the weights by |W0|, smallest first.
    pub magnitude_deciles: Vec<Decile>,
    /// Share of changed weights per row; `null` for vectors.
    pub row_density: Option<Profile>,
    /// Share of changed weights per column; `null` for vectors.
    pub column_density: Option<Profile>,
}

/// Bins of signed distances in bf16 codes (tuned − base), ascending; all three lists have the same
/// length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UlpHistogram {
    /// Smallest distance in the bin; `null` is minus infinity.
    pub from: Vec<Option<i32>>,
    /// Largest distance in the bin; `null` is infinity.
    pub to: Vec<Option<i32>>,
    /// Weights in the bin.
    pub counts: Vec<u64>,
}

/// One tenth of the weights by magnitude. Weights of one bf16 magnitude that straddle a boundary
/// are split evenly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decile {
    /// Largest |W0| in it (at bf16 resolution).
    pub upper: f64,
    /// Share of its weights that changed in bf16.
    pub changed: f64,
    /// Mean |Δ|.
    pub mean_abs_update: f64,
    /// Half a bf16 ULP at `upper`: below it an update is lost (PNT Cor. 3.6, heuristic).
    pub half_ulp: f64,
}
