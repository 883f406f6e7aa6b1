//! The WebGPU backend: the same calls in a browser and natively.

pub mod device;
mod matrix;
#[cfg(test)]
mod tests;

use super::rows::{InMemory, Memory, Residence, RowSource};
use super::{
    Backend, DiffCounts, DiffQuery, Dtype, Operand, Principal, PrincipalQuery, combine, diff, gram,
    principal, product, slices,
};
use crate::error::Error;
use device::Device;
pub use device::{GpuInfo, Prefer};
use faer::{Mat, MatRef};
pub use matrix::GpuMatrix;
pub(crate) use matrix::same_shape;
use std::ops::Range;
use std::rc::Rc;
use wgpu::Buffer;

/// Decoding of packed weights, put before kernels that read them.
pub(crate) const DECODE: &str = include_str!("decode.wgsl");
/// The update gate.
pub(crate) const GATE: &str = include_str!("gate.wgsl");

/// A WebGPU device.
pub struct Gpu {
    pub(crate) device: Device,
    tile_bytes: u64,
    memory: Option<u64>,
    exact_grams: bool,
}

/// Bytes of a tile of a streamed matrix.
const STREAM_TILE: u64 = 16 << 20;

/// A tall f32 block on the device; rows are padded with zeros to whole vec4s.
pub struct GpuBlock {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) data: Buffer,
}

impl GpuBlock {
    /// vec4s of one row.
    pub(crate) fn stride(&self) -> usize {
        self.cols.div_ceil(4)
    }
}

impl Drop for GpuBlock {
    fn drop(&mut self) {
        self.data.destroy();
    }
}

/// The number the shaders know a dtype by.
pub(crate) fn code(dtype: Dtype) -> u32 {
    match dtype {
        Dtype::Bf16 => 0,
        Dtype::F16 => 1,
        _ => 2,
    }
}

pub(crate) fn mismatch(what: &str) -> Error {
    Error::Device(format!("shapes do not fit: {what}"))
}

impl Gpu {
    /// Asks for an adapter and a device.
    pub async fn new(prefer: Prefer) -> Result<Self, Error> {
        let device = Device::new(prefer).await?;
        let tile_bytes = device.binding_limit.min(128 << 20);
        let exact_grams = !device.info.software;
        Ok(Self {
            device,
            tile_bytes,
            memory: None,
            exact_grams,
        })
    }

    /// What the adapter says of itself.
    pub fn info(&self) -> &GpuInfo {
        &self.device.info
    }

    /// Bytes of the device's memory that one tensor may take, half for its matrices and half for
    /// blocks.
    ///
    /// Without it: natively what the program may take itself; in a browser twice the largest
    /// buffer, at most 2 GiB, since WebGPU does not tell how much memory there is.
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Whether [`Backend::exact_gram`] is this device's: by default on hardware adapters, as
    /// software ones multiply integers more slowly than the CPU does f64. Without WGSL's
    /// `packed_4x8_integer_dot_product` it never is.
    pub fn with_exact_grams(mut self, wanted: bool) -> Self {
        self.exact_grams = wanted;
        self
    }

    /// Smaller tiles, so that tests reach the tiled paths.
    #[cfg(test)]
    pub(crate) fn with_tile_bytes(mut self, bytes: u64) -> Self {
        self.tile_bytes = bytes;
        self
    }

    pub(crate) async fn empty_block(&self, rows: usize, cols: usize) -> Result<GpuBlock, Error> {
        let data = self
            .device
            .allocate(rows as u64 * cols.div_ceil(4) as u64 * 16)
            .await?;
        Ok(GpuBlock { rows, cols, data })
    }
}

/// Row-major values with each row padded to whole vec4s.
pub(crate) fn pad(rows: usize, cols: usize, at: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let stride = cols.div_ceil(4) * 4;
    let mut out = vec![0.0; rows * stride];
    for r in 0..rows {
        for c in 0..cols {
            out[r * stride + c] = at(r, c);
        }
    }
    out
}

impl Backend for Gpu {
    type Matrix = GpuMatrix;
    type Block = GpuBlock;

    fn memory(&self, heap: u64) -> Memory {
        let browser = cfg!(target_arch = "wasm32").then_some(2 * self.device.binding_limit);
        let all = self.memory.or(browser).unwrap_or(heap);
        Memory {
            heap,
            matrices: all / 2,
            blocks: all / 2,
            apart: true,
            tile: STREAM_TILE,
        }
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
        self.placed(
            rows,
            cols,
            dtype,
            Rc::new(InMemory { bytes, row_bytes }),
            Residence::Whole,
        )
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
        self.placed(rows, cols, dtype, source, residence).await
    }

    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<GpuBlock, Error> {
        if data.len() != rows * cols {
            return Err(mismatch("a block's values are not rows × columns"));
        }
        let data = if cols.is_multiple_of(4) {
            self.device.upload(bytemuck::cast_slice(data))?
        } else {
            self.device
                .upload(bytemuck::cast_slice(&pad(rows, cols, |r, c| {
                    data[r * cols + c]
                })))?
        };
        Ok(GpuBlock { rows, cols, data })
    }

    fn shape(&self, block: &GpuBlock) -> (usize, usize) {
        (block.rows, block.cols)
    }

    async fn read_rows(&self, block: &GpuBlock, rows: Range<usize>) -> Result<Vec<f32>, Error> {
        let stride = block.stride() * 4;
        let bytes = (rows.start * stride * 4) as u64..(rows.end * stride * 4) as u64;
        let padded: Vec<f32> = self
            .device
            .read(self.device.encoder(), &block.data, bytes)
            .await?;
        if stride == block.cols || stride == 0 {
            return Ok(padded);
        }
        Ok(padded
            .chunks_exact(stride)
            .flat_map(|row| &row[..block.cols])
            .copied()
            .collect())
    }

    async fn product(
        &self,
        w: Operand<'_, GpuMatrix>,
        transpose: bool,
        x: &GpuBlock,
    ) -> Result<GpuBlock, Error> {
        product::execute(self, w, transpose, x).await
    }

    async fn gram(&self, left: &[&GpuBlock], right: &[&GpuBlock]) -> Result<Mat<f64>, Error> {
        gram::execute(self, left, right).await
    }

    async fn combine(
        &self,
        start: Option<&GpuBlock>,
        terms: &[(&GpuBlock, MatRef<'_, f64>)],
    ) -> Result<GpuBlock, Error> {
        combine::execute(self, start, terms).await
    }

    async fn principal_counts(
        &self,
        base: &GpuMatrix,
        tuned: &GpuMatrix,
        query: &PrincipalQuery<'_, GpuBlock>,
    ) -> Result<Principal, Error> {
        principal::execute(self, base, tuned, query).await
    }

    async fn exact_gram(
        &self,
        w: Operand<'_, GpuMatrix>,
        room: u64,
    ) -> Result<Option<Mat<f64>>, Error> {
        if !self.exact_grams || !self.device.dot4 {
            return Ok(None);
        }
        match slices::execute(self, w, room).await {
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
        diff::execute(self, base, tuned, query).await
    }
}
