//! Figures of a layer, a module kind or the whole model.
//!
//! Counts are summed, so shares are weighted by parameters; spectral figures are unweighted means
//! over matrices.

pub mod listed;
pub mod sweep;

use crate::figures::fisher::report::Fisher;
use crate::figures::masks::report::Masks;
use crate::figures::precision::report::Precision;
use crate::figures::statistics::median;
pub use sweep::RollupSweep;

use crate::figures::masks::report::MaskOverlap;
use crate::figures::registry::{Figure, RollupBy, figures};
use crate::figures::tensor::TensorReport;
use crate::figures::update::report::Update;
use crate::report::rollup::listed::ListedRollup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// An unweighted mean over matrices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mean {
    /// Number of matrices.
    pub count: usize,
    /// Mean of the figure.
    pub mean: f64,
    /// Smallest value.
    pub min: f64,
    /// Median value.
    pub median: f64,
    /// Largest value.
    pub max: f64,
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

impl Mean {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|v| v.is_finite());
        if values.is_empty() {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        Some(Self {
            count: n,
            // Of figures near the largest number only the sum overflows.
            mean: if mean.is_finite() {
                mean
            } else {
                values.iter().map(|v| v / n as f64).sum::<f64>()
            },
            min: values[0],
            median: median(&values),
            max: values[n - 1],
        })
    }
}

impl Rollup {
    /// The figures of `tensors` under the name `key`; failed tensors are passed over.
    pub fn of(key: impl Into<String>, tensors: &[&TensorReport]) -> Self {
        let done: Vec<_> = tensors.iter().filter(|t| t.precision.is_some()).collect();
        let sum = |f: &dyn Fn(&TensorReport) -> u64| done.iter().map(|t| f(t)).sum::<u64>();
        let parameters = sum(&|t| t.parameters);
        let share = |f: &dyn Fn(&TensorReport) -> f64| {
            (parameters > 0).then(|| {
                done.iter().map(|t| f(t) * t.parameters as f64).sum::<f64>() / parameters as f64
            })
        };
        fn precision(t: &TensorReport) -> &Precision {
            t.precision.as_ref().expect("only tensors with a precision are kept")
        }
        let unchanged = sum(&|t| precision(t).unchanged);
        let norm = |f: &dyn Fn(&Update) -> f64| {
            join_norms(done.iter().filter_map(|t| t.update.as_ref()).map(f))
        };
        let (base, update) = (norm(&|u| u.frobenius_base), norm(&|u| u.frobenius_update));
        Self {
            key: key.into(),
            tensors: done.len(),
            matrices: done.iter().filter(|t| t.geometry.is_some()).count(),
            parameters,
            unchanged,
            sparsity_bf16: (parameters > 0).then(|| unchanged as f64 / parameters as f64),
            bit_equal: sum(&|t| precision(t).bit_equal),
            sparsity_abs: share(&|t| precision(t).sparsity_abs),
            hidden_by_bf16: share(&|t| precision(t).hidden_by_bf16),
            non_finite: sum(&|t| precision(t).non_finite),
            relative_update: Some(update / base).filter(|_| base > 0.0).filter(|r| r.is_finite()),
            max_abs_update: done
                .iter()
                .filter_map(|t| t.update.as_ref())
                .map(|u| u.max_abs_update)
                .fold(0.0, f64::max),
            kl_quadratic: sum_fisher(&done, |f| Some(f.kl_quadratic)),
            kl_share: sum_fisher(&done, |f| f.kl_share),
            listed: ListedRollup::of(tensors),
            spectral: spectral(&done),
            masks: masks(&done),
            sweep: sweep::sweep(&done),
        }
    }
}

/// The norm of all tensors together, from the norm of each. It stays finite where no square does.
fn join_norms(norms: impl Iterator<Item = f64> + Clone) -> f64 {
    let squares: f64 = norms.clone().map(|norm| norm * norm).sum();
    if squares.is_normal() {
        return squares.sqrt();
    }
    let most = norms.clone().fold(0.0, f64::max);
    if most > 0.0 {
        most * norms.map(|norm| (norm / most).powi(2)).sum::<f64>().sqrt()
    } else {
        0.0
    }
}

