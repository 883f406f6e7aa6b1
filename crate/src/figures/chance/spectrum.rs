//! The base's spectrum as the chance levels need it.

/// The known singular values of a base, and the size of a random update on it.
#[derive(Debug)]
pub struct Spectrum<'a> {
    /// The leading values, or all, descending.
    pub(crate) known: &'a [f64],
    /// Rows and columns (m, n).
    pub(crate) shape: (usize, usize),
    /// ‖W0‖_F.
    pub(crate) norm: f64,
    /// The variance τ² of the update's entries.
    pub(crate) variance: f64,
    /// Number of values beyond the known ones.
    pub(crate) beyond: usize,
    /// The mean of the squares of those.
    pub(crate) mean: f64,
}

impl<'a> Spectrum<'a> {
    /// Describes an m×n matrix by its leading singular values `base`, or all of them, and the
    /// squared Frobenius norms of Δ and W0.
    pub fn new(
        base: &'a [f64],
        (m, n): (usize, usize),
        update_squared: f64,
        base_squared: f64,
    ) -> Self {
        let known = &base[..base.len().min(m.min(n))];
        let beyond = m.min(n) - known.len();
        let energy = (base_squared - known.iter().map(|s| s * s).sum::<f64>()).max(0.0);
        let last = known.last().map_or(0.0, |s| s * s);
        let mean = if beyond > 0 { (energy / beyond as f64).min(last) } else { 0.0 };
        Self {
            known,
            shape: (m, n),
            norm: base_squared.sqrt(),
            variance: update_squared / (m as f64 * n as f64),
            beyond,
            mean,
        }
    }

    /// Rows and columns (m, n).
    pub(crate) fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// min(m, n).
    pub(crate) fn short(&self) -> usize {
        self.shape.0.min(self.shape.1)
    }

    /// Whether σ_k differs from σ_{k+1}, so that subspaces of rank k are defined.
    pub(crate) fn is_separated(&self, k: usize) -> bool {
        let next = self.known.get(k).map_or(self.mean, |s| s * s);
        k == self.short() || self.known[k - 1].powi(2) > next
    }
}
