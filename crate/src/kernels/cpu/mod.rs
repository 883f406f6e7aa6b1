//! The CPU as a device: matrices in their stored dtype, blocks of f32, packed SIMD products.

pub(crate) mod block;
pub(crate) mod gemm;
pub(crate) mod matrix;
pub(crate) mod panel;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use block::CpuBlock;
pub use matrix::CpuMatrix;

use self::gemm::CHUNK;
use crate::error::Error;
use crate::kernels::Operand;
use matrix::{Tile, Tiles, tiling};

/// Rows decoded to f32 at a time: with some thousand columns a panel stays within a core's cache,
/// and every f32 sum over rows is cut into chunks of this many terms.
pub(crate) const PANEL: usize = 64;
/// Bytes of a decoded panel: rows of a hundred thousand weights make it lower.
pub(crate) const PANEL_BYTES: usize = 8 << 20;
/// Rows summed in f32 before a Gram matrix goes on in f64.
pub(crate) const GRAM_CHUNK: usize = CHUNK;
/// Rows of all terms of a combination that are at hand together.
pub(crate) const COMBINED: usize = 16 * CHUNK;
/// Bytes of a tile of a streamed matrix.
pub(crate) const TILE: u64 = 4 << 20;
/// Bytes of blocks that a browser keeps beside the wasm heap for one tensor.
pub(crate) const BESIDE: u64 = 1 << 30;

/// The CPU as a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

/// Rows of a panel of a matrix with `cols` columns, a multiple of 8.
pub(crate) fn panel_rows(cols: usize) -> usize {
    (PANEL_BYTES / (4 * cols.max(1)) / 8 * 8).clamp(8, PANEL)
}

pub(crate) fn shape(w: Operand<'_, CpuMatrix>) -> (usize, usize) {
    match w {
        Operand::One(a) | Operand::Difference(a, _) => (a.rows, a.cols),
    }
}

/// Lets `work` see every tile of base and tuned, in order.
pub(crate) async fn each_tile(
    base: &CpuMatrix,
    tuned: &CpuMatrix,
    mut work: impl FnMut(&Tile<'_>, &Tile<'_>),
) -> Result<(), Error> {
    let both = Operand::Difference(base, tuned);
    for rows in tiling(both) {
        if let Tiles::Two(base, tuned) = Tiles::read(both, rows).await? {
            work(&base, &tuned);
        }
    }
    Ok(())
}
