//! Reconstructions of rank k and below against their thresholds: docs/numerics.md §8.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;

use crate::element::Grid;

/// One pass of the reconstructions of rank k and below over all elements.
#[derive(Debug)]
pub struct PrincipalQuery<'a, B> {
    /// The left factor U·diag(σ), m×k.
    pub left: &'a B,
    /// The right factor V, n×k.
    pub right: &'a B,
    /// One band for each rank, in ascending order, and each α.
    pub bands: &'a [PrincipalBand],
    /// The tolerance η of the update mask.
    pub eta: f32,
    /// A map: cells, and the threshold that |W0^(k)| has to reach to be counted in them, with all
    /// columns of the factors.
    pub map: Option<(Grid, f32)>,
}

/// The band in which the principal threshold of one α at one rank is looked for, and the
/// low-magnitude threshold of that α.
#[derive(Debug, Clone, Copy)]
pub struct PrincipalBand {
    /// Leading columns of the factors in use, at most k.
    pub rank: usize,
    /// Lower end of the histogram, in |W0^(rank)|.
    pub from: f32,
    /// Upper end of the histogram.
    pub to: f32,
    /// The low-magnitude threshold: weights with |W0| at or below it are low.
    pub low: f32,
}

/// Number of bins inside a band. Bin `BAND_BINS` counts weights at or above its upper end.
pub const BAND_BINS: usize = 4096;

/// Counts of one band, `BAND_BINS + 1` for each of four classes of weights: all; changed; not low;
/// changed and not low.
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
    /// Changed weights at or below the low threshold, whatever the reconstruction.
    pub low_changed: u64,
    /// Weights at or below the low threshold, whatever the reconstruction.
    pub low_size: u64,
}

/// The result of [`Backend::principal_counts`](crate::kernels::Backend::principal_counts).
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    /// The counts of each band of the query.
    pub bands: Vec<PrincipalCounts>,
    /// Weights that reach the map's threshold, by cell; empty without a map.
    pub map: Vec<u64>,
}
