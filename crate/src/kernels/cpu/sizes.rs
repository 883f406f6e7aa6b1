//! How much of a matrix or block the CPU works on at a time.

use crate::kernels::cpu::gemm::CHUNK;

/// Rows decoded to f32 at a time: with some thousand columns a panel stays within a core's cache,
/// and every f32 sum over rows is cut into chunks of this many terms.
pub(crate) const PANEL: usize = 64;
/// The most bytes of a decoded panel: rows of a hundred thousand weights make it lower.
pub(crate) const PANEL_BYTES: usize = 8 << 20;
/// Rows that are summed in f32 before a Gram matrix goes on in f64.
pub(crate) const GRAM_CHUNK: usize = CHUNK;
/// Rows of all terms of a combination that are at hand together.
pub(crate) const COMBINED: usize = 16 * CHUNK;
/// Bytes of a tile of a streamed matrix.
pub(crate) const TILE: u64 = 4 << 20;
/// Bytes of blocks that a browser keeps beside the wasm heap for one tensor.
pub(crate) const BESIDE: u64 = 1 << 30;

/// Returns the rows of a panel of a matrix with `cols` columns, a multiple of 8.
pub(crate) fn panel_rows(cols: usize) -> usize {
    (PANEL_BYTES / (4 * cols.max(1)) / 8 * 8).clamp(8, PANEL)
}
