//! Uncertainty of Gate II's figures, which products in f32 and an iteration that stops leave:
//! formulas fitted to measured errors.
//!
//! Measured against float64 on 990 random pairs of matrices with sides up to 420, five dtypes,
//! spectra and kinds of update, ρ of 1e-5 to 1e-2, k = 3 … 33, on both routes, and for the shift on
//! flat spectra too (σ from 1 to 0.9, F32, 1440 points); every formula is at least twice the
//! largest error that was found. They hold where the iteration converged: where it met its cap, the
//! bounds that its residuals give are added.

use crate::figures::geometry::method::Method;
use crate::figures::geometry::report::Geometry;

/// f32 noise over the relative gap moves a subspace by this much (fitted in
/// docs/numerics.md#7-error-estimates-and-uncertainty).
pub(crate) const GAP_NOISE: f64 = 3e-7;

/// Estimates the uncertainty of an NSS over leading values. `nss` is the larger of the observed one
/// and that of chance: where the leading values happen to stand still, the error of the update's
/// other parts does not. Where k cuts a cluster, base and tuned share no errors.
pub(crate) fn shift_uncertainty(nss: f64, gap: f64, exact: bool, resolved: bool) -> f64 {
    match (exact, resolved) {
        (true, _) => 3e-8 * nss + 5e-15,
        (false, true) => (4e-4 + GAP_NOISE / gap) * nss + 1.5e-10,
        (false, false) => 1e-3 * nss + 3e-7,
    }
}

/// Estimates the uncertainty of off-principal shares. On the exact route, ‖Δ‖² is still a sum of
/// f32 chunks on a device that has no f64.
pub(crate) fn shares_uncertainty(gap: f64, exact: bool) -> f64 {
    if exact { 1e-7 } else { (1e-6 + 1e-8 / gap).min(1.0) }
}

/// Estimates the uncertainty of an angle as a share of itself, at a relative gap.
fn relative_noise(gap: f64, exact: bool) -> f64 {
    if exact { 1e-6 + 1e-9 / gap } else { 2e-4 + GAP_NOISE / gap }
}

/// Estimates the uncertainty of the largest principal angle, in degrees. The floors are the error
/// that f32 leaves of angles near 0: at most 1.2e-5 was measured on the randomized route.
pub(crate) fn rotation_uncertainty(angle: f64, gap: f64, exact: bool) -> f64 {
    (if exact { 1.5e-5 } else { 2.5e-5 }) + angle * relative_noise(gap, exact)
}

/// The most that a share moves where both its subspaces are off by half of `angle` degrees, as
/// ‖P−P′‖ = sin θ on either side.
pub(crate) fn missed_share(angle: f64) -> f64 {
    4.0 * (0.5 * angle).min(90.0).to_radians().sin()
}

/// The most, in degrees, by which a singular vector is off whose value is off by `value`/2 of
/// itself: a residual of √(2·error) over the gap.
fn missed_vector(value: f64, gap: f64) -> f64 {
    (2.0 * (value.sqrt() / gap).min(1.0).asin()).to_degrees()
}

/// Computes the relative distance of value i to its nearer neighbour.
fn neighbour_gap(s: &[f64], i: usize) -> f64 {
    let below = s[i] - s.get(i + 1).copied().unwrap_or(0.0);
    let above = if i > 0 { s[i - 1] - s[i] } else { f64::INFINITY };
    below.min(above) / s[i]
}

/// Estimates the uncertainty of the rotation of each of the leading k singular vectors of either
/// side, in degrees. Vectors of small values are less certain in f32, by (σ_1/σ_i)·2e-7 degrees.
pub(crate) fn vector_uncertainties(
    k: usize,
    base: &[f64],
    tuned: &[f64],
    angles: [&[f64]; 2],
    method: &Method,
) -> Vec<f64> {
    let exact = method.exact;
    let estimate = |i: usize| {
        let gap = neighbour_gap(base, i).min(neighbour_gap(tuned, i));
        let angle = angles[0][i].max(angles[1][i]);
        let floor = if exact { 2.5e-5 } else { 2.5e-5 + 2.5e-7 * base[0] / base[i] };
        let gap = gap.max(f64::MIN_POSITIVE);
        let missed = missed_vector(method.missed_value(), gap);
        (floor + angle * relative_noise(gap, exact) + missed).min(90.0)
    };
    // Equal matrices turn nothing, and that is certain.
    let still = |i: usize| base[i] == tuned[i] && angles[0][i] == 0.0 && angles[1][i] == 0.0;
    (0..k).map(|i| if still(i) { 0.0 } else { estimate(i) }).collect()
}

/// Adds what the F32 of W0 + Δ adds to the uncertainties of an adapter's estimated geometry: noise
/// of 2^-25 of the weights in Δ.
pub(crate) fn add_update_rounding(geometry: &mut Geometry, relative_update: f64) {
    let unit = (-25f64).exp2();
    let noise = unit / relative_update;
    let at_k = (&mut geometry.nss_top_k_uncertainty, &mut geometry.shares_uncertainty);
    let sweep = geometry
        .sweep
        .iter_mut()
        .map(|p| (&mut p.nss_top_k_uncertainty, &mut p.shares_uncertainty));
    for (shift, shares) in sweep.chain([at_k]) {
        if let Some(uncertainty) = shift {
            *uncertainty += unit;
        }
        if let (Some(uncertainty), true) = (shares, relative_update > 0.0) {
            *uncertainty = (*uncertainty + noise * noise + 0.1 * noise).min(1.0);
        }
    }
}
