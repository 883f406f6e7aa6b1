//! The report of Gate III.

use super::profile::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gate III: how much of the update the stored precision shows. All counts are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Precision {
    /// Number of weights that are unchanged under the bf16 gate (PNT Def. 2.1).
    pub unchanged: u64,
    /// `unchanged / parameters` (PNT Def. 2.2).
    pub sparsity_bf16: f64,
    /// Number of weights whose stored bits are equal.
    pub bit_equal: u64,
    /// Share of weights with |Δ| at most the absolute tolerance.
    pub sparsity_abs: f64,
    /// Number of weights that pass the same relative test without the cast to bf16.
    pub unchanged_stored: u64,
    /// Share of weights that differ as stored but are unchanged after the cast to bf16.
    pub hidden_by_bf16: f64,
    /// Number of weights that are NaN or infinite on either side; they count as changed.
    pub non_finite: u64,
    /// Histogram of the signed distances in bf16 codes, finite weights only.
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
    /// Smallest distance in the bin; `null` stands for minus infinity.
    pub from: Vec<Option<i32>>,
    /// Largest distance in the bin; `null` stands for infinity.
    pub to: Vec<Option<i32>>,
    /// Number of weights in the bin.
    pub counts: Vec<u64>,
}

/// One tenth of the weights by |W0|. Weights of one bf16 magnitude that straddle a boundary are
/// split evenly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decile {
    /// Largest |W0| of the group, at bf16 resolution; `null` where bf16 rounds it to infinity.
    pub upper: Option<f64>,
    /// Share of the group's weights that changed in bf16.
    pub changed: f64,
    /// Mean |Δ| of the group; `null` where the sum overflows.
    pub mean_abs_update: Option<f64>,
    /// Half a bf16 ULP at `upper`: a smaller update is lost (PNT Cor. 3.6, heuristic);
    /// `null` where `upper` is.
    pub half_ulp: Option<f64>,
}
