//! What the report says of several tuned runs of one base.

use crate::figures::maps::report::ConsensusMap;
use crate::figures::precision::profile::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Update masks and updates of several runs against each other, for one tensor or the model. Tables
/// are R × R in the order of `runs`; M_r is the set of weights that run r changed in bf16, without
/// a base that it lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// The tensor; `null` for the model, which sums over the tensors that all runs have.
    pub name: Option<String>,
    /// Places in `runs` of the report of the runs that have it, two or more.
    pub runs: Vec<usize>,
    /// Weights; 0 where a shape is not known, which no chance level is then.
    pub parameters: u64,
    /// |M_r|.
    pub changed: Vec<u64>,
    /// |M_a ∩ M_b|.
    pub both: Vec<Vec<u64>>,
    /// |M_a ∩ M_b| / |M_a ∪ M_b|; `null` where both are empty.
    pub jaccard: Vec<Vec<Option<f64>>>,
    /// Independent masks of the same densities: pq/(p + q − pq); for the model from expected counts
    /// summed over tensors.
    pub jaccard_chance: Vec<Vec<Option<f64>>>,
    /// Mean over pairs of different runs.
    pub mean_jaccard: Option<f64>,
    /// Mean over pairs of different runs.
    pub mean_jaccard_chance: Option<f64>,
    /// |M_a ∩ M_b| / |M_a|, a being the row (MUK); chance is the density of M_b.
    pub one_sided: Vec<Vec<Option<f64>>>,
    /// Weights changed in exactly 0, 1, …, R runs; the first is `null` where a shape is not known.
    pub exactly: Vec<Option<u64>>,
    /// Their shares, were the masks independent (Poisson-binomial); empty where a shape is not
    /// known.
    pub exactly_chance: Vec<f64>,
    /// Share of weights changed in all runs, per row; `null` for vectors and the model.
    pub row_consensus: Option<Profile>,
    /// The same per column.
    pub column_consensus: Option<Profile>,
    /// Where in the matrix all runs changed it; `null` for vectors and the model.
    #[serde(default)]
    pub consensus_map: Option<ConsensusMap>,
    /// Where the runs are steps of one run: the changes of each from the one before it, the base
    /// going before the first.
    #[serde(default)]
    pub steps: Option<Vec<Step>>,
    /// ⟨Δa, Δb⟩ of the stored values, over the weights that are finite on every side; `null`
    /// without a base.
    pub dot: Vec<Vec<Option<f64>>>,
    /// ⟨Δa, Δb⟩ / (‖Δa‖‖Δb‖); `null` where a norm is 0 and without a base.
    pub cosine: Vec<Vec<Option<f64>>>,
}

/// What one step changed in bf16.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Weights.
    pub changed: u64,
    /// `changed / parameters`: one less the sparsity of a step, which is another quantity than that
    /// of a whole run.
    pub density: f64,
    /// Per row; `null` for vectors and the model.
    pub row_density: Option<Profile>,
    /// Per column.
    pub column_density: Option<Profile>,
}
