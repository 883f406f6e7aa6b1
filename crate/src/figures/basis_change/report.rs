//! What the report says of changes that leave a layer's function as it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether value and output projections of a layer were rotated or permuted together, head by head:
/// V_h → R_h·V_p(h) and O_h → O_p(h)·R_hᵀ with R_h orthogonal compute the same (the intervention of
/// PNT). Only the weights are looked at, not biases, queries or keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionPreserving {
    /// The output projection.
    pub partner: String,
    /// `none`, `rotated`, `permuted` or `permuted_and_rotated`: other than `none` where at least
    /// three quarters of the update go away with the best rotation and permutation.
    pub kind: String,
    /// Which head of the base each head of the tuned model is; `null` where none was permuted.
    pub permutation: Option<Vec<usize>>,
    /// Largest angle of the best rotations, degrees.
    pub rotation_max: f64,
    /// ‖Δ‖_F/‖W0‖_F of both projections together.
    pub update_before: f64,
    /// The same after the base was permuted and rotated.
    pub update_after: f64,
    /// `update_after / update_before` of a random update: what that many free rotations absorb of
    /// it.
    pub chance: f64,
}
