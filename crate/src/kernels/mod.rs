//! The few operations that touch whole matrices, each with a WGSL kernel and a plain CPU twin.
//!
//! [`Backend`] is all that the linear algebra knows of a device: weights stay there as the raw bits
//! of the file ([`Backend::Matrix`]), tall blocks of f32 columns stay there too
//! ([`Backend::Block`]), and only counts and small matrices come back.

pub mod cpu;
pub mod gpu;

mod combine;
mod diff;
mod gram;
mod grid;
mod principal;
mod product;
pub mod rows;
mod slices;

pub use grid::Grid;

use crate::error::Error;
use faer::{Mat, MatRef};
use rows::{Memory, Residence, RowSource};
use std::ops::Range;
use std::rc::Rc;

/// How a weight is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// bfloat16.
    Bf16,
    /// IEEE half.
    F16,
    /// IEEE single.
    F32,
    /// IEEE double; products take it rounded to f32.
    F64,
}

impl Dtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::Bf16 | Self::F16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The name safetensors uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "BF16",
            Self::F16 => "F16",
            Self::F32 => "F32",
            Self::F64 => "F64",
        }
    }
}

/// What a product multiplies: a stored matrix, or the difference tuned − base of two, taken element
/// by element.
#[derive(Debug)]
pub enum Operand<'a, M> {
    /// One matrix.
    One(&'a M),
    /// `Difference(base, tuned)` is tuned − base, subtracted in f32 (exact for two bf16 weights of
    /// like size).
    Difference(&'a M, &'a M),
}

impl<M> Clone for Operand<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Operand<'_, M> {}

/// A device that multiplies.
///
/// Sums over a long dimension are taken in chunks of at most 256 f32 terms, then in a second
/// accumulator; `gram` carries the chunks in f64 on the CPU (NUMERICS: compensated sums may be
/// reassociated away in WGSL).
#[allow(async_fn_in_trait)]
pub trait Backend {
    /// A weight matrix m×n in its stored dtype, whole on the device or streamed through it.
    type Matrix;
    /// A tall f32 block, rows × columns.
    type Block;

    /// What it offers for one tensor, where the program may use `heap` bytes of its own memory.
    fn memory(&self, heap: u64) -> Memory;
    /// Takes m×n row-major little-endian elements of `dtype`; `bytes` has exactly m·n·size bytes.
    async fn matrix(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<Self::Matrix, Error>;
    /// Takes the same from `source`: read once and kept, or read again a tile at a time by every
    /// call that uses it.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] where the device can't hold it: a streamed one takes less.
    async fn place(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<Self::Matrix, Error>;
    /// Takes a row-major rows × cols block.
    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<Self::Block, Error>;
    /// A block's (rows, columns).
    fn shape(&self, block: &Self::Block) -> (usize, usize);
    /// The columns of a block.
    fn columns(&self, block: &Self::Block) -> usize {
        self.shape(block).1
    }
    /// The values of some rows of a block, row-major.
    async fn read_rows(&self, block: &Self::Block, rows: Range<usize>) -> Result<Vec<f32>, Error>;
    /// A block's values, row-major.
    async fn read(&self, block: &Self::Block) -> Result<Vec<f32>, Error> {
        self.read_rows(block, 0..self.shape(block).0).await
    }
    /// W·X (rows m), or Wᵀ·X (rows n) with `transpose`.
    async fn product(
        &self,
        w: Operand<'_, Self::Matrix>,
        transpose: bool,
        x: &Self::Block,
    ) -> Result<Self::Block, Error>;
    /// LᵀR in f64, with `left` and `right` standing side by side: (Σ columns of left) × (Σ columns
    /// of right).
    async fn gram(&self, left: &[&Self::Block], right: &[&Self::Block]) -> Result<Mat<f64>, Error>;
    /// start + Σ blockᵢ·Cᵢ, with coefficients rounded to f32; `start`, where given, has as many
    /// columns as every Cᵢ.
    async fn combine(
        &self,
        start: Option<&Self::Block>,
        terms: &[(&Self::Block, MatRef<'_, f64>)],
    ) -> Result<Self::Block, Error>;
    /// The f32 product U·diag(σ)·Vᵀ against thresholds, with the update and low-magnitude masks:
    /// see [`PrincipalQuery`].
    async fn principal_counts(
        &self,
        base: &Self::Matrix,
        tuned: &Self::Matrix,
        query: &PrincipalQuery<'_, Self::Block>,
    ) -> Result<Principal, Error>;
    /// The lower half of AᵀA in f64, A being the matrix or its transpose with the longer side in
    /// its rows, from exact sums; `None` where this device has no such sums, had better leave them
    /// to the CPU, or would take more than `room` bytes of its own memory. Weights have to be
    /// finite.
    async fn exact_gram(
        &self,
        _w: Operand<'_, Self::Matrix>,
        _room: u64,
    ) -> Result<Option<Mat<f64>>, Error> {
        Ok(None)
    }
    /// Gate III of two matrices of one shape and dtype, in one read of both.
    async fn diff(
        &self,
        base: &Self::Matrix,
        tuned: &Self::Matrix,
        query: &DiffQuery,
    ) -> Result<DiffCounts, Error>;
}

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
