//! The WebGPU backend: the same calls in a browser and natively.

pub mod device;
#[cfg(test)]
mod tests;

use super::{Backend, DiffCounts, DiffQuery, Dtype, Operand, PrincipalCounts, PrincipalQuery, combine, diff, gram, principal, product};
use crate::error::Error;
use device::Device;
pub use device::{GpuInfo, Prefer};
use faer::{Mat, MatRef};
use wgpu::Buffer;

/// Decoding of packed weights, put before kernels that read them.
pub(crate) const DECODE: &str = include_str!("decode.wgsl");
/// The update gate.
pub(crate) const GATE: &str = include_str!("gate.wgsl");

/// A WebGPU device.
pub struct Gpu {
    pub(crate) device: Device,
    tile_bytes: u64,
}

/// Consecutive whole rows in one buffer.
pub(crate) struct Tile {
    pub(crate) first_row: usize,
    pub(crate) rows: usize,
    pub(crate) words: Buffer,
}

/// A weight matrix on the device, in tiles of rows no larger than one binding.
pub struct GpuMatrix {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) dtype: Dtype,
    pub(crate) tiles: Vec<Tile>,
}

impl Drop for GpuMatrix {
    /// A browser frees a dropped buffer only when its collector runs.
    fn drop(&mut self) {
        self.tiles.iter().for_each(|t| t.words.destroy());
    }
}

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

/// Two matrices whose tiles correspond.
pub(crate) fn same_shape(a: &GpuMatrix, b: &GpuMatrix) -> Result<(), Error> {
    if (a.rows, a.cols, a.dtype) != (b.rows, b.cols, b.dtype) {
        return Err(mismatch("base and tuned differ in shape or dtype"));
    }
    if a.rows as u64 * a.cols as u64 > u64::from(u32::MAX) {
        return Err(Error::Device("more than 2^32 − 1 weights in one tensor".into()));
    }
    Ok(())
}

impl Gpu {
    /// Asks for an adapter and a device.
    pub async fn new(prefer: Prefer) -> Result<Self, Error> {
        let device = Device::new(prefer).await?;
        let tile_bytes = device.binding_limit.min(128 << 20);
        Ok(Self { device, tile_bytes })
    }

    /// What the adapter says of itself.
    pub fn info(&self) -> &GpuInfo {
        &self.device.info
    }

    /// Smaller tiles, so that tests reach the tiled paths.
    #[cfg(test)]
    fn with_tile_bytes(mut self, bytes: u64) -> Self {
        self.tile_bytes = bytes;
        self
    }

    pub(crate) fn empty_block(&self, rows: usize, cols: usize) -> Result<GpuBlock, Error> {
        let data = self.device.storage(rows as u64 * cols.div_ceil(4) as u64 * 16)?;
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

    async fn matrix(&self, rows: usize, cols: usize, dtype: Dtype, mut bytes: Vec<u8>) -> Result<GpuMatrix, Error> {
        if dtype == Dtype::F64 {
            return Err(Error::Device("F64 tensors are compared on the CPU backend".into()));
        }
        let row_bytes = cols * dtype.size();
        if bytes.len() != rows * row_bytes {
            return Err(mismatch("a matrix's bytes are not rows × columns elements"));
        }
        // Even row counts keep every tile of packed halves on a word boundary.
        let fit = (self.tile_bytes as usize / row_bytes.max(1)).min(rows.max(1));
        let per_tile = if fit >= rows { rows.max(1) } else { fit & !1 };
        if per_tile == 0 {
            return Err(Error::Device(format!("two rows of {cols} elements are over this device's binding limit")));
        }
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let mut matrix = GpuMatrix { rows, cols, dtype, tiles: Vec::new() };
        for first_row in (0..rows).step_by(per_tile) {
            let rows = per_tile.min(rows - first_row);
            let start = first_row * row_bytes;
            let words = self.device.upload(&bytes[start..start + (rows * row_bytes).next_multiple_of(4)])?;
            matrix.tiles.push(Tile { first_row, rows, words });
        }
        Ok(matrix)
    }

    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<GpuBlock, Error> {
        if data.len() != rows * cols {
            return Err(mismatch("a block's values are not rows × columns"));
        }
        let data = if cols.is_multiple_of(4) {
            self.device.upload(bytemuck::cast_slice(data))?
        } else {
            self.device.upload(bytemuck::cast_slice(&pad(rows, cols, |r, c| data[r * cols + c])))?
        };
        Ok(GpuBlock { rows, cols, data })
    }

    fn columns(&self, block: &GpuBlock) -> usize {
        block.cols
    }

    async fn read(&self, block: &GpuBlock) -> Result<Vec<f32>, Error> {
        let stride = block.stride() * 4;
        let padded: Vec<f32> = self.device.read(self.device.encoder(), &block.data, (block.rows * stride * 4) as u64).await?;
        if stride == block.cols || stride == 0 {
            return Ok(padded);
        }
        Ok(padded.chunks_exact(stride).flat_map(|row| &row[..block.cols]).copied().collect())
    }

    async fn product(&self, w: Operand<'_, GpuMatrix>, transpose: bool, x: &GpuBlock) -> Result<GpuBlock, Error> {
        product::execute(self, w, transpose, x)
    }

    async fn gram(&self, left: &[&GpuBlock], right: &[&GpuBlock]) -> Result<Mat<f64>, Error> {
        gram::execute(self, left, right).await
    }

    async fn combine(&self, start: Option<&GpuBlock>, terms: &[(&GpuBlock, MatRef<'_, f64>)]) -> Result<GpuBlock, Error> {
        combine::execute(self, start, terms)
    }

    async fn principal_counts(&self, base: &GpuMatrix, tuned: &GpuMatrix, query: &PrincipalQuery<'_, GpuBlock>) -> Result<Vec<PrincipalCounts>, Error> {
        principal::execute(self, base, tuned, query).await
    }

    async fn diff(&self, base: &GpuMatrix, tuned: &GpuMatrix, query: &DiffQuery) -> Result<DiffCounts, Error> {
        diff::execute(self, base, tuned, query).await
    }
}
