//! A group's figures along the rank.

use crate::figures::geometry::report::SweepPoint;
use crate::figures::masks::report::MaskOverlap;
use crate::figures::registry::Figure;
use crate::figures::tensor::TensorReport;
use crate::report::rollup::{Mean, averaged, means};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A group at one rank of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollupSweep {
    /// The rank.
    pub k: usize,
    /// Number of matrices that have it in their sweep: a rank below the one set is the last of
    /// smaller or rank-deficient matrices alone.
    pub matrices: usize,
    /// Means over them, under the names of the group's own `spectral`, of the figures that are
    /// taken along the rank (`sweep` in docs/figures.json), and of their chance levels.
    pub spectral: BTreeMap<String, Mean>,
    /// M_princ at this rank for each α, from summed counts.
    pub principal: Vec<MaskOverlap>,
}

/// Means of the figures that are taken along the rank, and of their chance levels.
fn spectral(points: &[&SweepPoint]) -> BTreeMap<String, Mean> {
    let of_figure = |figure: &'static Figure| {
        let counted = || points.iter().filter(|p| p.resolved || !figure.resolved_only);
        let value = figure.sweep?;
        let chance = figure.chance.as_ref().and_then(|chance| {
            let level = chance.sweep?;
            let level =
                |p: &SweepPoint| level(p).filter(|_| chance.of_all_matrices || value(p).is_some());
            Some((chance.name, counted().filter_map(|p| level(p)).collect()))
        });
        Some([Some((figure.id, counted().filter_map(|p| value(p)).collect())), chance])
    };
    means(averaged().filter_map(of_figure).flatten().flatten())
}

fn point(tensor: &TensorReport, k: usize) -> Option<&SweepPoint> {
    tensor.geometry.as_ref()?.sweep.iter().find(|p| p.k == k)
}

/// One entry for each rank that a matrix of the group has, ascending.
pub(crate) fn sweep(done: &[&&TensorReport]) -> Vec<RollupSweep> {
    let geometries = done.iter().filter_map(|t| t.geometry.as_ref());
    let ranks: BTreeSet<usize> = geometries.flat_map(|g| &g.sweep).map(|p| p.k).collect();
    ranks.into_iter().map(|k| at_rank(done, k)).collect()
}

fn at_rank(done: &[&&TensorReport], k: usize) -> RollupSweep {
    let with: Vec<_> = done.iter().filter_map(|t| Some((t, point(t, k)?))).collect();
    let masked: Vec<_> = with
        .iter()
        .map(|(t, _)| t)
        .filter(|t| t.masks.first().is_some_and(|m| m.sweep.iter().any(|p| p.k == k)))
        .collect();
    let (levels, total) =
        (masked.first().map_or(0, |t| t.masks.len()), masked.iter().map(|t| t.parameters).sum());
    let principal = (0..levels).map(|i| {
        let points = || masked.iter().filter_map(|t| t.masks[i].sweep.iter().find(|p| p.k == k));
        let (size, both) =
            (points().map(|p| p.principal.size).sum(), points().map(|p| p.principal.both).sum());
        MaskOverlap::new(size, both, masked.iter().map(|t| t.masks[i].changed).sum(), total)
    });
    RollupSweep {
        k,
        matrices: with.len(),
        spectral: spectral(&with.iter().map(|(_, p)| *p).collect::<Vec<_>>()),
        principal: principal.collect(),
    }
}
