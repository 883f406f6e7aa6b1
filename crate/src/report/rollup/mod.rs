//! Figures of a layer, a module kind or the whole model.
//!
//! Counts are summed, so shares are weighted by parameters; spectral figures are unweighted means
//! over matrices.

pub mod listed;
mod mean;
mod sums;
pub mod sweep;
mod values;

pub use mean::Mean;
pub use sweep::RollupSweep;

use crate::figures::masks::report::MaskOverlap;
use crate::figures::tensor::TensorReport;
use crate::report::rollup::listed::{ListedRollup, ListedSums};
use crate::report::rollup::sums::{MaskSums, Sums, add_up};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// One group of tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rollup {
    /// The layer's number, the module's name, or `model`.
    pub key: String,
    /// Number of its tensors that were analysed.
    pub tensors: usize,
    /// Number of matrices among them that have a geometry.
    pub matrices: usize,
    /// Number of elements.
    pub parameters: u64,
    /// Number of weights that are unchanged under the bf16 gate.
    pub unchanged: u64,
    /// Share of weights that are unchanged under the bf16 gate.
    pub sparsity_bf16: Option<f64>,
    /// Number of weights whose stored bits are equal.
    pub bit_equal: u64,
    /// Share of weights with |Δ| at most the absolute tolerance.
    pub sparsity_abs: Option<f64>,
    /// Share of weights that differ as stored but are unchanged after the cast to bf16.
    pub hidden_by_bf16: Option<f64>,
    /// Number of weights that are NaN or infinite on either side.
    pub non_finite: u64,
    /// √Σ‖Δ‖² / √Σ‖W0‖²; `null` for a zero base.
    pub relative_update: Option<f64>,
    /// Largest |Δ| of a weight.
    pub max_abs_update: f64,
    /// Σ of the tensors' quadratic KL; `null` where none has a Fisher.
    #[serde(default)]
    pub kl_quadratic: Option<f64>,
    /// Share of the run's summed quadratic KL; `null` where that sum is 0.
    #[serde(default)]
    pub kl_share: Option<f64>,
    /// Without a base, the weights that sparse deltas list; else `null`.
    #[serde(default)]
    pub listed: Option<ListedRollup>,
    /// Means over matrices of the figures whose `rollup` is `mean` in docs/figures.json (those
    /// marked `resolved_only` over resolved matrices), and of their chance levels under the names
    /// that stand there.
    pub spectral: BTreeMap<String, Mean>,
    /// Summed mask counts for each α.
    pub masks: Vec<RollupMask>,
    /// The figures along the rank, ascending.
    #[serde(default)]
    pub sweep: Vec<RollupSweep>,
}

/// Mask overlaps of a group at one α, from summed counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RollupMask {
    /// Mask fraction.
    pub alpha: f64,
    /// |M|: number of weights that changed in bf16.
    pub changed: u64,
    /// M_princ: the top α of |W0^(k)|.
    pub principal: MaskOverlap,
    /// M_low: the bottom α of |W0|.
    pub low: MaskOverlap,
    /// M_princ ∩ ¬M_low.
    pub principal_not_low: MaskOverlap,
    /// M_low ∪ ¬M_princ.
    pub safe: MaskOverlap,
}

impl Rollup {
    /// The figures of a group under the name `key`; `kl` is the quadratic KL of the whole run.
    fn new(key: impl Into<String>, sums: Sums, kl: f64) -> Self {
        let parameters = sums.parameters;
        let share = |weights: f64| (parameters > 0).then(|| weights / parameters as f64);
        let (base, update) = (join_norms(&sums.norms_base), join_norms(&sums.norms_update));
        let kl_quadratic = (!sums.kl.is_empty()).then(|| add_up(&sums.kl));
        let masked = sums.masked;
        Self {
            key: key.into(),
            tensors: sums.tensors,
            matrices: sums.matrices,
            parameters,
            unchanged: sums.unchanged,
            sparsity_bf16: share(sums.unchanged as f64),
            bit_equal: sums.bit_equal,
            sparsity_abs: share(add_up(&sums.within_tolerance)),
            hidden_by_bf16: share(add_up(&sums.hidden)),
            non_finite: sums.non_finite,
            relative_update: Some(update / base).filter(|_| base > 0.0).filter(|r| r.is_finite()),
            max_abs_update: sums.max_abs_update,
            kl_quadratic: kl_quadratic.filter(|sum| sum.is_finite()),
            kl_share: kl_quadratic
                .filter(|_| kl > 0.0)
                .map(|sum| sum / kl)
                .filter(|share| share.is_finite()),
            listed: sums.listed.map(ListedSums::finish),
            spectral: Mean::of_all(sums.values),
            masks: sums.masks.into_iter().map(|masks| RollupMask::new(masks, masked)).collect(),
            sweep: sums.sweep.into_iter().map(|(k, sums)| sums.finish(k)).collect(),
        }
    }
}

