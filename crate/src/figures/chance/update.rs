//! The spectrum of a random update, by the law of Marchenko & Pastur 1967.

use crate::figures::chance::report::UpdateChance;

/// Intervals of the integral of the Marchenko–Pastur density, each by Simpson's rule.
const STEPS: usize = 1024;

/// Halvings of the interval in which the share is reached.
const HALVINGS: usize = 50;

/// Computes the share of the second moment that the leading `part` of the eigenvalues has by the
/// Marchenko–Pastur law of ratio `c` ≤ 1.
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

/// Computes the stable rank of a random m×n update, and the share of its energy in its leading k
/// directions.
pub fn compute_update_by_chance((m, n): (usize, usize), k: usize) -> UpdateChance {
    let (mf, nf) = (m as f64, n as f64);
    let short = mf.min(nf);
    UpdateChance {
        // The law holds for large matrices; the stable rank of a small one is at least 1, too.
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
}
