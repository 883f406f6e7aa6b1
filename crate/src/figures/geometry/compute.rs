//! Gate II: NSS, principal angles, off-principal shares and their bounds, from a pair's spectra.

use crate::error::Error;
use crate::figures::chance;
use crate::figures::chance::Spectrum;
use crate::figures::chance::rotation::DRAWS;
use crate::figures::geometry::method::Method;
use crate::figures::geometry::report::{Bound, Bounds, Geometry, GeometryChance, SinTheta};
use crate::figures::geometry::sweep::{along_spectrum, at_rank, relative_gap, separated};
use crate::figures::geometry::uncertainty;
use crate::figures::statistics::norm;
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::{Angles, PairSpectra};

fn nearest_resolved(s: &[f64], k: usize) -> Option<usize> {
    let (low, high) = ((0.9 * k as f64).ceil() as usize, (1.1 * k as f64).floor() as usize);
    (low.max(1)..=high)
        .filter(|&j| j != k && j < s.len() && separated(s, j))
        .max_by(|&a, &b| relative_gap(s, a).total_cmp(&relative_gap(s, b)))
}

/// [low, high] that holds the NSS over the whole spectrum (NUMERICS "NSS over the whole spectrum").
///
/// low² = Σ_{i≤k} δσ² + (‖W1_t‖ − ‖W0_t‖)², high = min(‖Δ‖, √(Σ_{i≤k} δσ² + ‖Δ − (T1 − T0)‖²)),
/// over ‖W0‖.
fn nss_interval(p: &PairSpectra, c: &DiffCounts) -> [f64; 2] {
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

/// The report's geometry of one matrix; `spectral_norm` is ‖Δ‖_2. `None` where the base has rank 0.
///
/// # Errors
/// [`Error::Numerics`] where the eigenvalues of a draw do not converge.
pub fn geometry(
    p: &PairSpectra,
    method: &Method,
    c: &DiffCounts,
    (m, n): (usize, usize),
    spectral_norm: f64,
) -> Result<Option<Geometry>, Error> {
    if p.k == 0 {
        return Ok(None);
    }
    let k = p.k;
    let base_norm = c.base_squared.sqrt();
    let difference = |i: usize| p.tuned[i] - p.base[i];
    let shown = if method.exact { p.base.len() } else { k };
    let nss = method
        .exact
        .then(|| norm((0..p.base.len()).map(difference)) / norm(p.base.iter().copied()));
    let nss_interval = nss.map_or_else(|| nss_interval(p, c), |x| [x, x]);
    let spectrum = Spectrum::new(&p.base, (m, n), c.update_squared, c.base_squared);
    let whole = Angles { k, left: p.left.clone(), right: p.right.clone() };
    let mut sweep = Vec::with_capacity(p.inner.len() + 1);
    for angles in &p.inner {
        sweep.push(at_rank(p, method, c, &spectrum, angles)?.0);
    }
    let (at_k, turned) = at_rank(p, method, c, &spectrum, &whole)?;
    sweep.push(at_k.clone());
    let gamma = at_k.gap * p.base[k - 1];
    let sine = at_k.rotation_max.to_radians().sin();
    let sines = |angles: &[f64]| norm(angles.iter().map(|a| a.to_radians().sin()));
    let [chance_left, chance_right] =
        chance::sin_theta(&spectrum, k).map_or([None, None], |sides| sides.map(Some));
    let ky_fan = (0..k).map(difference).sum::<f64>().abs();
    let quotient = |d: f64| (d > 0.0).then(|| spectral_norm / d);
    Ok(Some(Geometry {
        k,
        requested_k: method.requested_k,
        exact: method.exact,
        method: if method.exact { "gram_eigen" } else { "block_lanczos" }.into(),
        converged: method.converged,
        spectrum_base: p.base[..shown].to_vec(),
        spectrum_tuned: p.tuned[..shown].to_vec(),
        spectrum_error: method.value_error,
        nss,
        nss_top_k: at_k.nss_top_k,
        nss_top_k_uncertainty: at_k.nss_top_k_uncertainty,
        nss_interval,
        angles_left: p.left.clone(),
        angles_right: p.right.clone(),
        rotation_max: at_k.rotation_max,
        rotation_median: at_k.rotation_median,
        uncertainty: at_k.uncertainty,
        resolved: at_k.resolved,
        nearest_resolved_k: if at_k.resolved { None } else { nearest_resolved(&p.base, k) },
        gap: at_k.gap,
        vector_rotation_left: p.vectors_left.clone(),
        vector_rotation_right: p.vectors_right.clone(),
        vector_rotation_uncertainty: uncertainty::vectors(
            k,
            &p.base,
            &p.tuned,
            [&p.vectors_left, &p.vectors_right],
            method.exact,
        ),
        off_principal_share: at_k.off_principal_share,
        off_principal_left: at_k.off_principal_left,
        off_principal_right: at_k.off_principal_right,
        shares_uncertainty: at_k.shares_uncertainty,
        chance: GeometryChance {
            at_k: at_k.chance,
            nss: Some(chance::nss(&spectrum, k).0),
            draws: turned.is_some().then_some(DRAWS),
            vectors_left: chance::vectors(&spectrum, k, m),
            vectors_right: chance::vectors(&spectrum, k, n),
            angles_left: turned.as_ref().map(|t| t.left.clone()),
            angles_right: turned.map(|t| t.right),
        },
        sin_theta: Some(SinTheta {
            left: sines(&p.left),
            right: sines(&p.right),
            chance_left,
            chance_right,
        }),
        along_spectrum: along_spectrum(p, c),
        sweep,
        bounds: Bounds {
            weyl: Bound {
                observed: (0..shown).map(|i| difference(i).abs()).fold(0.0, f64::max),
                bound: Some(spectral_norm),
            },
            nss: Bound {
                observed: nss.unwrap_or(at_k.nss_top_k),
                bound: Some(c.update_squared.sqrt() / base_norm),
            },
            ky_fan: Bound { observed: ky_fan, bound: Some(k as f64 * spectral_norm) },
            wedin_as_stated: Bound { observed: sine, bound: quotient(gamma) },
            wedin_strict: Bound { observed: sine, bound: quotient(gamma - spectral_norm) },
        },
        columns_per_k: method.columns_per_k,
    }))
}
