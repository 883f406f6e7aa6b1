//! Rotation of the principal subspaces: figures of their principal angles, in degrees.
//!
//! `linalg::angles` computes the angles themselves, and `linalg::joint` calls it for each rank.

use crate::figures::chance::spectral::compute_sin_theta_by_chance;
use crate::figures::chance::spectrum::Spectrum;
use crate::figures::geometry::report::SinTheta;
use crate::figures::statistics::{median, norm};
use crate::linalg::joint::{Angles, PairSpectra};

/// Principal angles of both sides in two numbers, in degrees.
pub(crate) struct Rotation {
    /// The largest angle.
    pub max: f64,
    /// The median angle.
    pub median: f64,
}

/// Summarizes the principal angles of both sides at one rank.
pub(crate) fn summarize_rotation(angles: &Angles) -> Rotation {
    let mut all: Vec<f64> = angles.left.iter().chain(&angles.right).copied().collect();
    all.sort_by(f64::total_cmp);
    Rotation { max: all.last().copied().unwrap_or(0.0), median: median(&all) }
}

/// Computes ‖sin Θ‖_F of both sides at rank k, beside chance.
pub(crate) fn compute_sin_theta(p: &PairSpectra, spectrum: &Spectrum<'_>) -> SinTheta {
    let sines = |angles: &[f64]| norm(angles.iter().map(|a| a.to_radians().sin()));
    let [chance_left, chance_right] =
        compute_sin_theta_by_chance(spectrum, p.k).map_or([None, None], |sides| sides.map(Some));
    SinTheta { left: sines(&p.left), right: sines(&p.right), chance_left, chance_right }
}
