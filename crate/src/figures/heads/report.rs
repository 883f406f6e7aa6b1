//! What the report says of attention heads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The blocks of a projection that belong to one attention head each, by the base's config.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Heads {
    /// Where the heads lie on the stored matrix: `rows` or `columns`.
    pub axis: String,
    /// Heads.
    pub count: usize,
    /// Rows or columns of one.
    pub size: usize,
    /// What each head is where the tensor holds queries, keys and values: `q0`, `k0`, `v0` and so
    /// on; else empty.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Share of changed weights per head.
    pub density: Vec<f64>,
    /// Rank of the subspaces compared.
    pub k: usize,
    /// (σ_k − σ_{k+1})/σ_k of each block of the base; 1 where k is all of it.
    pub gap: Vec<f64>,
    /// NSS over the whole spectrum of each head's block.
    pub nss: Vec<f64>,
    /// What a random update of the block with the same norm gives, to first order.
    #[serde(default)]
    pub nss_chance: Vec<f64>,
    /// Largest principal angle on the hidden side between the leading k directions of each block,
    /// degrees.
    pub rotation: Vec<f64>,
    /// Mean over the draws of [`GeometryChance::draws`](super::GeometryChance::draws), degrees;
    /// `null` where σ_k = σ_{k+1}.
    #[serde(default)]
    pub rotation_chance: Vec<Option<f64>>,
}
