//! How a pair was decomposed.

/// How the spectra were computed.
#[derive(Debug, Clone)]
pub struct Method {
    /// The rank that was set.
    pub requested_k: usize,
    /// The whole spectrum is known.
    pub exact: bool,
    /// The iteration met its tolerances.
    pub converged: bool,
    /// Errors of the base's and the tuned subspaces by rank, ascending, degrees; empty where there
    /// are none.
    pub angle_errors: Vec<(usize, f64)>,
    /// Relative error of the values.
    pub value_error: f64,
    /// Columns multiplied over k.
    pub columns_per_k: f64,
    /// Seed of the draws of chance.
    pub seed: u32,
}

impl Method {
    /// The error of the subspaces of rank k, degrees: where it was not estimated, that of the next
    /// higher rank.
    pub(crate) fn angle_error(&self, k: usize) -> f64 {
        let at = self.angle_errors.partition_point(|(rank, _)| *rank < k);
        self.angle_errors.get(at).or(self.angle_errors.last()).map_or(0.0, |(_, error)| *error)
    }
}
