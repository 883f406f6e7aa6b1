//! What the report says of a matrix's spectra and principal subspaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gate II: spectra and principal subspaces of rank k.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Geometry {
    /// The rank used: the one set, or the numerical rank of the base where that is smaller.
    pub k: usize,
    /// The rank that was set.
    pub requested_k: usize,
    /// True where the whole spectrum was computed.
    pub exact: bool,
    /// `gram_eigen` or `block_lanczos`.
    pub method: String,
    /// False where the iteration hit its cap before its own error estimate was met.
    pub converged: bool,
    /// σ(W0): all where exact, else the leading k.
    pub spectrum_base: Vec<f64>,
    /// σ(W1), as many.
    pub spectrum_tuned: Vec<f64>,
    /// Largest estimated relative error of the leading k values.
    pub spectrum_error: f64,
    /// ‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over the whole spectrum (PNT §4); `null` unless exact.
    pub nss: Option<f64>,
    /// The same over the leading k.
    pub nss_top_k: f64,
    /// Uncertainty of `nss_top_k`.
    #[serde(default)]
    pub nss_top_k_uncertainty: Option<f64>,
    /// A certified interval for the NSS of the whole spectrum.
    pub nss_interval: [f64; 2],
    /// Principal angles between the left subspaces, degrees, descending.
    pub angles_left: Vec<f64>,
    /// Principal angles between the right subspaces, degrees, descending.
    pub angles_right: Vec<f64>,
    /// The largest angle of both sides.
    pub rotation_max: f64,
    /// The median of both sides' angles.
    pub rotation_median: f64,
    /// Uncertainty of `rotation_max`, degrees.
    pub uncertainty: f64,
    /// False where the gap at k is too small for the subspace to be defined.
    pub resolved: bool,
    /// The k in [0.9k, 1.1k] with the widest gap, where `resolved` is false.
    pub nearest_resolved_k: Option<usize>,
    /// (σ_k − σ_{k+1}) / σ_k of the base.
    pub gap: f64,
    /// Angle between u_i(W0) and u_i(W1), i ascending, degrees, sign-free.
    pub vector_rotation_left: Vec<f64>,
    /// Angle between v_i(W0) and v_i(W1).
    pub vector_rotation_right: Vec<f64>,
    /// Uncertainty of both, degrees: large where σ_i has a near neighbour.
    #[serde(default)]
    pub vector_rotation_uncertainty: Vec<f64>,
    /// 1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖²/‖Δ‖²; `null` for a zero update.
    pub off_principal_share: Option<f64>,
    /// 1 − ‖U_kU_kᵀ Δ‖²/‖Δ‖².
    pub off_principal_left: Option<f64>,
    /// 1 − ‖Δ V_kV_kᵀ‖²/‖Δ‖².
    pub off_principal_right: Option<f64>,
    /// Uncertainty of the three off-principal shares.
    #[serde(default)]
    pub shares_uncertainty: Option<f64>,
    /// What a random update of the same norm gives.
    pub chance: GeometryChance,
    /// ‖sin Θ‖_F of both sides beside chance.
    #[serde(default)]
    pub sin_theta: Option<SinTheta>,
    /// Where along W0's spectrum the update's energy lies; `null` for a zero update.
    #[serde(default)]
    pub along_spectrum: Option<AlongSpectrum>,
    /// The rank-dependent figures at smaller ranks, ascending; the last entry is that of k itself.
    #[serde(default)]
    pub sweep: Vec<SweepPoint>,
    /// Each bound beside what it bounds.
    pub bounds: Bounds,
    /// Columns multiplied by W0 and W1, over k; 0 where exact.
    pub columns_per_k: f64,
}

/// What an update with independent Gaussian entries of the same norm gives, τ² = ‖Δ‖_F²/(mn).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeometryChance {
    /// At k.
    #[serde(flatten)]
    pub at_k: RankChance,
    /// To first order, with δσ_i = u_iᵀΔv_i: ρ/√max(m, n) where W0 has full rank, ρ being the
    /// relative update.
    #[serde(default)]
    pub nss: Option<f64>,
    /// Seeded draws behind the single angles, which have no closed form. They are taken to first
    /// order (docs/metrics.md), and where only the leading spectrum is known, values beyond it
    /// stand at their root mean square, which turns least. `null` where σ_k = σ_{k+1}.
    #[serde(default)]
    pub draws: Option<usize>,
    /// Mean over the draws of each principal angle of the left subspaces, degrees, descending.
    #[serde(default)]
    pub angles_left: Option<Vec<f64>>,
    /// The same of the right subspaces.
    #[serde(default)]
    pub angles_right: Option<Vec<f64>>,
    /// Root mean square rotation of each u_i in closed form, degrees: sin² = τ²[Σ_{j≠i} (σ_i² +
    /// σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²]; `null` where that is 1 or more, so that first
    /// order says nothing.
    #[serde(default)]
    pub vectors_left: Vec<Option<f64>>,
    /// The same of v_i, with n for m.
    #[serde(default)]
    pub vectors_right: Vec<Option<f64>>,
}

