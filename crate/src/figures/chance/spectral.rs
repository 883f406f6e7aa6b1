//! Spectral shift and subspace rotation that a random update gives, in closed form to first order
//! in Δ (Stewart & Sun 1990, ch. V).

use crate::figures::chance::spectrum::Spectrum;
use crate::figures::statistics::norm;
use crate::linalg::ranks::common_rank;

/// Normalised spectral shifts that a random update gives.
pub struct NssByChance {
    /// NSS over the whole spectrum.
    pub whole: f64,
    /// NSS over the leading k values.
    pub top_k: f64,
    /// The whole shift over ‖Δ‖_F, which depends on the shape and the rank of W0 alone.
    pub spectral_share: f64,
}

/// Computes the NSS that a random update gives, over the whole spectrum and over its leading k
/// values.
///
/// A value above 0 moves by δσ_i = u_iᵀΔv_i ~ N(0, τ²). Values that are 0 become the singular
/// values of Δ between the null spaces, (m − rank)(n − rank) entries; an unknown rank is taken to
/// be full.
pub fn compute_nss_by_chance(s: &Spectrum<'_>, k: usize) -> NssByChance {
    let (m, n) = s.shape;
    let rank = if s.beyond > 0 { s.short() } else { common_rank(s.known.len(), s.known, s.known) };
    let moving = rank as f64 + (m - rank) as f64 * (n - rank) as f64;
    let shift = |count: f64, length: f64| (s.variance * count).sqrt() / length;
    NssByChance {
        whole: shift(moving, s.norm),
        top_k: shift(k as f64, norm(s.known[..k].iter().copied())),
        spectral_share: (moving / (m as f64 * n as f64)).sqrt(),
    }
}

/// Computes E‖sin Θ‖_F as [low, high] for the left and the right subspaces of rank k; `None`
/// without a gap at k.
///
/// Values beyond the known ones are known by their energy alone. The summand is convex in σ_j², so
/// it is least where all are equal and most where each is either 0 or the last known value.
pub fn compute_sin_theta_by_chance(s: &Spectrum<'_>, k: usize) -> Option<[[f64; 2]; 2]> {
    let (known, mean, beyond) = (s.known, s.mean, s.beyond as f64);
    let last = known.last()?.powi(2);
    let largest = if last > 0.0 { mean / last } else { 0.0 };
    let (mut low, mut high, mut outside) = (0.0, 0.0, 0.0);
    for a in known[..k].iter().map(|a| a * a) {
        let term = |b: f64| (a + b) / (a - b).powi(2);
        let sum: f64 = known[k..].iter().map(|b| term(b * b)).sum();
        low += sum + if beyond > 0.0 { beyond * term(mean) } else { 0.0 };
        high += sum
            + if beyond > 0.0 {
                beyond * (largest * term(last) + (1.0 - largest) * term(0.0))
            } else {
                0.0
            };
        outside += 1.0 / a;
    }
    let side = |length: usize| {
        [low, high]
            .map(|sum: f64| (s.variance * (sum + (length - s.short()) as f64 * outside)).sqrt())
    };
    let found = [side(s.shape.0), side(s.shape.1)];
    found.iter().flatten().all(|x| x.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_tail_encloses_the_known_one() {
        let s: Vec<f64> = (1..=20).map(|i| 1.0 / f64::from(i)).collect();
        let squared = s.iter().map(|x| x * x).sum();
        let range = |known: &[f64]| {
            compute_sin_theta_by_chance(&Spectrum::new(known, (20, 50), 1e-6, squared), 4)
                .expect("a gap")
        };
        let (whole, part) = (range(&s), range(&s[..8]));
        for (w, p) in whole.iter().zip(&part) {
            assert!(w[0] == w[1] && p[0] < w[0] && w[0] < p[1] && p[1] < 1.2 * p[0], "{w:?} {p:?}");
        }
        assert!(whole[1][0] > whole[0][0], "the longer side turns further");
        assert_eq!(
            compute_sin_theta_by_chance(&Spectrum::new(&[1.0, 1.0, 0.5], (3, 3), 1e-6, 2.25), 1),
            None
        );
    }
}
