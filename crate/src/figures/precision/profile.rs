//! Densities of changed weights along rows or columns.

use crate::figures::statistics::median;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Points of a density profile at most.
const PROFILE_POINTS: usize = 256;

/// A density along rows or columns, averaged into at most 256 neighbouring groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Rows or columns behind it.
    pub length: usize,
    /// Group means.
    pub values: Vec<f64>,
    /// Smallest single row or column.
    pub min: f64,
    /// Median row or column.
    pub median: f64,
    /// Largest single row or column.
    pub max: f64,
    /// Variance over the binomial variance of independent changes: 1 by chance, far more with
    /// stripes.
    pub dispersion: Option<f64>,
}

/// Densities of `counts` out of `each` weights, with the index of dispersion against independent
/// changes.
pub(crate) fn profile(counts: &[u64], each: u64) -> Option<Profile> {
    if counts.is_empty() || each == 0 {
        return None;
    }
    let share = |c: u64| c as f64 / each as f64;
    let group = counts.len().div_ceil(PROFILE_POINTS);
    let values = counts
        .chunks(group)
        .map(|g| g.iter().map(|c| share(*c)).sum::<f64>() / g.len() as f64)
        .collect();
    let mut sorted: Vec<f64> = counts.iter().map(|c| share(*c)).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let mean = sorted.iter().sum::<f64>() / n as f64;
    let variance = sorted.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n.max(2) - 1) as f64;
    let chance = mean * (1.0 - mean) / each as f64;
    let dispersion = (n > 1 && chance > 0.0).then(|| variance / chance);
    Some(Profile {
        length: n,
        values,
        min: sorted[0],
        median: median(&sorted),
        max: sorted[n - 1],
        dispersion,
    })
}