impl RollupMask {
    fn new(sums: MaskSums, total: u64) -> Self {
        let MaskSums { alpha, changed, .. } = sums;
        Self {
            alpha,
            changed,
            principal: sums.principal.overlap(changed, total),
            low: sums.low.overlap(changed, total),
            principal_not_low: sums.principal_not_low.overlap(changed, total),
            safe: sums.safe.overlap(changed, total),
        }
    }
}

/// The norm of all tensors together, from the norm of each. It stays finite where no square does.
fn join_norms(norms: &[f64]) -> f64 {
    let add_squares =
        |by: f64| add_up(&norms.iter().map(|norm| (norm / by).powi(2)).collect::<Vec<_>>());
    let squares = add_squares(1.0);
    if squares.is_normal() {
        return squares.sqrt();
    }
    let most = norms.iter().copied().fold(0.0, f64::max);
    if most > 0.0 { most * add_squares(most).sqrt() } else { 0.0 }
}

/// The sums of a run, for its rollups: tensors are taken in as they come. Those of each module of
/// each layer stand apart, since all rollups are made of them.
#[derive(Debug, Clone, Default)]
pub struct RunSums(BTreeMap<(Option<u32>, String), Sums>);

impl RunSums {
    /// Takes in a tensor with all that it has against k.
    pub fn add(&mut self, tensor: &TensorReport) {
        self.0.entry((tensor.layer, tensor.module.to_string())).or_default().add(tensor);
    }

    /// Takes in the sums of other tensors of the run.
    pub fn join(&mut self, other: Self) {
        for (key, sums) in other.0 {
            match self.0.entry(key) {
                Entry::Vacant(entry) => _ = entry.insert(sums),
                Entry::Occupied(mut entry) => entry.get_mut().join(&sums),
            }
        }
    }

    /// Rollups per layer (ascending), per module kind (by name) and of the model.
    pub fn roll_up(&self) -> (Vec<Rollup>, Vec<Rollup>, Rollup) {
        let kl: Vec<f64> = self.0.values().flat_map(|sums| sums.kl.iter().copied()).collect();
        let kl = add_up(&kl);
        let layers: BTreeSet<u32> = self.0.keys().filter_map(|(layer, _)| *layer).collect();
        let modules: BTreeSet<&str> = self.0.keys().map(|(_, module)| &**module).collect();
        let of_layer = |at: u32| {
            Rollup::new(at.to_string(), self.join_where(|layer, _| layer == Some(at)), kl)
        };
        let of_module =
            |kind: &str| Rollup::new(kind, self.join_where(|_, module| module == kind), kl);
        (
            layers.into_iter().map(of_layer).collect(),
            modules.into_iter().map(of_module).collect(),
            Rollup::new("model", self.join_where(|_, _| true), kl),
        )
    }

    /// The sums of one group.
    fn join_where(&self, belongs: impl Fn(Option<u32>, &str) -> bool) -> Sums {
        let mut all = Sums::default();
        for ((layer, module), sums) in &self.0 {
            if belongs(*layer, module) {
                all.join(sums);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::registry::schema::numbers_of;
    use crate::figures::registry::{RollupBy, figures};

    #[test]
    fn norms_join_beyond_the_range_of_their_squares() {
        let joined = |norms: &[f64]| join_norms(norms);
        assert_eq!(joined(&[3.0, 4.0]), 5.0);
        assert_eq!(joined(&[]), 0.0);
        for size in [1e200, 1e-200] {
            assert!((joined(&[3.0 * size, 4.0 * size]) / size - 5.0).abs() < 1e-12);
        }
    }

    #[test]
    fn every_sum_has_its_field_in_a_rollup() {
        let rollup = numbers_of::<Rollup>();
        for figure in figures().filter(|f| !matches!(f.rollup, RollupBy::Mean | RollupBy::None)) {
            let path = figure.value.path().expect("a rollup adds what the report holds");
            let name = path.split_once('.').map_or(path, |(_, name)| name);
            assert!(
                rollup.contains_key(path) || rollup.contains_key(name),
                "{} is in no rollup",
                figure.id
            );
        }
    }
}
