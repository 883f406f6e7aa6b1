//! Gate II along W0's spectrum: the figures of every rank of a sweep, and the update's energy per
//! block of directions.

use crate::error::Error;
use crate::figures::chance;
use crate::figures::chance::Spectrum;
use crate::figures::geometry::method::Method;
use crate::figures::geometry::report::{AlongSpectrum, RankChance, SweepPoint};
use crate::figures::geometry::uncertainty;
use crate::figures::geometry::uncertainty::GAP_NOISE;
use crate::figures::statistics::median;
use crate::figures::statistics::norm;
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::{Angles, PairSpectra};
use crate::linalg::ranks::edges;
use std::ops::Range;

/// Above this share of noise an angle means nothing (NUMERICS "When an angle means nothing").
const UNRESOLVED: f64 = 0.05;

/// (σ_k − σ_{k+1})/σ_k.
pub(crate) fn relative_gap(s: &[f64], k: usize) -> f64 {
    let next = s.get(k).copied().unwrap_or(0.0);
    (s[k - 1] - next) / s[k - 1]
}

/// Whether the gap at k is wide enough for the subspace to be defined.
pub(crate) fn separated(s: &[f64], k: usize) -> bool {
    GAP_NOISE / relative_gap(s, k) <= UNRESOLVED
}

/// The figures at the rank of `angles`, and how far chance turns the subspaces there.
pub(crate) fn at_rank(
    p: &PairSpectra,
    method: &Method,
    c: &DiffCounts,
    spectrum: &Spectrum<'_>,
    angles: &Angles,
) -> Result<(SweepPoint, Option<chance::Rotation>), Error> {
    let k = angles.k;
    let mut all: Vec<f64> = angles.left.iter().chain(&angles.right).copied().collect();
    all.sort_by(f64::total_cmp);
    let rotation_max = all.last().copied().unwrap_or(0.0);
    let gap = relative_gap(&p.base, k);
    let resolved = separated(&p.base, k) && method.angle_error(k) <= 1.0;
    let nss_top_k =
        norm((0..k).map(|i| p.tuned[i] - p.base[i])) / norm(p.base[..k].iter().copied());
    let off = |inside: f64| {
        (c.update_squared > 0.0).then(|| (1.0 - inside / c.update_squared).clamp(0.0, 1.0))
    };
    let (m, n) = spectrum.shape();
    let (mf, nf, kf) = (m as f64, n as f64, k as f64);
    let by_chance = chance::nss(spectrum, k).1;
    let turned = chance::rotation(spectrum, k, method.seed)?;
    let point = SweepPoint {
        k,
        off_principal_share: off(p.core_energy(0..k, 0..k)),
        off_principal_left: off(p.left_energy[..k].iter().sum()),
        off_principal_right: off(p.right_energy[..k].iter().sum()),
        chance: RankChance {
            both: 1.0 - kf * kf / (mf * nf),
            left: 1.0 - kf / mf,
            right: 1.0 - kf / nf,
            nss_top_k: Some(by_chance),
            rotation_max: turned.as_ref().map(|t| t.max),
            rotation_max_deviation: turned.as_ref().map(|t| t.max_deviation),
            rotation_median: turned.as_ref().map(|t| t.median),
        },
        nss_top_k,
        nss_top_k_uncertainty: Some(uncertainty::shift(
            nss_top_k.max(by_chance),
            gap,
            method.exact,
            resolved,
        )),
        shares_uncertainty: Some(uncertainty::shares(gap, method.exact)),
        rotation_max,
        rotation_median: median(&all),
        gap,
        resolved,
        uncertainty: uncertainty::rotation(rotation_max, gap, method.exact),
    };
    Ok((point, turned))
}

/// Shares of ‖Δ‖_F² per block; `None` for a zero update.
pub(crate) fn along_spectrum(p: &PairSpectra, c: &DiffCounts) -> Option<AlongSpectrum> {
    if c.update_squared == 0.0 {
        return None;
    }
    let edges = edges(p.k);
    let starts: Vec<usize> = std::iter::once(0).chain(edges.iter().copied()).collect();
    let blocks: Vec<_> = starts.windows(2).map(|w| w[0]..w[1]).collect();
    let energy = |list: &[f64]| {
        blocks.iter().map(|b| list[b.clone()].iter().sum::<f64>() / c.update_squared).collect()
    };
    let core =
        |a: &Range<usize>, b: &Range<usize>| p.core_energy(a.clone(), b.clone()) / c.update_squared;
    Some(AlongSpectrum {
        core: blocks.iter().map(|a| blocks.iter().map(|b| core(a, b)).collect()).collect(),
        left: energy(&p.left_energy),
        right: energy(&p.right_energy),
        edges,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::grid::Grid;

    #[test]
    fn blocks_of_the_core_by_hand() {
        let p = PairSpectra {
            k: 3,
            core: vec![1.0, 4.0, 0.0, 0.0, 9.0, 0.0, 16.0, 0.0, 1.0],
            left_energy: vec![6.0, 10.0, 20.0],
            right_energy: vec![18.0, 14.0, 2.0],
            ..PairSpectra::default()
        };
        let c = DiffCounts { update_squared: 100.0, ..DiffCounts::zero(1, 1, &Grid::new(1, 1, 1)) };
        let found = along_spectrum(&p, &c).expect("an update that is not zero");
        assert_eq!(found.edges, [1, 2, 3]);
        assert_eq!(found.core, [[0.01, 0.04, 0.0], [0.0, 0.09, 0.0], [0.16, 0.0, 0.01]]);
        assert_eq!((found.left, found.right), (vec![0.06, 0.1, 0.2], vec![0.18, 0.14, 0.02]));
        assert_eq!(edges(1), [1]);
        assert_eq!(edges(8), [1, 2, 4, 8]);
        assert_eq!(edges(10), [1, 2, 4, 8, 10]);
    }
}
