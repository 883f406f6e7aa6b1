//! Sums of a group of tensors, which take in one tensor after the other, in any order: nobody has
//! to hold all tensors with what they have against k. Whatever the order, a rollup is the same to
//! the last bit: counts are integers, and floats are added in the order of their size.

use crate::figures::masks::report::Masks;
use crate::figures::tensor::TensorReport;
use crate::report::rollup::listed::ListedSums;
use crate::report::rollup::sweep::SweepSums;
use crate::report::rollup::values::{
    MaskCounts, Values, add_value, averaged, join_each, join_values,
};
use std::collections::BTreeMap;

/// The masks at one α, summed.
#[derive(Debug, Clone, Default)]
pub(crate) struct MaskSums {
    pub(crate) alpha: f64,
    pub(crate) changed: u64,
    pub(crate) principal: MaskCounts,
    pub(crate) low: MaskCounts,
    pub(crate) principal_not_low: MaskCounts,
    pub(crate) safe: MaskCounts,
}

impl MaskSums {
    fn add(&mut self, masks: &Masks) {
        self.alpha = masks.alpha;
        self.changed += masks.changed;
        self.principal.add(&masks.principal);
        self.low.add(&masks.low);
        self.principal_not_low.add(&masks.principal_not_low);
        self.safe.add(&masks.safe);
    }

    fn join(&mut self, other: &Self) {
        self.alpha = other.alpha;
        self.changed += other.changed;
        self.principal.join(other.principal);
        self.low.join(other.low);
        self.principal_not_low.join(other.principal_not_low);
        self.safe.join(other.safe);
    }
}

/// What a group's rollup is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) tensors: usize,
    pub(crate) matrices: usize,
    pub(crate) parameters: u64,
    pub(crate) unchanged: u64,
    pub(crate) bit_equal: u64,
    pub(crate) non_finite: u64,
    pub(crate) max_abs_update: f64,
    /// One value of each tensor: shares times parameters, norms, the quadratic KL.
    pub(crate) within_tolerance: Vec<f64>,
    pub(crate) hidden: Vec<f64>,
    pub(crate) norms_base: Vec<f64>,
    pub(crate) norms_update: Vec<f64>,
    pub(crate) kl: Vec<f64>,
    pub(crate) listed: Option<ListedSums>,
    pub(crate) values: Values,
    pub(crate) masks: Vec<MaskSums>,
    /// Number of weights of the tensors that have masks.
    pub(crate) masked: u64,
    /// By rank.
    pub(crate) sweep: BTreeMap<usize, SweepSums>,
}

impl Sums {
    /// Takes in a tensor; of one that failed there is nothing to add.
    pub(crate) fn add(&mut self, tensor: &TensorReport) {
        if let Some(listed) = ListedSums::of(tensor) {
            self.listed.get_or_insert_default().join(&listed);
        }
        let Some(precision) = &tensor.precision else { return };
        self.tensors += 1;
        self.parameters += tensor.parameters;
        self.unchanged += precision.unchanged;
        self.bit_equal += precision.bit_equal;
        self.non_finite += precision.non_finite;
        let weights = tensor.parameters as f64;
        self.within_tolerance.push(precision.sparsity_abs * weights);
        self.hidden.push(precision.hidden_by_bf16 * weights);
        if let Some(update) = &tensor.update {
            self.norms_base.push(update.frobenius_base);
            self.norms_update.push(update.frobenius_update);
            self.max_abs_update = self.max_abs_update.max(update.max_abs_update);
        }
        self.kl.extend(tensor.fisher.as_ref().map(|fisher| fisher.kl_quadratic));
        self.add_means(tensor);
        if !tensor.masks.is_empty() {
            self.masked += tensor.parameters;
            self.masks.resize(self.masks.len().max(tensor.masks.len()), MaskSums::default());
            self.masks.iter_mut().zip(&tensor.masks).for_each(|(sums, masks)| sums.add(masks));
        }
        if let Some(geometry) = &tensor.geometry {
            self.matrices += 1;
            for point in &geometry.sweep {
                self.sweep.entry(point.k).or_default().add(point, tensor);
            }
        }
    }

    fn add_means(&mut self, tensor: &TensorReport) {
        for figure in averaged().filter(|figure| figure.counts(tensor)) {
            let value = figure.value.of_tensor(tensor);
            add_value(&mut self.values, figure.id, value);
            if let Some(chance) = &figure.chance {
                let level = chance.level.of_tensor(tensor);
                let level = level.filter(|_| chance.of_all_matrices || value.is_some());
                add_value(&mut self.values, chance.name, level);
            }
        }
    }

    /// Takes in the sums of other tensors.
    pub(crate) fn join(&mut self, other: &Self) {
        self.tensors += other.tensors;
        self.matrices += other.matrices;
        self.parameters += other.parameters;
        self.unchanged += other.unchanged;
        self.bit_equal += other.bit_equal;
        self.non_finite += other.non_finite;
        self.max_abs_update = self.max_abs_update.max(other.max_abs_update);
        self.within_tolerance.extend(&other.within_tolerance);
        self.hidden.extend(&other.hidden);
        self.norms_base.extend(&other.norms_base);
        self.norms_update.extend(&other.norms_update);
        self.kl.extend(&other.kl);
        if let Some(listed) = &other.listed {
            self.listed.get_or_insert_default().join(listed);
        }
        join_values(&mut self.values, &other.values);
        join_each(&mut self.masks, &other.masks, MaskSums::join);
        self.masked += other.masked;
        for (k, sums) in &other.sweep {
            self.sweep.entry(*k).or_default().join(sums);
        }
    }
}

/// Adds values in the order of their size.
pub(crate) fn add_up(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.iter().sum()
}
