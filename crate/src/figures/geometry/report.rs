//! The report of a matrix's spectra and principal subspaces.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a matrix was decomposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecompositionMethod {
    /// Eigenvalues of Gram matrices, which give the whole spectrum.
    GramEigen,
    /// Block Lanczos iteration, which gives the leading part of the spectrum.
    BlockLanczos,
}

impl_words!(DecompositionMethod);

/// Gate II: spectra and principal subspaces of rank k.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Geometry {
    /// The rank of the subspaces: that of the settings, or the numerical rank of the base where
    /// that is smaller.
    pub k: usize,
    /// The rank of the settings.
    pub requested_k: usize,
    /// True if the whole spectrum was computed.
    pub exact: bool,
    /// The method of the decomposition.
    pub method: DecompositionMethod,
    /// False if the iteration hit its cap before its own error estimate was met.
    pub converged: bool,
    /// σ(W0), descending: all values if exact, else the leading k.
    pub spectrum_base: Vec<f64>,
    /// σ(W1), descending, as many values.
    pub spectrum_tuned: Vec<f64>,
    /// The largest estimated relative error of the leading k values.
    pub spectrum_error: f64,
    /// ‖σ(W1) − σ(W0)‖ / ‖σ(W0)‖ over the whole spectrum (PNT §4); `null` unless exact.
    pub nss: Option<f64>,
    /// NSS over the leading k values.
    pub nss_top_k: f64,
    /// Uncertainty of `nss_top_k`.
    #[serde(default)]
    pub nss_top_k_uncertainty: Option<f64>,
    /// A certified interval [low, high] for the NSS over the whole spectrum.
    pub nss_interval: [f64; 2],
    /// ρ_Σ = ‖σ(W1) − σ(W0)‖/‖Δ‖_F over the whole spectrum (ISO): the share of the update that the
    /// spectrum sees. `null` unless exact, and for a zero update.
    #[serde(default)]
    pub spectral_share: Option<f64>,
    /// A certified interval [low, high] for `spectral_share`; `null` for a zero update.
    #[serde(default)]
    pub spectral_share_interval: Option<[f64; 2]>,
    /// κ = ρ_Σ²·max(m, n) (ISO), which is 1 by chance where W0 has full rank. `null` as
    /// `spectral_share` is.
    #[serde(default)]
    pub spectral_excess: Option<f64>,
    /// A certified interval [low, high] for `spectral_excess`; `null` for a zero update.
    #[serde(default)]
    pub spectral_excess_interval: Option<[f64; 2]>,
    /// Principal angles between the left subspaces, in degrees, descending.
    pub angles_left: Vec<f64>,
    /// Principal angles between the right subspaces, in degrees, descending.
    pub angles_right: Vec<f64>,
    /// The largest angle of both sides, in degrees.
    pub rotation_max: f64,
    /// The median of both sides' angles, in degrees.
    pub rotation_median: f64,
    /// Uncertainty of `rotation_max`, in degrees.
    pub uncertainty: f64,
    /// False if the gap at k is too small for the subspace to be defined.
    pub resolved: bool,
    /// The rank in [0.9k, 1.1k] with the widest gap; `null` where k is resolved or no rank is.
    pub nearest_resolved_k: Option<usize>,
    /// The relative gap (σ_k − σ_{k+1})/σ_k of the base.
    pub gap: f64,
    /// Angle between u_i(W0) and u_i(W1) for i ≤ k, in degrees, whatever their signs.
    pub vector_rotation_left: Vec<f64>,
    /// Angle between v_i(W0) and v_i(W1) for i ≤ k, in degrees.
    pub vector_rotation_right: Vec<f64>,
    /// Uncertainty of both angles, in degrees: large where σ_i has a near neighbour.
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
    /// Chance levels: figures that a random update of the same norm gives.
    pub chance: GeometryChance,
    /// ‖sin Θ‖_F of both sides, beside chance.
    #[serde(default)]
    pub sin_theta: Option<SinTheta>,
    /// Where along W0's spectrum the update's energy lies; `null` for a zero update.
    #[serde(default)]
    pub along_spectrum: Option<AlongSpectrum>,
    /// The rank-dependent figures at smaller ranks, ascending; the last entry is that of k itself.
    #[serde(default)]
    pub sweep: Vec<SweepPoint>,
    /// Perturbation bounds, each beside the figure that it bounds.
    pub bounds: Bounds,
    /// Columns that were multiplied by W0 and W1, over k; 0 if exact.
    pub columns_per_k: f64,
}

