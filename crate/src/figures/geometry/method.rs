//! The method by which a pair was decomposed.

/// How the spectra of a pair were computed.
#[derive(Debug, Clone)]
pub struct Method {
    /// The rank of the settings.
    pub requested_k: usize,
    /// Whether the whole spectrum is known.
    pub exact: bool,
    /// Whether the iteration met its tolerances.
    pub converged: bool,
    /// The larger error of the base's and the tuned subspaces, in degrees, by rank, ascending;
    /// empty on the exact route.
    pub angle_errors: Vec<(usize, f64)>,
    /// The largest relative error of the leading k values.
    pub value_error: f64,
    /// Columns that were multiplied, over k.
    pub columns_per_k: f64,
    /// Seed of the draws of chance.
    pub seed: u32,
}

impl Method {
    /// The error of the subspaces of rank k, in degrees. A rank without an estimate has that of the
    /// next higher rank.
    pub(crate) fn angle_error(&self, k: usize) -> f64 {
        let at = self.angle_errors.partition_point(|(rank, _)| *rank < k);
        self.angle_errors.get(at).or(self.angle_errors.last()).map_or(0.0, |(_, error)| *error)
    }

    /// The most, in degrees, by which an iteration that met its cap moves an angle between both
    /// subspaces of rank k; 0 where it converged, since the formulas of uncertainty hold then.
    pub(crate) fn missed_angle(&self, k: usize) -> f64 {
        if self.converged { 0.0 } else { 2.0 * self.angle_error(k) }
    }

    /// The most, as a share of the values, by which such an iteration moves differences of leading
    /// values.
    pub(crate) fn missed_value(&self) -> f64 {
        if self.converged { 0.0 } else { 2.0 * self.value_error }
    }
}
