//! Gate III in one read of base and tuned: every count, the norms, and the histograms.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;

use crate::element::Grid;

/// Tolerances of the diff, rounded to f32 for all but F64 tensors.
#[derive(Debug, Clone, Copy)]
pub struct DiffQuery {
    /// η of the bf16 gate.
    pub eta: f64,
    /// Absolute tolerance.
    pub abs_tolerance: f64,
    /// Cells of the maps.
    pub grid: Grid,
}

/// Bins of the signed distance in bf16 codes: bin 17 is 0, bin 17 ± j holds ±1, ±2, ±3–4, … for j =
/// 1, 2, 3, …; j = 16 ends below 2^15 and j = 17 holds the rest.
pub const ULP_BINS: usize = 35;
/// The bin of equal codes.
pub(crate) const ULP_ZERO: usize = 17;
/// The least distance that falls into the outermost bins.
pub(crate) const FAR: u32 = 1 << 15;

/// bf16 magnitudes: the upper 15 bits of |w| as f32.
pub const MAGNITUDES: usize = 1 << 15;

/// What one read of base and tuned gives. Counts are exact and equal on every backend; norms are
/// f64 sums.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffCounts {
    /// Unchanged in bf16.
    pub unchanged: u64,
    /// Equal stored bits.
    pub bit_equal: u64,
    /// |Δ| within the absolute tolerance.
    pub within_abs: u64,
    /// Unchanged without the cast.
    pub unchanged_stored: u64,
    /// Differ as stored, unchanged after the cast.
    pub hidden: u64,
    /// NaN or infinite on either side.
    pub non_finite: u64,
    /// [`ULP_BINS`] counts.
    pub ulp: Vec<u64>,
    /// Changed weights per row.
    pub row_changed: Vec<u64>,
    /// Changed weights per column.
    pub column_changed: Vec<u64>,
    /// Weights by bf16 magnitude of the base, finite ones; [`MAGNITUDES`] counts.
    pub magnitude: Vec<u64>,
    /// Changed weights by the same.
    pub magnitude_changed: Vec<u64>,
    /// Σ|Δ| by the same (finite ones), f64.
    pub magnitude_update: Vec<f64>,
    /// Changed weights by cell.
    pub map_changed: Vec<u64>,
    /// NaN and infinite ones by cell.
    pub map_non_finite: Vec<u64>,
    /// Σ|Δ| by cell (finite ones), f64; a device may count it in units of 2^-40.
    pub map_update: Vec<f64>,
    /// ‖W0‖², finite elements.
    pub base_squared: f64,
    /// ‖Δ‖², finite elements.
    pub update_squared: f64,
    /// ⟨W0, Δ⟩.
    pub base_dot_update: f64,
    /// max|Δ|, finite elements.
    pub max_abs_update: f64,
}
