//! Gate I: the update weighted by a diagonal Fisher (METRICS "Gate I: the anchor").

use crate::kernels::cpu::FisherSums;
use crate::report::{Fisher, TensorReport};

/// The report's Fisher figures of one tensor, without its share of the run's; `parameters` are its
/// weights.
pub fn fisher(sums: &FisherSums, parameters: u64) -> Fisher {
    Fisher {
        kl_quadratic: 0.5 * sums.weighted_squared,
        kl_share: None,
        weighted_norm: sums.weighted_squared.sqrt(),
        mass: sums.mass,
        mass_on_changed: (sums.mass > 0.0).then(|| sums.mass_changed / sums.mass),
        chance: sums.changed as f64 / parameters as f64,
    }
}

/// Fills in every tensor's share of the run's quadratic KL.
pub fn share_out(tensors: &mut [TensorReport]) {
    let all: f64 = tensors
        .iter()
        .filter_map(|t| t.fisher.as_ref())
        .map(|f| f.kl_quadratic)
        .sum();
    for fisher in tensors.iter_mut().filter_map(|t| t.fisher.as_mut()) {
        fisher.kl_share = (all > 0.0).then(|| fisher.kl_quadratic / all);
    }
}
