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

impl ListedRollup {
    /// Sums over the tensors that were read; `None` where there is none.
    pub(crate) fn of(tensors: &[&TensorReport]) -> Option<Self> {
        let read: Vec<_> = tensors.iter().filter_map(|t| Some((t, t.listed.as_ref()?))).collect();
        if read.is_empty() {
            return None;
        }
        let changed = read.iter().map(|(_, listed)| listed.changed).sum();
        // A known shape has a weight at least.
        let parameters: Option<u64> =
            read.iter().map(|(t, _)| (t.parameters > 0).then_some(t.parameters)).sum();
        Some(Self {
            tensors: read.len(),
            changed,
            parameters,
            density: parameters.map(|all| changed as f64 / all as f64),
        })
    }
}
