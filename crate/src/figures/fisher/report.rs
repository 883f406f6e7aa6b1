//! The report of Gate I, where a diagonal Fisher is given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The update weighted by the diagonal Fisher F of the base (docs/metrics.md#gate-i-with-a-fisher).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fisher {
    /// ½ Σ F·Δ², the quadratic approximation of the KL divergence in nats; finite weights only.
    pub kl_quadratic: f64,
    /// Share of the run's summed quadratic KL; `null` where that sum is 0.
    pub kl_share: Option<f64>,
    /// √(Σ F·Δ²).
    pub weighted_norm: f64,
    /// Σ F over all weights.
    pub mass: f64,
    /// Share of the mass on weights that changed in bf16; `null` where there is no mass.
    pub mass_on_changed: Option<f64>,
    /// The share of the mass that a random mask would hold: the density of the changed weights.
    pub chance: f64,
}
