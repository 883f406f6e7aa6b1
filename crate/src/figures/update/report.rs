//! What the report says of the size of the update.

use crate::figures::chance::report::UpdateChance;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
