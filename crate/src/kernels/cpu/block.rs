//! Tall f32 blocks, worked on in chunks of rows.

use crate::error::Error;
use crate::kernels::cpu::sizes::GRAM_CHUNK;
use crate::kernels::cpu::store::Store;
use std::ops::Range;

/// Bytes of one chunk, which are copied at a time from a block outside the wasm heap.
const CHUNK: usize = 4 << 20;

/// A row-major f32 block.
#[derive(Debug)]
pub struct CpuBlock {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    store: Store,
}

impl CpuBlock {
    /// Makes a block of zeros.
    pub(crate) fn zeros(rows: usize, cols: usize) -> Result<Self, Error> {
        Ok(Self { rows, cols, store: Store::zeros(rows * cols)? })
    }

    /// Makes a block of row-major values.
    pub(crate) fn filled(rows: usize, cols: usize, data: &[f32]) -> Result<Self, Error> {
        let mut block = Self::zeros(rows, cols)?;
        let mut scratch = Vec::new();
        for chunk in crate::element::rows::steps(rows, block.chunk_rows()) {
            let values = &data[chunk.start * cols..chunk.end * cols];
            block.update(chunk, &mut scratch, |to| to.copy_from_slice(values));
        }
        Ok(block)
    }

    /// Returns the rows of one chunk. They depend on the shape alone, since where a block lies must
    /// not change how its sums are cut.
    pub(crate) fn chunk_rows(&self) -> usize {
        (CHUNK / (4 * self.cols.max(1)) / GRAM_CHUNK * GRAM_CHUNK).max(GRAM_CHUNK)
    }

    /// Returns the rows `range`, row-major. `scratch` holds them if they had to be copied.
    pub(crate) fn values<'a>(
        &'a self,
        range: Range<usize>,
        scratch: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        self.store.values(range.start * self.cols..range.end * self.cols, scratch)
    }

    /// Calls `change` with the rows `range`, and keeps what it makes of them.
    pub(crate) fn update(
        &mut self,
        range: Range<usize>,
        scratch: &mut Vec<f32>,
        change: impl FnOnce(&mut [f32]),
    ) {
        self.store.update(range.start * self.cols..range.end * self.cols, scratch, change);
    }

    /// Returns whether the block lies outside the program's own memory.
    #[cfg(test)]
    pub(crate) fn is_outside(&self) -> bool {
        self.store.is_outside()
    }
}
