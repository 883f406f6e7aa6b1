//! Figures at one rank of the sweep along the base's spectrum, beside their chance levels.

use crate::error::Error;
use crate::figures::chance::rotation::{Rotation, compute_rotation_by_chance};
use crate::figures::chance::spectral::compute_nss_by_chance;
use crate::figures::chance::spectrum::Spectrum;
use crate::figures::geometry::gap::{is_separated, relative_gap};
use crate::figures::geometry::method::Method;
use crate::figures::geometry::nss::compute_nss;
use crate::figures::geometry::off_principal::compute_off_principal;
use crate::figures::geometry::report::{RankChance, SweepPoint};
use crate::figures::geometry::rotation::summarize_rotation;
use crate::figures::geometry::uncertainty::{
    missed_share, rotation_uncertainty, shares_uncertainty, shift_uncertainty,
};
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::{Angles, PairSpectra};

/// The largest error of the subspaces, in degrees, at which they are resolved.
const MOST_ANGLE_ERROR: f64 = 1.0;

/// One rank of the sweep.
pub(crate) struct RankFigures {
    /// The report's figures.
    pub point: SweepPoint,
    /// Angles that chance gives; `None` without a gap.
    pub by_chance: Option<Rotation>,
}

/// Computes the figures at the rank of `angles`, and the rotation that chance gives there.
///
/// # Errors
/// [`Error::Numerics`] where the eigenvalues of a draw do not converge.
pub(crate) fn compute_at_rank(
    p: &PairSpectra,
    method: &Method,
    c: &DiffCounts,
    spectrum: &Spectrum<'_>,
    angles: &Angles,
) -> Result<RankFigures, Error> {
    let k = angles.k;
    let rotation = summarize_rotation(angles);
    let gap = relative_gap(&p.base, k);
    let resolved = is_separated(&p.base, k) && method.angle_error(k) <= MOST_ANGLE_ERROR;
    let nss_top_k = compute_nss(p, k);
    let off_principal = compute_off_principal(p, c, k);
    let (m, n) = spectrum.shape();
    let (mf, nf, kf) = (m as f64, n as f64, k as f64);
    let nss_by_chance = compute_nss_by_chance(spectrum, k).top_k;
    let by_chance = compute_rotation_by_chance(spectrum, k, method.seed)?;
    let shift = shift_uncertainty(nss_top_k.max(nss_by_chance), gap, method.exact, resolved);
    let missed = method.missed_angle(k);
    let shares = shares_uncertainty(gap, method.exact) + missed_share(missed);
    let turned = rotation_uncertainty(rotation.max, gap, method.exact) + missed;
    let point = SweepPoint {
        k,
        off_principal_share: off_principal.both,
        off_principal_left: off_principal.left,
        off_principal_right: off_principal.right,
        chance: RankChance {
            both: 1.0 - kf * kf / (mf * nf),
            left: 1.0 - kf / mf,
            right: 1.0 - kf / nf,
            nss_top_k: Some(nss_by_chance),
            rotation_max: by_chance.as_ref().map(|t| t.max),
            rotation_max_deviation: by_chance.as_ref().map(|t| t.max_deviation),
            rotation_median: by_chance.as_ref().map(|t| t.median),
        },
        nss_top_k,
        nss_top_k_uncertainty: Some(shift + method.missed_value()),
        shares_uncertainty: Some(shares.min(1.0)),
        rotation_max: rotation.max,
        rotation_median: rotation.median,
        gap,
        resolved,
        uncertainty: turned.min(90.0),
    };
    Ok(RankFigures { point, by_chance })
}
