//! What the report says of the masks of principal and of low-magnitude weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Overlaps of the update mask M with masks of principal and of low-magnitude weights at one α.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Masks {
    /// Mask fraction.
    pub alpha: f64,
    /// Rank of the reconstruction behind `principal`.
    pub k: usize,
    /// Weights in M.
    pub changed: u64,
    /// |W0^(k)| at and above this is principal.
    pub principal_threshold: f64,
    /// |W0| at and below this is low.
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
    /// What depends on the rank at the ranks of
    /// [`AlongSpectrum::edges`](super::AlongSpectrum::edges), ascending; the last is that of k
    /// itself.
    #[serde(default)]
    pub sweep: Vec<MaskSweepPoint>,
}

/// [`Masks`] at a smaller rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MaskSweepPoint {
    /// Rank of the reconstruction behind `principal`.
    pub k: usize,
    /// |W0^(k)| at and above this is principal.
    pub principal_threshold: f64,
    /// M_princ.
    pub principal: MaskOverlap,
    /// M_princ ∩ ¬M_low.
    pub principal_not_low: MaskOverlap,
    /// M_low ∪ ¬M_princ.
    pub safe: MaskOverlap,
}

/// |M• ∩ M|/|M| beside its chance level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MaskOverlap {
    /// Weights in M•.
    pub size: u64,
    /// Weights in both.
    pub both: u64,
    /// `both / |M|`; `null` where M is empty.
    pub overlap: Option<f64>,
    /// Density of M•.
    pub chance: f64,
    /// `overlap / chance`.
    pub enrichment: Option<f64>,
}

impl MaskOverlap {
    /// From counts, with `changed = |M|` and `total` weights.
    pub fn new(size: u64, both: u64, changed: u64, total: u64) -> Self {
        let chance = size as f64 / total as f64;
        let overlap = (changed > 0).then(|| both as f64 / changed as f64);
        let enrichment = overlap.filter(|_| size > 0).map(|o| o / chance);
        Self { size, both, overlap, chance, enrichment }
    }
}
