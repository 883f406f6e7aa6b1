//! The report of changes that leave a layer's function as it was.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of basis of attention heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasisChange {
    /// No change of basis explains the update.
    None,
    /// Each head was rotated.
    Rotated,
    /// The heads changed places.
    Permuted,
    /// The heads changed places and were rotated.
    PermutedAndRotated,
}

impl_words!(BasisChange);

/// Whether value and output projections of a layer were rotated or permuted together, head by head:
/// V_h → R_h·V_p(h) and O_h → O_p(h)·R_hᵀ with R_h orthogonal compute the same (the intervention of
/// PNT). Only the weights are looked at, not biases, queries or keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionPreserving {
    /// Name of the output projection.
    pub partner: String,
    /// The change that was found. It differs from `none` where the best rotation and permutation
    /// take away at least three quarters of the update.
    pub kind: BasisChange,
    /// The base's head that each head of the tuned model is; `null` where no head was permuted.
    pub permutation: Option<Vec<usize>>,
    /// The largest angle of the best rotations, in degrees.
    pub rotation_max: f64,
    /// ‖Δ‖_F/‖W0‖_F over both projections together.
    pub update_before: f64,
    /// ‖Δ‖_F/‖W0‖_F after the base was permuted and rotated.
    pub update_after: f64,
    /// `update_after / update_before` that a random update gives: so many free rotations absorb a
    /// part of it.
    pub chance: f64,
}