/// Figures that an update with independent Gaussian entries of the same norm gives. τ² =
/// ‖Δ‖_F²/(mn) is the variance of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeometryChance {
    /// Chance levels at rank k.
    #[serde(flatten)]
    pub at_k: RankChance,
    /// NSS over the whole spectrum, to first order with δσ_i = u_iᵀΔv_i: ρ/√max(m, n) where W0 has
    /// full rank, ρ being the relative update.
    #[serde(default)]
    pub nss: Option<f64>,
    /// `spectral_share`, to first order: √((r + (m − r)(n − r))/(mn)), r being the rank of W0. This
    /// is 1/√max(m, n) where W0 has full rank; an unknown rank is taken to be full.
    #[serde(default)]
    pub spectral_share: Option<f64>,
    /// `spectral_excess`, to first order: 1 where W0 has full rank.
    #[serde(default)]
    pub spectral_excess: Option<f64>,
    /// Number of seeded draws behind the single angles, which have no closed form. They are taken
    /// to first order (docs/metrics.md). Where only the leading spectrum is known, values beyond it
    /// stand at their root mean square, which turns least. `null` where σ_k = σ_{k+1}.
    #[serde(default)]
    pub draws: Option<usize>,
    /// Mean over the draws of each principal angle of the left subspaces, in degrees, descending.
    #[serde(default)]
    pub angles_left: Option<Vec<f64>>,
    /// Mean over the draws of each principal angle of the right subspaces, in degrees, descending.
    #[serde(default)]
    pub angles_right: Option<Vec<f64>>,
    /// Root mean square rotation of each u_i in closed form, in degrees: sin² = τ²[Σ_{j≠i} (σ_i² +
    /// σ_j²)/(σ_i² − σ_j²)² + (m − min(m, n))/σ_i²]; `null` where that is 1 or more, so that first
    /// order says nothing.
    #[serde(default)]
    pub vectors_left: Vec<Option<f64>>,
    /// Root mean square rotation of each v_i, with n for m, in degrees.
    #[serde(default)]
    pub vectors_right: Vec<Option<f64>>,
}

/// Chance levels at one rank, of the random update of [`GeometryChance`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankChance {
    /// Off-principal share of both sides: 1 − k²/(mn).
    pub both: f64,
    /// Off-principal share on the left: 1 − k/m.
    pub left: f64,
    /// Off-principal share on the right: 1 − k/n.
    pub right: f64,
    /// NSS over the leading k values, to first order: τ√k/‖σ_1…σ_k(W0)‖.
    #[serde(default)]
    pub nss_top_k: Option<f64>,
    /// Mean over the draws of the largest angle of both sides, in degrees; `null` where σ_k =
    /// σ_{k+1}.
    #[serde(default)]
    pub rotation_max: Option<f64>,
    /// Standard deviation of the largest angle over the draws, in degrees.
    #[serde(default)]
    pub rotation_max_deviation: Option<f64>,
    /// Mean over the draws of the median of both sides' angles, in degrees.
    #[serde(default)]
    pub rotation_median: Option<f64>,
}

/// The sines of all principal angles of a side as one number, √Σ sin²θ_i, beside the one that the
/// random update of [`GeometryChance`] gives.
///
/// To first order E‖sin Θ_left‖² = τ² Σ_{i≤k} [Σ_{k<j} (σ_i² + σ_j²)/(σ_i² − σ_j²)² + (m − min(m,
/// n))/σ_i²], and with n for m on the right. Chance is an interval where only the leading spectrum
/// is known, `null` where σ_k = σ_{k+1}.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SinTheta {
    /// √Σ sin²θ_i of the left subspaces.
    pub left: f64,
    /// √Σ sin²θ_i of the right subspaces.
    pub right: f64,
    /// Chance level of the left subspaces, [low, high].
    pub chance_left: Option<[f64; 2]>,
    /// Chance level of the right subspaces, [low, high].
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

/// The rank-dependent figures of [`Geometry`] at one rank of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The rank.
    pub k: usize,
    /// 1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖²/‖Δ‖²; `null` for a zero update.
    pub off_principal_share: Option<f64>,
    /// 1 − ‖U_kU_kᵀ Δ‖²/‖Δ‖².
    pub off_principal_left: Option<f64>,
    /// 1 − ‖Δ V_kV_kᵀ‖²/‖Δ‖².
    pub off_principal_right: Option<f64>,
    /// Chance levels of these figures.
    pub chance: RankChance,
    /// NSS over the leading k values.
    pub nss_top_k: f64,
    /// Uncertainty of `nss_top_k`.
    #[serde(default)]
    pub nss_top_k_uncertainty: Option<f64>,
    /// Uncertainty of the three off-principal shares.
    #[serde(default)]
    pub shares_uncertainty: Option<f64>,
    /// The largest angle of both sides, in degrees.
    pub rotation_max: f64,
    /// The median of both sides' angles, in degrees.
    pub rotation_median: f64,
    /// The relative gap (σ_k − σ_{k+1})/σ_k of the base.
    pub gap: f64,
    /// False if the gap is too small for the subspace to be defined.
    pub resolved: bool,
    /// Uncertainty of `rotation_max`, in degrees.
    pub uncertainty: f64,
}

/// Perturbation bounds, each beside the figure that it bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    /// Weyl: max|σ_i(W1) − σ_i(W0)| ≤ ‖Δ‖_2.
    pub weyl: Bound,
    /// Mirsky: NSS ≤ ‖Δ‖_F/‖W0‖_F.
    pub nss: Bound,
    /// Ky Fan: |Σ_{i≤k}σ_i(W1) − Σ_{i≤k}σ_i(W0)| ≤ k‖Δ‖_2.
    pub ky_fan: Bound,
    /// Wedin as PNT states it: sin θ_max ≤ ‖Δ‖_2/γ_k, with γ_k = σ_k − σ_{k+1} of the base.
    pub wedin_as_stated: Bound,
    /// Wedin: sin θ_max ≤ ‖Δ‖_2/(γ_k − ‖Δ‖_2); void (`bound` is `null`) where the denominator is
    /// not positive.
    pub wedin_strict: Bound,
}

/// A bound and the figure that it bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// The figure as observed.
    pub observed: f64,
    /// The bound; `null` where it is void.
    pub bound: Option<f64>,
}
