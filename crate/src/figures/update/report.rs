//! The report of the update's size and rank.

use crate::figures::chance::report::UpdateChance;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Size and rank of Δ = W1 − W0 as a matrix.
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
    /// Leading singular values of Δ, descending (all values if exact).
    pub spectrum: Vec<f64>,
    /// The largest estimated relative error of the leading k values in `spectrum`; 0 if exact.
    pub spectrum_error: Option<f64>,
    /// Share of ‖Δ‖_F² in its own leading k singular directions.
    pub share_top_k: Option<f64>,
    /// Numerical rank over min(m, n), with the tolerance max(m, n)·ε_f32·σ_1; exact matrices only.
    pub rank_share: Option<f64>,
    /// exp(entropy of σ/Σσ); exact matrices only.
    pub entropy_rank: Option<f64>,
    /// Figures that independent entries give; `null` for vectors and zero updates.
    #[serde(default)]
    pub chance: Option<UpdateChance>,
}
