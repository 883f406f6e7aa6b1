//! The report's geometry of one matrix, put together from a pair's spectra.

use crate::error::Error;
use crate::figures::chance::rotation::{DRAWS, Rotation, compute_vector_rotation_by_chance};
use crate::figures::chance::spectral::compute_nss_by_chance;
use crate::figures::chance::spectrum::Spectrum;
use crate::figures::geometry::along_spectrum::compute_along_spectrum;
use crate::figures::geometry::bounds::compute_bounds;
use crate::figures::geometry::gap::nearest_resolved;
use crate::figures::geometry::method::Method;
use crate::figures::geometry::nss::{compute_nss, compute_nss_interval};
use crate::figures::geometry::report::{
    DecompositionMethod, Geometry, GeometryChance, RankChance, SweepPoint,
};
use crate::figures::geometry::rotation::compute_sin_theta;
use crate::figures::geometry::spectral_share::{
    compute_spectral_excess, compute_spectral_share, compute_spectral_share_interval,
};
use crate::figures::geometry::sweep::{RankFigures, compute_at_rank};
use crate::figures::geometry::uncertainty::vector_uncertainties;
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::{Angles, PairSpectra};

/// Computes the geometry of one m×n matrix; `spectral_norm` is ‖Δ‖_2. `None` where the base has
/// rank 0.
///
/// # Errors
/// [`Error::Numerics`] where the eigenvalues of a draw do not converge.
pub fn compute_geometry(
    p: &PairSpectra,
    method: &Method,
    c: &DiffCounts,
    shape: (usize, usize),
    spectral_norm: f64,
) -> Result<Option<Geometry>, Error> {
    if p.k == 0 {
        return Ok(None);
    }
    let k = p.k;
    let shown = if method.exact { p.base.len() } else { k };
    let nss = method.exact.then(|| compute_nss(p, p.base.len()));
    let spectrum = Spectrum::new(&p.base, shape, c.update_squared, c.base_squared);
    let Sweep { points, at_k, by_chance } = compute_sweep(p, method, c, &spectrum)?;
    let nss_interval = nss.map_or_else(|| compute_nss_interval(p, c), |x| [x, x]);
    let spectral_share = nss.and_then(|nss| compute_spectral_share(nss, c));
    let spectral_share_interval = compute_spectral_share_interval(nss_interval, c);
    let excess_of = |share| compute_spectral_excess(share, shape);
    let bounds = compute_bounds(p, c, &at_k, shown, nss, spectral_norm);
    Ok(Some(Geometry {
        k,
        requested_k: method.requested_k,
        exact: method.exact,
        method: if method.exact {
            DecompositionMethod::GramEigen
        } else {
            DecompositionMethod::BlockLanczos
        },
        converged: method.converged,
        spectrum_base: p.base[..shown].to_vec(),
        spectrum_tuned: p.tuned[..shown].to_vec(),
        spectrum_error: method.value_error,
        nss,
        nss_top_k: at_k.nss_top_k,
        nss_top_k_uncertainty: at_k.nss_top_k_uncertainty,
        nss_interval,
        spectral_share,
        spectral_share_interval,
        spectral_excess: spectral_share.map(excess_of),
        spectral_excess_interval: spectral_share_interval.map(|ends| ends.map(excess_of)),
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
        vector_rotation_uncertainty: vector_uncertainties(
            k,
            &p.base,
            &p.tuned,
            [&p.vectors_left, &p.vectors_right],
            method,
        ),
        off_principal_share: at_k.off_principal_share,
        off_principal_left: at_k.off_principal_left,
        off_principal_right: at_k.off_principal_right,
        shares_uncertainty: at_k.shares_uncertainty,
        chance: compute_chance(&spectrum, k, at_k.chance, by_chance),
        sin_theta: Some(compute_sin_theta(p, &spectrum)),
        along_spectrum: compute_along_spectrum(p, c),
        sweep: points,
        bounds,
        columns_per_k: method.columns_per_k,
    }))
}

/// Figures at all ranks of the sweep.
struct Sweep {
    /// Ascending; the last one is at k.
    points: Vec<SweepPoint>,
    /// The figures at k.
    at_k: SweepPoint,
    /// Angles that chance gives at k.
    by_chance: Option<Rotation>,
}

fn compute_sweep(
    p: &PairSpectra,
    method: &Method,
    c: &DiffCounts,
    spectrum: &Spectrum<'_>,
) -> Result<Sweep, Error> {
    let mut points = Vec::with_capacity(p.inner.len() + 1);
    for angles in &p.inner {
        points.push(compute_at_rank(p, method, c, spectrum, angles)?.point);
    }
    let whole = Angles { k: p.k, left: p.left.clone(), right: p.right.clone() };
    let RankFigures { point: at_k, by_chance } = compute_at_rank(p, method, c, spectrum, &whole)?;
    points.push(at_k.clone());
    Ok(Sweep { points, at_k, by_chance })
}

/// Puts the chance levels at rank k together.
fn compute_chance(
    spectrum: &Spectrum<'_>,
    k: usize,
    at_k: RankChance,
    rotation: Option<Rotation>,
) -> GeometryChance {
    let (m, n) = spectrum.shape();
    let by_chance = compute_nss_by_chance(spectrum, k);
    GeometryChance {
        at_k,
        nss: Some(by_chance.whole),
        spectral_share: Some(by_chance.spectral_share),
        spectral_excess: Some(compute_spectral_excess(by_chance.spectral_share, (m, n))),
        draws: rotation.is_some().then_some(DRAWS),
        vectors_left: compute_vector_rotation_by_chance(spectrum, k, m),
        vectors_right: compute_vector_rotation_by_chance(spectrum, k, n),
        angles_left: rotation.as_ref().map(|t| t.left.clone()),
        angles_right: rotation.map(|t| t.right),
    }
}
