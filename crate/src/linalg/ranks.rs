//! Ranks: the numerical rank of a pair, and the ranks at which figures are swept.

/// Singular values below this share of the largest count as rank deficiency, not as spectrum: f32
/// products cannot tell them from 0.
pub const RANK_TOLERANCE: f64 = 1e-6;

/// Returns the ranks of a sweep up to k: 1, 2, 4, … and k.
pub fn edges(k: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1usize), |e| e.checked_mul(2));
    powers.take_while(|e| *e < k).chain((k > 0).then_some(k)).collect()
}

/// Returns the ranks of a sweep below k.
pub fn inner_edges(k: usize) -> Vec<usize> {
    edges(k).into_iter().filter(|e| *e < k).collect()
}

/// Returns the rank that both matrices have, at most k, given their singular values in descending
/// order.
pub fn common_rank(k: usize, base: &[f64], tuned: &[f64]) -> usize {
    let rank = |s: &[f64]| s.iter().take_while(|x| **x > RANK_TOLERANCE * s[0]).count();
    k.min(rank(base)).min(rank(tuned))
}
