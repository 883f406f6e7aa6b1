//! Listed weights of a group of tensors.

use crate::figures::tensor::TensorReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Listed weights of a group of tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedRollup {
    /// Number of its tensors that were read.
    pub tensors: usize,
    /// Number of listed weights.
    pub changed: u64,
    /// Number of weights; `null` where the shape of one of its tensors is not known.
    pub parameters: Option<u64>,
    /// `changed / parameters`.
    pub density: Option<f64>,
}

/// What a group's listed weights are made of.
#[derive(Debug, Clone)]
pub(crate) struct ListedSums {
    tensors: usize,
    changed: u64,
    parameters: Option<u64>,
}

impl Default for ListedSums {
    fn default() -> Self {
        Self { tensors: 0, changed: 0, parameters: Some(0) }
    }
}

impl ListedSums {
    /// Those of one tensor; `None` of one that no delta lists, or that could not be read.
    pub(crate) fn of(tensor: &TensorReport) -> Option<Self> {
        let changed = tensor.listed.as_ref()?.changed;
        // A known shape has a weight at least.
        let parameters = Some(tensor.parameters).filter(|weights| *weights > 0);
        Some(Self { tensors: 1, changed, parameters })
    }

    /// Takes in those of other tensors.
    pub(crate) fn join(&mut self, other: &Self) {
        self.tensors += other.tensors;
        self.changed += other.changed;
        self.parameters = self.parameters.zip(other.parameters).map(|(a, b)| a + b);
    }

    /// The listed weights of the group.
    pub(crate) fn finish(self) -> ListedRollup {
        let Self { tensors, changed, parameters } = self;
        let density = parameters.map(|all| changed as f64 / all as f64);
        ListedRollup { tensors, changed, parameters, density }
    }
}
