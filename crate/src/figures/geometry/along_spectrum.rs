//! Energy of the update per block of the base's singular directions.

use crate::figures::geometry::report::AlongSpectrum;
use crate::kernels::diff::DiffCounts;
use crate::linalg::joint::PairSpectra;
use crate::linalg::ranks::edges;
use std::ops::Range;

/// Computes the shares of ‖Δ‖_F² per block of directions; `None` for a zero update.
pub(crate) fn compute_along_spectrum(p: &PairSpectra, c: &DiffCounts) -> Option<AlongSpectrum> {
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
        let found = compute_along_spectrum(&p, &c).expect("an update that is not zero");
        assert_eq!(found.edges, [1, 2, 3]);
        assert_eq!(found.core, [[0.01, 0.04, 0.0], [0.0, 0.09, 0.0], [0.16, 0.0, 0.01]]);
        assert_eq!((found.left, found.right), (vec![0.06, 0.1, 0.2], vec![0.18, 0.14, 0.02]));
        assert_eq!(edges(1), [1]);
        assert_eq!(edges(8), [1, 2, 4, 8]);
        assert_eq!(edges(10), [1, 2, 4, 8, 10]);
    }
}
