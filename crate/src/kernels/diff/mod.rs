//! Gate III in one read of base and tuned: every count, the norms, and the histograms
//! (docs/numerics.md §9).

pub(crate) mod cpu;
pub(crate) mod gpu;
pub(crate) mod row;
#[cfg(test)]
mod tests;

use crate::element::Grid;

/// Tolerances of the diff, rounded to f32 for all but F64 tensors.
#[derive(Debug, Clone, Copy)]
pub struct DiffQuery {
    /// The relative tolerance η of the bf16 gate.
    pub eta: f64,
    /// The absolute tolerance.
    pub abs_tolerance: f64,
    /// The cells of the maps.
    pub grid: Grid,
}

/// Number of bins of the signed distance in bf16 codes. Bin 17 holds distance 0, and bin 17 ± j
/// holds ±1, ±2, ±3–4, … for j = 1, 2, 3, …; j = 16 ends below 2^15, and j = 17 holds the rest.
pub const ULP_BINS: usize = 35;
/// The bin of equal codes.
pub(crate) const ULP_ZERO: usize = 17;
/// The least distance that falls into the outermost bins.
pub(crate) const FAR: u32 = 1 << 15;

/// Number of bf16 magnitudes, which are the upper 15 bits of |w| as f32.
pub const MAGNITUDES: usize = 1 << 15;

/// The counts and sums of one read of base and tuned. Counts are exact and equal on every backend;
/// norms are f64 sums.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffCounts {
    /// Weights that are unchanged in bf16.
    pub unchanged: u64,
    /// Weights with equal stored bits.
    pub bit_equal: u64,
    /// Weights with |Δ| within the absolute tolerance.
    pub within_abs: u64,
    /// Weights that pass the gate without the cast to bf16.
    pub unchanged_stored: u64,
    /// Weights that differ as stored and are unchanged after the cast.
    pub hidden: u64,
    /// Weights that are NaN or infinite on either side.
    pub non_finite: u64,
    /// Weights by distance, [`ULP_BINS`] counts.
    pub ulp: Vec<u64>,
    /// Changed weights per row.
    pub row_changed: Vec<u64>,
    /// Changed weights per column.
    pub column_changed: Vec<u64>,
    /// Finite weights by bf16 magnitude of the base, [`MAGNITUDES`] counts.
    pub magnitude: Vec<u64>,
    /// Changed finite weights by bf16 magnitude of the base.
    pub magnitude_changed: Vec<u64>,
    /// Σ|Δ| of finite weights by bf16 magnitude of the base.
    pub magnitude_update: Vec<f64>,
    /// Changed weights by cell.
    pub map_changed: Vec<u64>,
    /// NaN and infinite weights by cell.
    pub map_non_finite: Vec<u64>,
    /// Σ|Δ| of finite weights by cell. A device may count it in units of 2^-40.
    pub map_update: Vec<f64>,
    /// ‖W0‖_F² over finite weights.
    pub base_squared: f64,
    /// ‖Δ‖_F² over finite weights.
    pub update_squared: f64,
    /// ⟨W0, Δ⟩ over finite weights.
    pub base_dot_update: f64,
    /// max|Δ| over finite weights.
    pub max_abs_update: f64,
}
