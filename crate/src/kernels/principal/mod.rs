//! Reconstructions of rank k and below against their thresholds.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;

use crate::element::Grid;

/// One pass of the reconstructions of rank k and below over all elements.
#[derive(Debug)]
pub struct PrincipalQuery<'a, B> {
    /// m×k, already scaled by σ.
    pub left: &'a B,
    /// n×k.
    pub right: &'a B,
    /// For each rank, ascending, and each α.
    pub bands: &'a [PrincipalBand],
    /// η of the update mask.
    pub eta: f32,
    /// Cells in which to count what reaches a threshold in |W0^(k)|, all columns of the factors
    /// being taken.
    pub map: Option<(Grid, f32)>,
}

/// Where the principal threshold of one α at one rank is looked for, and its low-magnitude
/// threshold.
#[derive(Debug, Clone, Copy)]
pub struct PrincipalBand {
    /// Leading columns of the factors that are taken, up to k.
    pub rank: usize,
    /// Lower end of the histogram, in |W0^(rank)|.
    pub from: f32,
    /// Upper end.
    pub to: f32,
    /// Low-magnitude: |W0| at and below this.
    pub low: f32,
}

/// Bins inside a band; bin `BAND_BINS` counts what is at or above its upper end.
pub const BAND_BINS: usize = 4096;

/// For each of four classes (all weights; changed; not low; changed and not low) `BAND_BINS + 1`
/// counts.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalCounts {
    /// Counts of every weight.
    pub all: Vec<u64>,
    /// Counts of changed weights.
    pub changed: Vec<u64>,
    /// Counts of weights above the low threshold.
    pub high: Vec<u64>,
    /// Counts of changed weights above the low threshold.
    pub changed_high: Vec<u64>,
    /// Changed weights at or below the low threshold, whatever the reconstruction; with `low_size`.
    pub low_changed: u64,
    /// Weights at or below the low threshold.
    pub low_size: u64,
}

/// What [`Backend::principal_counts`] gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// As many as the query's.
    pub bands: Vec<PrincipalCounts>,
    /// Weights that reach the map's threshold, by cell; empty without a map.
    pub map: Vec<u64>,
}
