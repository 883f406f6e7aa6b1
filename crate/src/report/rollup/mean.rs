//! The mean of a figure over matrices.

use crate::figures::statistics::median;
use crate::report::rollup::values::Values;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

impl Mean {
    /// The mean of the values that are finite; `None` of none.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
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

    /// Means under their names, of those figures that any matrix has.
    pub(crate) fn of_all(values: Values) -> BTreeMap<String, Self> {
        let mean = |(name, values): (&str, _)| Some((name.to_string(), Self::of(values)?));
        values.into_iter().filter_map(mean).collect()
    }
}
