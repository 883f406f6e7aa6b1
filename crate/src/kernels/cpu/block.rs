//! Tall f32 blocks, worked on in chunks of rows.

use crate::error::Error;
use crate::kernels::cpu::sizes::GRAM_CHUNK;
use crate::kernels::cpu::store::Store;
use std::ops::Range;

/// Bytes of one chunk: what is copied at a time of a block outside the wasm heap.
const CHUNK: usize = 4 << 20;

/// A row-major f32 block.
#[derive(Debug)]
pub struct CpuBlock {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    store: Store,
}

impl CpuBlock {
    pub(crate) fn zeros(rows: usize, cols: usize) -> Result<Self, Error> {
        Ok(Self { rows, cols, store: Store::zeros(rows * cols)? })
    }

    pub(crate) fn filled(rows: usize, cols: usize, data: &[f32]) -> Result<Self, Error> {
        let mut block = Self::zeros(rows, cols)?;
        let mut scratch = Vec::new();
        for chunk in crate::element::rows::steps(rows, block.chunk_rows()) {
            let values = &data[chunk.start * cols..chunk.end * cols];
            block.update(chunk, &mut scratch, |to| to.copy_from_slice(values));
        }
        Ok(block)
    }

    /// Rows of one chunk. It is a matter of shape alone: where a block lies must not change how its
    /// sums are cut.
    pub(crate) fn chunk_rows(&self) -> usize {
        (CHUNK / (4 * self.cols.max(1)) / GRAM_CHUNK * GRAM_CHUNK).max(GRAM_CHUNK)
    }

    /// The rows `range`, row-major; `scratch` holds them where they had to be copied.
    pub(crate) fn values<'a>(
        &'a self,
        range: Range<usize>,
        scratch: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        self.store.values(range.start * self.cols..range.end * self.cols, scratch)
    }

    /// Lets `change` work on the rows `range`.
    pub(crate) fn update(
        &mut self,
        range: Range<usize>,
        scratch: &mut Vec<f32>,
        change: impl FnOnce(&mut [f32]),
    ) {
        self.store.update(range.start * self.cols..range.end * self.cols, scratch, change);
    }

    #[cfg(test)]
    pub(crate) fn is_outside(&self) -> bool {
        self.store.is_outside()
    }
}
