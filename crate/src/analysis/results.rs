//! Results of one task or of several.

use crate::checkpoint::in_run::InRun;
use crate::figures::finite::keep_finite_of_runs;
use crate::figures::overlap::report::Overlap;
use crate::figures::tensor::TensorReport;

/// Results of one task or of several. In JSON it is `{tensors: [[run, tensor], …], overlaps:
/// [overlap, …]}`, the form in which the page's workers exchange it.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct TaskResults {
    /// One report for each tensor of each run.
    pub tensors: Vec<InRun<TensorReport>>,
    /// One for each tensor that two or more runs have.
    pub overlaps: Vec<Overlap>,
}

impl TaskResults {
    /// Leaves out every figure that is NaN or infinite, with a note at its tensor.
    pub(crate) fn keep_finite(&mut self) {
        self.tensors.iter_mut().for_each(|tensor| tensor.value.keep_finite());
        self.overlaps.retain_mut(keep_finite_of_runs);
    }

    /// Takes in the results of other tasks.
    pub fn extend(&mut self, other: Self) {
        self.tensors.extend(other.tensors);
        self.overlaps.extend(other.overlaps);
    }
}
