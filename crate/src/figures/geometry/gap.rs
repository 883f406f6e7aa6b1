//! Gaps of the base's spectrum: a subspace of rank k is defined where σ_k and σ_{k+1} differ.

use crate::figures::geometry::uncertainty::GAP_NOISE;

/// Above this share of noise an angle means nothing
/// (docs/numerics.md#7-error-estimates-and-uncertainty).
const UNRESOLVED: f64 = 0.05;

/// Computes (σ_k − σ_{k+1})/σ_k.
pub(crate) fn relative_gap(s: &[f64], k: usize) -> f64 {
    let next = s.get(k).copied().unwrap_or(0.0);
    (s[k - 1] - next) / s[k - 1]
}

/// Whether the gap at k is wide enough for the subspace to be defined.
pub(crate) fn is_separated(s: &[f64], k: usize) -> bool {
    GAP_NOISE / relative_gap(s, k) <= UNRESOLVED
}

/// Finds the rank in [0.9k, 1.1k] with the widest gap that defines a subspace, without k itself.
pub(crate) fn nearest_resolved(s: &[f64], k: usize) -> Option<usize> {
    let (low, high) = ((0.9 * k as f64).ceil() as usize, (1.1 * k as f64).floor() as usize);
    (low.max(1)..=high)
        .filter(|&j| j != k && j < s.len() && is_separated(s, j))
        .max_by(|&a, &b| relative_gap(s, a).total_cmp(&relative_gap(s, b)))
}
