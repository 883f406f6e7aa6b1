//! What an update with independent Gaussian entries of the same norm would give: closed forms, and
//! draws of single angles.
//!
//! τ² = ‖Δ‖_F²/(mn) is the variance of an entry. Rotation and spectral shift are taken to first
//! order in Δ (Stewart & Sun 1990, ch. V); the spectrum of the update is that of Marchenko & Pastur
//! 1967.

pub mod report;
pub mod rotation;

pub use rotation::{Rotation, rotation, vectors};

use crate::figures::chance::report::UpdateChance;
use crate::figures::statistics::norm;
use crate::linalg::ranks::common_rank;

/// Intervals of the integral of the Marchenko–Pastur density, each by Simpson's rule.
const STEPS: usize = 1024;
/// Halvings of the interval in which the share is reached.
const HALVINGS: usize = 50;

/// What is known of a base's singular values, and the size of the update.
#[derive(Debug)]
pub struct Spectrum<'a> {
    /// The leading ones, or all.
    known: &'a [f64],
    shape: (usize, usize),
    /// ‖W0‖_F.
    norm: f64,
    /// τ².
    variance: f64,
    /// Values beyond the known ones.
    beyond: usize,
    /// The mean of their squares.
    mean: f64,
}

impl<'a> Spectrum<'a> {
    /// Of an m×n matrix with the leading singular values `base`, or all; the norms are squared
    /// Frobenius norms of Δ and W0.
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

    /// (m, n).
    pub(crate) fn shape(&self) -> (usize, usize) {
        self.shape
    }

    fn short(&self) -> usize {
        self.shape.0.min(self.shape.1)
    }

    /// Whether a value differs from the one after it, so that subspaces of this rank are defined.
    fn separated(&self, k: usize) -> bool {
        let next = self.known.get(k).map_or(self.mean, |s| s * s);
        k == self.short() || self.known[k - 1].powi(2) > next
    }
}

/// NSS of the whole spectrum and of its leading k values.
///
/// A value above 0 moves by δσ_i = u_iᵀΔv_i ~ N(0, τ²). Those that are 0 become the singular values
/// of Δ between the null spaces, (m − rank)(n − rank) entries; where the rank is not known it is
/// taken to be full.
pub fn nss(s: &Spectrum<'_>, k: usize) -> (f64, f64) {
    let (m, n) = s.shape;
    let rank = if s.beyond > 0 { s.short() } else { common_rank(s.known.len(), s.known, s.known) };
    let moving = rank as f64 + (m - rank) as f64 * (n - rank) as f64;
    let of = |count: f64, length: f64| (s.variance * count).sqrt() / length;
    (of(moving, s.norm), of(k as f64, norm(s.known[..k].iter().copied())))
}

/// E‖sin Θ‖_F as [low, high] for the left and the right subspaces of rank k; `None` without a gap
/// at k.
///
/// Values beyond the known ones are known by their energy alone. The summand is convex in σ_j², so
/// it is least where all are equal and most where each is either 0 or the last known value.
pub fn sin_theta(s: &Spectrum<'_>, k: usize) -> Option<[[f64; 2]; 2]> {
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

/// The share of the second moment in the leading `part` of the eigenvalues, by the Marchenko–Pastur
/// law of ratio `c` ≤ 1.
///
/// With x = 1 + c + 2√c·cos φ the density is 2 sin²φ/(πx) dφ and the moment (φ − sin φ cos φ)/π.
fn top_share(c: f64, part: f64) -> f64 {
    let step = std::f64::consts::PI / STEPS as f64;
    let density = |phi: f64| {
        2.0 * phi.sin().powi(2) / (std::f64::consts::PI * (1.0 + c + 2.0 * c.sqrt() * phi.cos()))
    };
    let integral = |from: f64, to: f64| {
        (to - from) / 6.0 * (density(from) + 4.0 * density(0.5 * (from + to)) + density(to))
    };
    let mut have = 0.0;
    // The end is left out: with c = 1 the density there is 0/0.
    for start in (0..STEPS - 1).map(|i| i as f64 * step) {
        let more = integral(start, start + step);
        if have + more >= part {
            let (mut low, mut high) = (start, start + step);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                *(if have + integral(start, middle) < part { &mut low } else { &mut high }) =
                    middle;
            }
            return (low - low.sin() * low.cos()) / std::f64::consts::PI;
        }
        have += more;
    }
    1.0
}

/// Of a random m×n update and its leading k directions.
pub fn update((m, n): (usize, usize), k: usize) -> UpdateChance {
    let (mf, nf) = (m as f64, n as f64);
    let short = mf.min(nf);
    UpdateChance {
        // The law is of large matrices; none has less than 1.
        stable_rank: (mf * nf / (mf.sqrt() + nf.sqrt()).powi(2)).max(1.0),
        share_top_k: if k as f64 >= short {
            1.0
        } else {
            top_share(short / mf.max(nf), k as f64 / short)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_of_square_matrices_has_a_closed_form() {
        // c = 1: x = 4 cos²(φ/2), so φ − sin φ is 2π·(k/min)/2, and the share (φ − sin φ cos φ)/π.
        for phi in [0.1f64, 0.5, 1.0, 2.0, 3.0] {
            let part = (phi - phi.sin()) / std::f64::consts::PI;
            let share = (phi - phi.sin() * phi.cos()) / std::f64::consts::PI;
            assert!(
                (top_share(1.0, part) / share - 1.0).abs() < 1e-9,
                "{phi}: {} {share}",
                top_share(1.0, part)
            );
        }
        assert!((top_share(0.25, 1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn an_unknown_tail_encloses_the_known_one() {
        let s: Vec<f64> = (1..=20).map(|i| 1.0 / f64::from(i)).collect();
        let squared = s.iter().map(|x| x * x).sum();
        let of = |known: &[f64]| {
            sin_theta(&Spectrum::new(known, (20, 50), 1e-6, squared), 4).expect("a gap")
        };
        let (whole, part) = (of(&s), of(&s[..8]));
        for (w, p) in whole.iter().zip(&part) {
            assert!(w[0] == w[1] && p[0] < w[0] && w[0] < p[1] && p[1] < 1.2 * p[0], "{w:?} {p:?}");
        }
        assert!(whole[1][0] > whole[0][0], "the longer side turns further");
        assert_eq!(sin_theta(&Spectrum::new(&[1.0, 1.0, 0.5], (3, 3), 1e-6, 2.25), 1), None);
    }
}
