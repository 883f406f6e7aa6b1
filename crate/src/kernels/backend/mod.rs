//! The trait of a device, and its two implementations.
//!
//! [`Backend`] is all that the linear algebra knows of a device: weights stay there as the raw bits
//! of the file ([`Backend::Matrix`]), tall blocks of f32 columns stay there too
//! ([`Backend::Block`]), and only counts and small matrices come back.

mod cpu;
mod gpu;

use crate::element::dtype::Dtype;
use crate::element::rows::RowSource;
use crate::error::Error;
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::memory::{Memory, Residence};
use crate::kernels::operand::Operand;
use crate::kernels::principal::{Principal, PrincipalQuery};
use faer::{Mat, MatRef};
use std::ops::Range;
use std::rc::Rc;

/// A device that keeps matrices and blocks and runs the kernels on them.
///
/// Sums over a long dimension are taken in chunks of at most 256 f32 terms, then in a second
/// accumulator; `gram` adds the chunks in f64 on the CPU. Compensated sums are not used, since WGSL
/// lets compilers reassociate them away: docs/numerics.md §11.
///
/// # Errors
/// All calls fail with [`Error::Device`] if shapes do not fit or the device is lost, those that
/// make a matrix or a block with [`Error::OutOfMemory`], and those that read a streamed matrix with
/// what its source fails with.
#[allow(async_fn_in_trait)]
pub trait Backend {
    /// An m×n weight matrix in its stored dtype, whole on the device or streamed through it.
    type Matrix;
    /// A tall f32 block, rows × columns.
    type Block;

    /// Whether the diff sums in f32 and in fixed point, which very large and very small weights
    /// overflow.
    const NARROW_SUMS: bool = false;

    /// Returns the memory for one tensor if the program may use `heap` bytes of its own.
    fn memory(&self, heap: u64) -> Memory;
    /// Makes a matrix of row-major little-endian elements of `dtype`, whose bytes must be exactly
    /// rows·cols·size.
    async fn matrix(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<Self::Matrix, Error>;
    /// Makes a matrix whose rows come from `source`: they are read once and kept, or read again a
    /// tile at a time by every call that uses the matrix, as `residence` says.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] if the device cannot hold it. A streamed matrix takes less.
    async fn place(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<Self::Matrix, Error>;
    /// Makes a block of row-major values, rows × cols.
    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<Self::Block, Error>;
    /// Returns the (rows, columns) of a block.
    fn shape(&self, block: &Self::Block) -> (usize, usize);
    /// Returns the columns of a block.
    fn columns(&self, block: &Self::Block) -> usize {
        self.shape(block).1
    }
    /// Reads the values of some rows of a block, row-major.
    async fn read_rows(&self, block: &Self::Block, rows: Range<usize>) -> Result<Vec<f32>, Error>;
    /// Reads all values of a block, row-major.
    async fn read(&self, block: &Self::Block) -> Result<Vec<f32>, Error> {
        self.read_rows(block, 0..self.shape(block).0).await
    }
    /// Returns W·X, which has m rows, or with `transpose` Wᵀ·X, which has n.
    async fn product(
        &self,
        w: Operand<'_, Self::Matrix>,
        transpose: bool,
        x: &Self::Block,
    ) -> Result<Self::Block, Error>;
    /// Returns LᵀR in f64, L being the blocks of `left` side by side and R those of `right`. All
    /// have the same number of rows.
    async fn gram(&self, left: &[&Self::Block], right: &[&Self::Block]) -> Result<Mat<f64>, Error>;
    /// Returns start + Σ blockᵢ·Cᵢ, with coefficients rounded to f32. Every Cᵢ has as many columns
    /// as `start`, if there is one.
    async fn combine(
        &self,
        start: Option<&Self::Block>,
        terms: &[(&Self::Block, MatRef<'_, f64>)],
    ) -> Result<Self::Block, Error>;
    /// Counts where the f32 product U·diag(σ)·Vᵀ reaches thresholds, together with the update and
    /// the low-magnitude masks: see [`PrincipalQuery`].
    async fn principal_counts(
        &self,
        base: &Self::Matrix,
        tuned: &Self::Matrix,
        query: &PrincipalQuery<'_, Self::Block>,
    ) -> Result<Principal, Error>;
    /// Returns the lower half of AᵀA in f64 from exact sums, A being the matrix or its transpose
    /// with the longer side in its rows. Weights have to be finite. `None` if this device has no
    /// such sums, had better leave them to the CPU, or would take more than `room` bytes of its own
    /// memory.
    async fn exact_gram(
        &self,
        _w: Operand<'_, Self::Matrix>,
        _room: u64,
    ) -> Result<Option<Mat<f64>>, Error> {
        Ok(None)
    }
    /// Counts what Gate III asks of two matrices of one shape and dtype, in one read of both.
    async fn diff(
        &self,
        base: &Self::Matrix,
        tuned: &Self::Matrix,
        query: &DiffQuery,
    ) -> Result<DiffCounts, Error>;
}
