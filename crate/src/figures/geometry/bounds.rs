//! Perturbation bounds beside the figures that they bound.

use crate::figures::geometry::report::{Bound, Bounds, SweepPoint};
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::PairSpectra;

/// Computes the bounds at rank k. `shown` is the number of singular values in the report, `nss`
/// that over the whole spectrum where it is exact, and `spectral_norm` is ‖Δ‖_2.
pub(crate) fn compute_bounds(
    p: &PairSpectra,
    c: &DiffCounts,
    at_k: &SweepPoint,
    shown: usize,
    nss: Option<f64>,
    spectral_norm: f64,
) -> Bounds {
    let k = p.k;
    let difference = |i: usize| p.tuned[i] - p.base[i];
    let gamma = at_k.gap * p.base[k - 1];
    let sine = at_k.rotation_max.to_radians().sin();
    let quotient = |d: f64| (d > 0.0).then(|| spectral_norm / d);
    Bounds {
        weyl: Bound {
            observed: (0..shown).map(|i| difference(i).abs()).fold(0.0, f64::max),
            bound: Some(spectral_norm),
        },
        nss: Bound {
            observed: nss.unwrap_or(at_k.nss_top_k),
            bound: Some(c.update_squared.sqrt() / c.base_squared.sqrt()),
        },
        ky_fan: Bound {
            observed: (0..k).map(difference).sum::<f64>().abs(),
            bound: Some(k as f64 * spectral_norm),
        },
        wedin_as_stated: Bound { observed: sine, bound: quotient(gamma) },
        wedin_strict: Bound { observed: sine, bound: quotient(gamma - spectral_norm) },
    }
}
