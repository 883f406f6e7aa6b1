//! The report of attention heads.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A side of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Rows.
    Rows,
    /// Columns.
    Columns,
}

impl_words!(Axis);

/// Blocks of a projection that belong to one attention head each, as the base's config.json cuts
/// them. Every list has one entry per head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heads {
    /// The side of the stored matrix that the heads divide.
    pub axis: Axis,
    /// Number of heads.
    pub count: usize,
    /// Number of rows or columns of one head.
    pub size: usize,
    /// Names of the heads where the tensor holds queries, keys and values: `q0`, `k0`, `v0` and so
    /// on; else empty.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Share of weights that changed in bf16.
    pub density: Vec<f64>,
    /// Rank of the subspaces that are compared.
    pub k: usize,
    /// (σ_k − σ_{k+1})/σ_k of the base's block; 1 where k is its whole rank.
    pub gap: Vec<f64>,
    /// NSS over the whole spectrum of the head's block.
    pub nss: Vec<f64>,
    /// NSS that a random update of the block with the same norm gives, to first order.
    #[serde(default)]
    pub nss_chance: Vec<f64>,
    /// The largest principal angle on the hidden side between the leading k directions of the
    /// block, in degrees.
    pub rotation: Vec<f64>,
    /// The mean of that angle over the random draws that `GeometryChance.draws` counts, in degrees;
    /// `null` where σ_k = σ_{k+1}.
    #[serde(default)]
    pub rotation_chance: Vec<Option<f64>>,
}
