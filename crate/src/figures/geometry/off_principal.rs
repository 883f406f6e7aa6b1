//! Shares of the update's energy that lie outside the principal subspaces (PNT §4).

use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::PairSpectra;

/// The three off-principal shares; `None` for a zero update.
pub(crate) struct OffPrincipal {
    /// 1 − ‖U_kU_kᵀ Δ V_kV_kᵀ‖²/‖Δ‖².
    pub both: Option<f64>,
    /// 1 − ‖U_kU_kᵀ Δ‖²/‖Δ‖².
    pub left: Option<f64>,
    /// 1 − ‖Δ V_kV_kᵀ‖²/‖Δ‖².
    pub right: Option<f64>,
}

/// Computes the off-principal shares at rank k.
pub(crate) fn compute_off_principal(p: &PairSpectra, c: &DiffCounts, k: usize) -> OffPrincipal {
    let outside = |inside: f64| {
        (c.update_squared > 0.0).then(|| (1.0 - inside / c.update_squared).clamp(0.0, 1.0))
    };
    OffPrincipal {
        both: outside(p.core_energy(0..k, 0..k)),
        left: outside(p.left_energy[..k].iter().sum()),
        right: outside(p.right_energy[..k].iter().sum()),
    }
}
