//! The WebGPU backend, which makes the same calls in a browser and natively.

use super::Backend;
use crate::element::dtype::Dtype;
use crate::element::rows::{InMemory, RowSource};
use crate::error::Error;
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::gpu::{Gpu, GpuBlock, GpuMatrix, STREAM_TILE, mismatch, pad_rows};
use crate::kernels::memory::{Memory, Residence};
use crate::kernels::operand::Operand;
use crate::kernels::principal::{Principal, PrincipalQuery};
use crate::kernels::{combine, diff, exact_gram, gram, principal, product};
use faer::{Mat, MatRef};
use std::ops::Range;
use std::rc::Rc;

impl Backend for Gpu {
    const NARROW_SUMS: bool = true;
    type Matrix = GpuMatrix;
    type Block = GpuBlock;

    fn memory(&self, heap: u64) -> Memory {
        let browser = cfg!(target_arch = "wasm32").then_some(2 * self.device.binding_limit);
        let all = self.memory.or(browser).unwrap_or(heap);
        Memory { heap, matrices: all / 2, blocks: all / 2, apart: true, tile: STREAM_TILE }
    }

    async fn matrix(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<GpuMatrix, Error> {
        let row_bytes = cols * dtype.size();
        if bytes.len() != rows * row_bytes {
            return Err(mismatch("a matrix's bytes are not rows × columns elements"));
        }
        self.place_rows(rows, cols, dtype, Rc::new(InMemory { bytes, row_bytes }), Residence::Whole)
            .await
    }

    async fn place(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<GpuMatrix, Error> {
        self.place_rows(rows, cols, dtype, source, residence).await
    }

    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<GpuBlock, Error> {
        if data.len() != rows * cols {
            return Err(mismatch("a block's values are not rows × columns"));
        }
        let data = if cols.is_multiple_of(4) {
            self.device.upload(bytemuck::cast_slice(data))?
        } else {
            self.device
                .upload(bytemuck::cast_slice(&pad_rows(rows, cols, |r, c| data[r * cols + c])))?
        };
        Ok(GpuBlock { rows, cols, data })
    }

    fn shape(&self, block: &GpuBlock) -> (usize, usize) {
        (block.rows, block.cols)
    }

    async fn read_rows(&self, block: &GpuBlock, rows: Range<usize>) -> Result<Vec<f32>, Error> {
        let stride = block.stride() * 4;
        let bytes = (rows.start * stride * 4) as u64..(rows.end * stride * 4) as u64;
        let padded: Vec<f32> = self.device.read(self.device.encoder(), &block.data, bytes).await?;
        if stride == block.cols || stride == 0 {
            return Ok(padded);
        }
        Ok(padded.chunks_exact(stride).flat_map(|row| &row[..block.cols]).copied().collect())
    }

    async fn product(
        &self,
        w: Operand<'_, GpuMatrix>,
        transpose: bool,
        x: &GpuBlock,
    ) -> Result<GpuBlock, Error> {
        product::gpu::multiply(self, w, transpose, x).await
    }

    async fn gram(&self, left: &[&GpuBlock], right: &[&GpuBlock]) -> Result<Mat<f64>, Error> {
        gram::gpu::sum_gram(self, left, right).await
    }

    async fn combine(
        &self,
        start: Option<&GpuBlock>,
        terms: &[(&GpuBlock, MatRef<'_, f64>)],
    ) -> Result<GpuBlock, Error> {
        combine::gpu::combine_blocks(self, start, terms).await
    }

    async fn principal_counts(
        &self,
        base: &GpuMatrix,
        tuned: &GpuMatrix,
        query: &PrincipalQuery<'_, GpuBlock>,
    ) -> Result<Principal, Error> {
        principal::gpu::count_bands(self, base, tuned, query).await
    }

    async fn exact_gram(
        &self,
        w: Operand<'_, GpuMatrix>,
        room: u64,
    ) -> Result<Option<Mat<f64>>, Error> {
        if !self.exact_grams || !self.device.dot4 {
            return Ok(None);
        }
        match exact_gram::gpu::sum_exact_gram(self, w, room).await {
            Err(Error::OutOfMemory(_)) => Ok(None),
            found => found,
        }
    }

    async fn diff(
        &self,
        base: &GpuMatrix,
        tuned: &GpuMatrix,
        query: &DiffQuery,
    ) -> Result<DiffCounts, Error> {
        diff::gpu::count_changes(self, base, tuned, query).await
    }
}
