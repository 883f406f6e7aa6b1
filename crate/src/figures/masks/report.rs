//! The report of the masks of principal and of low-magnitude weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Overlaps of the update mask M with masks of principal and of low-magnitude weights at one α.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Masks {
    /// Share of the weights in a mask.
    pub alpha: f64,
    /// Rank k of the reconstruction W0^(k) behind `principal`.
    pub k: usize,
    /// |M|: number of weights that changed in bf16.
    pub changed: u64,
    /// Weights with |W0^(k)| at or above this threshold are principal.
    pub principal_threshold: f64,
    /// Weights with |W0| at or below this threshold are low.
    pub low_threshold: f64,
    /// M_princ: the top α of |W0^(k)|.
    pub principal: MaskOverlap,
    /// M_low: the bottom α of |W0|.
    pub low: MaskOverlap,
    /// M_princ ∩ ¬M_low.
    pub principal_not_low: MaskOverlap,
    /// ¬M_princ.
    pub not_principal: MaskOverlap,
    /// M_low ∪ ¬M_princ, PNT's safe mask.
    pub safe: MaskOverlap,
    /// The rank-dependent figures at the ranks of `AlongSpectrum.edges`, ascending; the last entry
    /// is that of k itself.
    #[serde(default)]
    pub sweep: Vec<MaskSweepPoint>,
}

/// The rank-dependent figures of [`Masks`] at one rank of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MaskSweepPoint {
    /// Rank k of the reconstruction W0^(k) behind `principal`.
    pub k: usize,
    /// Weights with |W0^(k)| at or above this threshold are principal.
    pub principal_threshold: f64,
    /// M_princ: the top α of |W0^(k)|.
    pub principal: MaskOverlap,
    /// M_princ ∩ ¬M_low.
    pub principal_not_low: MaskOverlap,
    /// M_low ∪ ¬M_princ.
    pub safe: MaskOverlap,
}

/// The overlap |M• ∩ M|/|M| of a mask M• with the update mask M, beside its chance level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MaskOverlap {
    /// |M•|: number of weights in the mask.
    pub size: u64,
    /// |M• ∩ M|: number of weights in both masks.
    pub both: u64,
    /// `both / |M|`; `null` where M is empty.
    pub overlap: Option<f64>,
    /// The overlap that a random mask gives: the density of M•.
    pub chance: f64,
    /// `overlap / chance`; `null` where either mask is empty.
    pub enrichment: Option<f64>,
}

impl MaskOverlap {
    /// Makes an overlap from counts, with `changed` = |M| and `total` weights.
    pub fn new(size: u64, both: u64, changed: u64, total: u64) -> Self {
        let chance = size as f64 / total as f64;
        let overlap = (changed > 0).then(|| both as f64 / changed as f64);
        let enrichment = overlap.filter(|_| size > 0).map(|o| o / chance);
        Self { size, both, overlap, chance, enrichment }
    }
}
