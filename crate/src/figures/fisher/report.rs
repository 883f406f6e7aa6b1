//! What the report says of Gate I, the anchor, where a diagonal Fisher is given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The update weighted by the diagonal Fisher F of the base (METRICS "Gate I").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fisher {
    /// ½ Σ F·Δ², the quadratic approximation of the KL divergence in nats; finite weights only.
    pub kl_quadratic: f64,
    /// Its share of the run's sum; `null` where that is 0.
    pub kl_share: Option<f64>,
    /// √(Σ F·Δ²).
    pub weighted_norm: f64,
    /// Σ F over all weights.
    pub mass: f64,
    /// The share of it on weights that changed in bf16; `null` where there is no mass.
    pub mass_on_changed: Option<f64>,
    /// The density of the changed weights, which a random mask would give.
    pub chance: f64,
}
