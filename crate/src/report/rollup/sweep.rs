//! A group's figures along the rank.

use crate::figures::geometry::report::SweepPoint;
use crate::figures::masks::report::MaskOverlap;
use crate::figures::tensor::TensorReport;
use crate::report::rollup::{Mean, means};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A group at one rank of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollupSweep {
    /// The rank.
    pub k: usize,
    /// Matrices that have it in their sweep: a rank below the one set is the last of smaller or
    /// rank-deficient matrices alone.
    pub matrices: usize,
    /// Means over them, under the names of the group's own `spectral`: `nss_top_k`, `rotation_max`
    /// (resolved only), `rotation_median`, the three shares, and their chance levels.
    pub spectral: BTreeMap<String, Mean>,
    /// M_princ at this rank for each α, from summed counts.
    pub principal: Vec<MaskOverlap>,
}

type Figure = (&'static str, fn(&SweepPoint) -> Option<f64>);

const FIGURES: [Figure; 12] = [
    ("nss_top_k", |p| Some(p.nss_top_k)),
    ("nss_top_k_chance", |p| p.chance.nss_top_k),
    ("rotation_max", |p| p.resolved.then_some(p.rotation_max)),
    ("rotation_max_chance", |p| p.chance.rotation_max.filter(|_| p.resolved)),
    ("rotation_median", |p| Some(p.rotation_median)),
    ("rotation_median_chance", |p| p.chance.rotation_median),
    ("off_principal_share", |p| p.off_principal_share),
    ("off_principal_chance", |p| Some(p.chance.both)),
    ("off_principal_left", |p| p.off_principal_left),
    ("off_principal_left_chance", |p| Some(p.chance.left)),
    ("off_principal_right", |p| p.off_principal_right),
    ("off_principal_right_chance", |p| Some(p.chance.right)),
];

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
        spectral: means(
            FIGURES
                .iter()
                .map(|(name, of)| (*name, with.iter().filter_map(|(_, p)| of(p)).collect())),
        ),
        principal: principal.collect(),
    }
}
