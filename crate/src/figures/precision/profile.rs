//! Profiles: densities of changed weights along rows or columns.

use crate::figures::statistics::median;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest number of points of a density profile.
const PROFILE_POINTS: usize = 256;

/// A density along rows or columns, averaged into at most 256 neighbouring groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Number of rows or columns.
    pub length: usize,
    /// Mean density of each group.
    pub values: Vec<f64>,
    /// Density of the sparsest row or column.
    pub min: f64,
    /// Median density of a row or column.
    pub median: f64,
    /// Density of the densest row or column.
    pub max: f64,
    /// Index of dispersion: the variance of the densities over the binomial variance of independent
    /// changes. It is 1 by chance and far more with stripes; `null` where nothing or everything
    /// changed, and for a single row or column.
    pub dispersion: Option<f64>,
}

/// Computes the densities of `counts` out of `each` weights; `None` where there are none.
pub(crate) fn compute_profile(counts: &[u64], each: u64) -> Option<Profile> {
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
