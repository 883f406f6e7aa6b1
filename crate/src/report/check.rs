//! The report of a check: some tensors computed again by another route.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Figures of a few tensors, computed a second time on the CPU in f64, from whole Gram matrices and
/// by counting weight by weight, beside those of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Number of tensors that were computed again, one of each run counted for itself.
    pub tensors: usize,
    /// Number of figures that were compared.
    pub figures: usize,
    /// How many of them are counts that differ; 0 if all is well, since counts are exact.
    pub counts_differ: usize,
    /// The largest deviation: of sizes and singular values as a share of the largest one, of shares
    /// as it is, of angles as a share of 90°, of counts as a share of the weights.
    pub largest_deviation: f64,
    /// The figure that deviates most, by its path in the tensor's object; empty without any.
    pub figure: String,
    /// Its tensor.
    pub tensor: String,
    /// The place of its run.
    pub run: usize,
}

impl Check {
    /// Takes in one figure of the report and what the other route gives for it, both in the unit of
    /// deviations.
    pub(crate) fn compare(&mut self, figure: &str, (tensor, run): (&str, usize), deviation: f64) {
        self.figures += 1;
        if deviation > self.largest_deviation || self.figure.is_empty() {
            self.largest_deviation = deviation;
            self.figure = figure.into();
            self.tensor = tensor.into();
            self.run = run;
        }
    }

    /// Describes the outcome in one line.
    pub fn describe(&self) -> String {
        let tensors =
            if self.tensors == 1 { "1 tensor" } else { &format!("{} tensors", self.tensors) };
        let counts = match self.counts_differ {
            0 => "counts are equal".into(),
            differ => format!("{differ} COUNTS DIFFER"),
        };
        format!(
            "checked: {} figures of {tensors} computed again by another route, {counts}, the \
             largest deviation is {:.1e} ({} of {})",
            self.figures, self.largest_deviation, self.figure, self.tensor
        )
    }
}
