//! NSS, the normalised spectral shift ‖σ(W1) − σ(W0)‖/‖σ(W0)‖ (PNT §4).

use crate::figures::statistics::norm;
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::PairSpectra;

/// Computes the NSS over the leading `count` values.
pub(crate) fn compute_nss(p: &PairSpectra, count: usize) -> f64 {
    let differences = (0..count).map(|i| p.tuned[i] - p.base[i]);
    norm(differences) / norm(p.base[..count].iter().copied())
}

/// Computes [low, high], which holds the NSS over the whole spectrum
/// (docs/numerics.md#6-nss-over-the-whole-spectrum).
///
/// low² = Σ_{i≤k} δσ² + (‖W1_t‖ − ‖W0_t‖)², high = min(‖Δ‖, √(Σ_{i≤k} δσ² + ‖Δ − (T1 − T0)‖²)),
/// over ‖W0‖.
pub(crate) fn compute_nss_interval(p: &PairSpectra, c: &DiffCounts) -> [f64; 2] {
    let k = p.k;
    let head: f64 = (0..k).map(|i| (p.tuned[i] - p.base[i]).powi(2)).sum();
    let tail0 = (c.base_squared - p.base[..k].iter().map(|s| s * s).sum::<f64>()).max(0.0);
    let head_growth: f64 =
        (0..k).map(|i| (p.tuned[i] - p.base[i]) * (p.tuned[i] + p.base[i])).sum();
    let growth = 2.0 * c.base_dot_update + c.update_squared - head_growth;
    let tail1 = (tail0 + growth).max(0.0);
    let lengths = tail0.sqrt() + tail1.sqrt();
    // A difference of lengths as a quotient: the lengths agree to many digits.
    let difference = if lengths > 0.0 { growth / lengths } else { 0.0 };
    let rest = (c.update_squared - 2.0 * p.update_dot_parts + p.parts_squared).max(0.0);
    let low = (head + difference * difference).sqrt();
    let high = c.update_squared.sqrt().min((head + rest).sqrt());
    let base = c.base_squared.sqrt();
    [low.min(high) / base, high / base]
}
