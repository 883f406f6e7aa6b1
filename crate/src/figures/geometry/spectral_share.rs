//! The share of an update that the spectrum sees, ρ_Σ = ‖σ(W1) − σ(W0)‖/‖Δ‖_F, and its energy over
//! that of a random update of the same norm, κ = ρ_Σ²·max(m, n) (ISO, arXiv 2607.19331).

use crate::kernels::diff::DiffCounts;

/// Computes ρ_Σ from an NSS, whose numerator is the same. `None` for a zero update.
pub(crate) fn compute_spectral_share(nss: f64, c: &DiffCounts) -> Option<f64> {
    (c.update_squared > 0.0).then(|| nss * (c.base_squared / c.update_squared).sqrt())
}

/// Computes [low, high] of ρ_Σ from that of the NSS. `None` for a zero update.
pub(crate) fn compute_spectral_share_interval(
    [low, high]: [f64; 2],
    c: &DiffCounts,
) -> Option<[f64; 2]> {
    Some([compute_spectral_share(low, c)?, compute_spectral_share(high, c)?])
}

/// Computes κ from ρ_Σ.
pub(crate) fn compute_spectral_excess(share: f64, (m, n): (usize, usize)) -> f64 {
    share * share * m.max(n) as f64
}