/// [`GeometryChance`]'s update at one rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankChance {
    /// 1 − k²/(mn).
    pub both: f64,
    /// 1 − k/m.
    pub left: f64,
    /// 1 − k/n.
    pub right: f64,
    /// To first order: τ√k/‖σ_1…σ_k(W0)‖.
    #[serde(default)]
    pub nss_top_k: Option<f64>,
    /// Mean over the draws of the largest angle of both sides; `null` where σ_k = σ_{k+1}.
    #[serde(default)]
    pub rotation_max: Option<f64>,
    /// Its standard deviation over the draws.
    #[serde(default)]
    pub rotation_max_deviation: Option<f64>,
    /// Mean over the draws of the median of both sides' angles.
    #[serde(default)]
    pub rotation_median: Option<f64>,
}

/// The sines of all principal angles of a side as one number, √Σ sin²θ_i, beside what
/// [`GeometryChance`]'s update gives.
///
/// To first order E‖sin Θ_left‖² = τ² Σ_{i≤k} [Σ_{k<j} (σ_i² + σ_j²)/(σ_i² − σ_j²)² + (m − min(m,
/// n))/σ_i²], and with n for m on the right. Chance is an interval where only the leading spectrum
/// is known, `null` where σ_k = σ_{k+1}.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SinTheta {
    /// Observed, left subspaces.
    pub left: f64,
    /// Observed, right subspaces.
    pub right: f64,
    /// By chance, left.
    pub chance_left: Option<[f64; 2]>,
    /// By chance, right.
    pub chance_right: Option<[f64; 2]>,
}

/// Shares of ‖Δ‖_F² per block of W0's singular directions; block b holds directions `edges[b −
/// 1]`..`edges[b]`.
///
/// Chance is |b||c|/(mn) in the core, |b|/m on the left and |b|/n on the right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlongSpectrum {
    /// Upper ends of the blocks: 1, 2, 4, … and k.
    pub edges: Vec<usize>,
    /// ‖U_bᵀΔV_c‖²/‖Δ‖², left blocks first.
    pub core: Vec<Vec<f64>>,
    /// ‖U_bᵀΔ‖²/‖Δ‖².
    pub left: Vec<f64>,
    /// ‖ΔV_b‖²/‖Δ‖².
    pub right: Vec<f64>,
}

/// [`Geometry`]'s figures at a smaller rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The rank.
    pub k: usize,
    /// As in the geometry; `null` for a zero update.
    pub off_principal_share: Option<f64>,
    /// The same.
    pub off_principal_left: Option<f64>,
    /// The same.
    pub off_principal_right: Option<f64>,
    /// Of these figures.
    pub chance: RankChance,
    /// Over the leading k.
    pub nss_top_k: f64,
    /// Uncertainty of `nss_top_k`.
    #[serde(default)]
    pub nss_top_k_uncertainty: Option<f64>,
    /// Uncertainty of the three shares.
    #[serde(default)]
    pub shares_uncertainty: Option<f64>,
    /// Degrees.
    pub rotation_max: f64,
    /// Degrees.
    pub rotation_median: f64,
    /// (σ_k − σ_{k+1})/σ_k of the base.
    pub gap: f64,
    /// False where the gap is too small for the subspace to be defined.
    pub resolved: bool,
    /// Of `rotation_max`, degrees.
    pub uncertainty: f64,
}

/// Perturbation bounds, each with what was observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    /// max|σ_i(W1) − σ_i(W0)| ≤ ‖Δ‖_2.
    pub weyl: Bound,
    /// NSS ≤ ‖Δ‖_F/‖W0‖_F (Mirsky).
    pub nss: Bound,
    /// |Σ_{i≤k}σ_i(W1) − Σ_{i≤k}σ_i(W0)| ≤ k‖Δ‖_2.
    pub ky_fan: Bound,
    /// sin θ_max ≤ ‖Δ‖_2/γ_k, as stated in PNT.
    pub wedin_as_stated: Bound,
    /// sin θ_max ≤ ‖Δ‖_2/(γ_k − ‖Δ‖_2); void (`bound` null) where the denominator is not positive.
    pub wedin_strict: Bound,
}

/// A bound and what it bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// The figure.
    pub observed: f64,
    /// Its bound; `null` where void.
    pub bound: Option<f64>,
}
