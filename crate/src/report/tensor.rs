//! What the report says of one tensor of one run.

use super::{Adapter, Fisher, FunctionPreserving, Geometry, Heads, Listed, Maps, Quantized};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One tensor of the base against its partner in one tuned checkpoint, or what a sparse delta lists
/// of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TensorReport {
    /// Its full name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: String,
    /// The layer's number, from the name.
    pub layer: Option<u32>,
    /// The module kind: `q k v o qkv gate up down gate_up embed norm head expert router bias
    /// other`.
    pub module: String,
    /// As stored, row-major; empty where a sparse delta without its base does not tell it.
    pub shape: Vec<u64>,
    /// True where the architecture stores inputs × outputs (GPT-2's Conv1D): rows are then inputs.
    pub transposed: bool,
    /// The dtype in which both sides are compared: `BF16`, `F16`, `F32`, `F64`.
    pub dtype: String,
    /// The base's dtype as stored, by safetensors' name; empty without a base and in reports from
    /// before this field.
    #[serde(default)]
    pub dtype_base: String,
    /// The tuned tensor's.
    #[serde(default)]
    pub dtype_tuned: String,
    /// Elements; 0 where the shape is not known.
    pub parameters: u64,
    /// `done`, or `failed` with the reason in `error`.
    pub status: String,
    /// Why it failed, in one sentence.
    pub error: Option<String>,
    /// Gate III.
    pub precision: Option<Precision>,
    /// The size of the update.
    pub update: Option<Update>,
    /// Gate II; `null` for vectors and where `geometry_note` says why.
    pub geometry: Option<Geometry>,
    /// Why there is no geometry.
    pub geometry_note: Option<String>,
    /// One entry for each α, in the order set.
    pub masks: Vec<Masks>,
    /// Gate I with a diagonal Fisher; `null` without a usable one.
    #[serde(default)]
    pub fisher: Option<Fisher>,
    /// Why the Fisher given can't be used for this tensor.
    #[serde(default)]
    pub fisher_note: Option<String>,
    /// Of a value projection with a large update, where its layer's output projection and
    /// config.json are there.
    #[serde(default)]
    pub function_preserving: Option<FunctionPreserving>,
    /// Of a weight with a LoRA adapter.
    #[serde(default)]
    pub adapter: Option<Adapter>,
    /// Where in the matrix it changed; `null` for vectors.
    #[serde(default)]
    pub maps: Option<Maps>,
    /// Per attention head; `null` for what has none.
    #[serde(default)]
    pub heads: Option<Heads>,
    /// Codes and scales, where both sides are FP8 of one kind; else `null`.
    #[serde(default)]
    pub quantized: Option<Quantized>,
    /// Without a base, the weights that the sparse delta lists; else `null`.
    #[serde(default)]
    pub listed: Option<Listed>,
    /// Wall-clock seconds spent on it.
    pub seconds: f64,
}

impl TensorReport {
    /// Marks it as failed; the first reason stays.
    pub(crate) fn fail(&mut self, error: &crate::error::Error) {
        self.status = "failed".into();
        self.error
            .get_or_insert_with(|| format!("{}: {error}", self.name));
    }
}

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

/// A density along rows or columns, averaged into at most 256 neighbouring groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Rows or columns behind it.
    pub length: usize,
    /// Group means.
    pub values: Vec<f64>,
    /// Smallest single row or column.
    pub min: f64,
    /// Median row or column.
    pub median: f64,
    /// Largest single row or column.
    pub max: f64,
    /// Variance over the binomial variance of independent changes: 1 by chance, far more with
    /// stripes.
    pub dispersion: Option<f64>,
}

/// Δ = W1 − W0 as a matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Update {
    /// ‖W0‖_F.
    pub frobenius_base: f64,
    /// ‖Δ‖_F.
    pub frobenius_update: f64,
    /// ‖Δ‖_F / ‖W0‖_F; `null` for a zero base.
    pub relative_update: Option<f64>,
    /// max |Δ|.
    pub max_abs_update: f64,
    /// ‖Δ‖_2; `null` for vectors.
    pub spectral_norm: Option<f64>,
    /// ‖Δ‖_F² / ‖Δ‖_2²; `null` for vectors and zero updates.
    pub stable_rank: Option<f64>,
    /// Leading singular values of Δ (all where exact).
    pub spectrum: Vec<f64>,
    /// Largest relative error estimate of the leading k values in `spectrum`; 0 where exact.
    pub spectrum_error: Option<f64>,
    /// Share of ‖Δ‖_F² in its own leading k singular directions.
    pub share_top_k: Option<f64>,
    /// Numerical rank over min(m, n), tolerance max(m, n)·ε_f32·σ_1; exact matrices only.
    pub rank_share: Option<f64>,
    /// exp(entropy of σ/Σσ); exact matrices only.
    pub entropy_rank: Option<f64>,
    /// What independent entries would give; `null` for vectors and zero updates.
    #[serde(default)]
    pub chance: Option<UpdateChance>,
}

/// Figures of a random matrix with independent entries, in the limit of large sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateChance {
    /// mn/(√m + √n)², at least 1.
    pub stable_rank: f64,
    /// By the Marchenko–Pastur law.
    pub share_top_k: f64,
}

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
        Self {
            size,
            both,
            overlap,
            chance,
            enrichment,
        }
    }
}