/// Sums a Fisher figure over the tensors that have it.
fn sum_fisher(done: &[&&TensorReport], of: impl Fn(&Fisher) -> Option<f64>) -> Option<f64> {
    done.iter()
        .filter_map(|t| of(t.fisher.as_ref()?))
        .reduce(|a, b| a + b)
        .filter(|sum| sum.is_finite())
}

/// Means under their names, of those figures that any matrix has.
fn means(figures: impl Iterator<Item = (&'static str, Vec<f64>)>) -> BTreeMap<String, Mean> {
    figures.filter_map(|(name, values)| Some((name.to_string(), Mean::of(values)?))).collect()
}

/// The figures of the registry whose rollup is a mean.
fn averaged() -> impl Iterator<Item = &'static Figure> {
    figures().filter(|figure| figure.rollup == RollupBy::Mean)
}

fn spectral(done: &[&&TensorReport]) -> BTreeMap<String, Mean> {
    let of_figure = |figure: &'static Figure| {
        let counted = || done.iter().filter(|t| figure.counts(t));
        let value = |t: &TensorReport| figure.value.of_tensor(t);
        let chance = figure.chance.as_ref().map(|chance| {
            let level = |t: &TensorReport| {
                chance.level.of_tensor(t).filter(|_| chance.of_all_matrices || value(t).is_some())
            };
            (chance.name, counted().filter_map(|t| level(t)).collect())
        });
        [Some((figure.id, counted().filter_map(|t| value(t)).collect())), chance]
    };
    means(averaged().flat_map(of_figure).flatten())
}

fn masks(done: &[&&TensorReport]) -> Vec<RollupMask> {
    let with: Vec<_> = done.iter().filter(|t| !t.masks.is_empty()).collect();
    let Some(first) = with.first() else {
        return Vec::new();
    };
    let total: u64 = with.iter().map(|t| t.parameters).sum();
    (0..first.masks.len())
        .map(|i| {
            let changed = with.iter().map(|t| t.masks[i].changed).sum();
            let sum = |f: &dyn Fn(&Masks) -> &MaskOverlap| {
                let size = with.iter().map(|t| f(&t.masks[i]).size).sum();
                let both = with.iter().map(|t| f(&t.masks[i]).both).sum();
                MaskOverlap::new(size, both, changed, total)
            };
            RollupMask {
                alpha: first.masks[i].alpha,
                changed,
                principal: sum(&|m| &m.principal),
                low: sum(&|m| &m.low),
                principal_not_low: sum(&|m| &m.principal_not_low),
                safe: sum(&|m| &m.safe),
            }
        })
        .collect()
}

/// Rollups per layer (ascending), per module kind (by name) and of the model.
pub fn rollups(tensors: &[TensorReport]) -> (Vec<Rollup>, Vec<Rollup>, Rollup) {
    let mut layers: BTreeMap<u32, Vec<&TensorReport>> = BTreeMap::new();
    let mut modules: BTreeMap<String, Vec<&TensorReport>> = BTreeMap::new();
    for t in tensors {
        if let Some(layer) = t.layer {
            layers.entry(layer).or_default().push(t);
        }
        modules.entry(t.module.to_string()).or_default().push(t);
    }
    (
        layers.iter().map(|(k, v)| Rollup::of(k.to_string(), v)).collect(),
        modules.iter().map(|(k, v)| Rollup::of(k, v)).collect(),
        Rollup::of("model", &tensors.iter().collect::<Vec<_>>()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::registry::schema::numbers_of;

    #[test]
    fn norms_join_beyond_the_range_of_their_squares() {
        let joined = |norms: &[f64]| join_norms(norms.iter().copied());
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
