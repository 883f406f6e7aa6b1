//! The report of several tuned runs of one base.

use crate::figures::maps::report::ConsensusMap;
use crate::figures::precision::profile::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Update masks and updates of several runs against each other, for one tensor or the model. Tables
/// are R × R in the order of `runs`. M_r is the set of weights that run r changed in bf16, or
/// without a base the set of weights that it lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// Name of the tensor; `null` for the model, which sums over the tensors that all runs have.
    pub name: Option<String>,
    /// The runs that have the tensor, two or more, as indices into the report's `runs`.
    pub runs: Vec<usize>,
    /// Number of weights. 0 if the shape is unknown; chance levels are then `null`.
    pub parameters: u64,
    /// |M_r|: number of weights that each run changed.
    pub changed: Vec<u64>,
    /// |M_a ∩ M_b|.
    pub both: Vec<Vec<u64>>,
    /// Jaccard index |M_a ∩ M_b| / |M_a ∪ M_b|; `null` where both are empty.
    pub jaccard: Vec<Vec<Option<f64>>>,
    /// Jaccard index of independent masks with the same densities p and q: pq/(p + q − pq); for the
    /// model from expected counts summed over tensors.
    pub jaccard_chance: Vec<Vec<Option<f64>>>,
    /// Mean of `jaccard` over pairs of different runs.
    pub mean_jaccard: Option<f64>,
    /// Mean of `jaccard_chance` over pairs of different runs.
    pub mean_jaccard_chance: Option<f64>,
    /// |M_a ∩ M_b| / |M_a|, a being the row (MUK); chance is the density of M_b.
    pub one_sided: Vec<Vec<Option<f64>>>,
    /// Number of weights changed in exactly 0, 1, …, R runs; the first is `null` if a shape is
    /// unknown.
    pub exactly: Vec<Option<u64>>,
    /// Shares of weights in exactly 0, 1, …, R independent masks (Poisson-binomial); empty if a
    /// shape is unknown.
    pub exactly_chance: Vec<f64>,
    /// Share of weights changed in all runs, per row; `null` for vectors and the model.
    pub row_consensus: Option<Profile>,
    /// Share of weights changed in all runs, per column; `null` for vectors and the model.
    pub column_consensus: Option<Profile>,
    /// Where in the matrix all runs changed weights; `null` for vectors and the model.
    #[serde(default)]
    pub consensus_map: Option<ConsensusMap>,
    /// The changes of each step from the one before it, the base going before the first; `null`
    /// unless the runs are steps of one run.
    #[serde(default)]
    pub steps: Option<Vec<Step>>,
    /// Inner products ⟨Δa, Δb⟩ of the stored values, over the weights that are finite on every
    /// side; `null` without a base.
    pub dot: Vec<Vec<Option<f64>>>,
    /// Cosine ⟨Δa, Δb⟩ / (‖Δa‖‖Δb‖); `null` where a norm is 0 and without a base.
    pub cosine: Vec<Vec<Option<f64>>>,
}

/// Changes of one step in bf16.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Number of weights that the step changed.
    pub changed: u64,
    /// `changed / parameters`: 1 minus the sparsity of one step, which is not that of a whole run.
    pub density: f64,
    /// Share of changed weights per row; `null` for vectors and the model.
    pub row_density: Option<Profile>,
    /// Share of changed weights per column; `null` for vectors and the model.
    pub column_density: Option<Profile>,
}
