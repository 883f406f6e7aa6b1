//! A row of values of a run.

/// A row of some matrices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    pub value: Option<f64>,
    /// The same statistic of a random update, over the same matrices.
    pub baseline: Option<f64>,
    pub ratio: Option<f64>,
    /// How far the value may be from the truth.
    pub uncertainty: Option<f64>,
    /// Standard deviation of the baseline.
    pub deviation: Option<f64>,
    /// Whether the value can't be told from the baseline.
    pub noise: bool,
    /// Number of matrices that it is over.
    pub matrices: usize,
    /// Number of matrices that there are.
    pub of: usize,
    /// What was left out and why, or why there is no ratio.
    pub note: Option<String>,
}
