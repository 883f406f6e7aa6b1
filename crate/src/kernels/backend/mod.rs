//! The trait of a device that multiplies, and what implements it.
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
