//! Gate I: the update weighted by a diagonal Fisher (METRICS "Gate I: the anchor").

use crate::figures::fisher::report::Fisher;
use crate::figures::fisher::sums::FisherSums;

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
pub fn share_out_kl(mut fishers: Vec<&mut Fisher>) {
    let all: f64 = fishers.iter().map(|f| f.kl_quadratic).sum();
    for fisher in &mut fishers {
        fisher.kl_share = (all > 0.0).then(|| fisher.kl_quadratic / all);
    }
}
