//! What was found of one task or of several.

use crate::figures::overlap::report::Overlap;
use crate::figures::tensor::TensorReport;

/// What was found of one task or of several.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Analyzed {
    /// (run, tensor).
    pub tensors: Vec<(usize, TensorReport)>,
    /// One for each tensor that two or more runs have.
    pub overlaps: Vec<Overlap>,
}

impl Analyzed {
    /// Takes in what was found of other tasks.
    pub fn extend(&mut self, other: Self) {
        self.tensors.extend(other.tensors);
        self.overlaps.extend(other.overlaps);
    }
}
