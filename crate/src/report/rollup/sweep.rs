//! A group's figures along the rank.

use crate::figures::geometry::report::SweepPoint;
use crate::figures::masks::report::{MaskOverlap, Masks};
use crate::figures::tensor::TensorReport;
use crate::report::rollup::mean::Mean;
use crate::report::rollup::values::{
    MaskCounts, Values, add_value, averaged, join_each, join_values,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// What a group's figures at one rank are made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct SweepSums {
    matrices: usize,
    values: Values,
    /// For each α the principal mask.
    principal: Vec<MaskCounts>,
    /// For each α |M| of the tensors that have masks at this rank, and their weights in all.
    changed: Vec<u64>,
    masked: u64,
}

impl SweepSums {
    /// Takes in a matrix that has this rank in its sweep.
    pub(crate) fn add(&mut self, point: &SweepPoint, tensor: &TensorReport) {
        self.matrices += 1;
        for figure in averaged().filter(|figure| point.resolved || !figure.resolved_only) {
            let Some(value) = figure.sweep else { continue };
            let value = value(point);
            add_value(&mut self.values, figure.id, value);
            if let Some((chance, level)) = figure.chance.as_ref().and_then(|c| Some((c, c.sweep?)))
            {
                let level = level(point).filter(|_| chance.of_all_matrices || value.is_some());
                add_value(&mut self.values, chance.name, level);
            }
        }
        let at_rank = |masks: &Masks| masks.sweep.iter().find(|p| p.k == point.k).cloned();
        if tensor.masks.first().and_then(at_rank).is_none() {
            return;
        }
        let levels = tensor.masks.len();
        self.masked += tensor.parameters;
        self.principal.resize(self.principal.len().max(levels), MaskCounts::default());
        self.changed.resize(self.changed.len().max(levels), 0);
        for (i, masks) in tensor.masks.iter().enumerate() {
            self.changed[i] += masks.changed;
            if let Some(point) = at_rank(masks) {
                self.principal[i].add(&point.principal);
            }
        }
    }

    /// Takes in the sums of other matrices.
    pub(crate) fn join(&mut self, other: &Self) {
        self.matrices += other.matrices;
        join_values(&mut self.values, &other.values);
        join_each(&mut self.principal, &other.principal, |sum, one| sum.join(*one));
        join_each(&mut self.changed, &other.changed, |sum, one| *sum += one);
        self.masked += other.masked;
    }

    /// The group at the rank `k`.
    pub(crate) fn finish(self, k: usize) -> RollupSweep {
        let masks = self.principal.into_iter().zip(self.changed);
        RollupSweep {
            k,
            matrices: self.matrices,
            spectral: Mean::of_all(self.values),
            principal: masks.map(|(mask, changed)| mask.overlap(changed, self.masked)).collect(),
        }
    }
}
