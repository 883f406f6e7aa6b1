//! The GPU as a device, in a browser or natively: matrices as packed words, blocks of f32.

pub mod device;
pub(crate) mod matrix;
pub(crate) mod shader;
#[cfg(test)]
mod tests;

use crate::error::Error;
use device::Device;
pub use device::{GpuInfo, Prefer};
pub use matrix::GpuMatrix;
use wgpu::Buffer;

/// A WebGPU device.
pub struct Gpu {
    pub(crate) device: Device,
    pub(crate) tile_bytes: u64,
    pub(crate) memory: Option<u64>,
    pub(crate) exact_grams: bool,
}

/// Bytes of a tile of a streamed matrix.
pub(crate) const STREAM_TILE: u64 = 16 << 20;

/// A tall f32 block on the device; rows are padded with zeros to whole vec4s.
pub struct GpuBlock {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) data: Buffer,
}

impl GpuBlock {
    /// Returns the vec4s of one row.
    pub(crate) fn stride(&self) -> usize {
        self.cols.div_ceil(4)
    }
}

impl Drop for GpuBlock {
    fn drop(&mut self) {
        self.data.destroy();
    }
}

/// Makes the error of shapes that do not fit.
pub(crate) fn mismatch(what: &str) -> Error {
    Error::Device(format!("shapes do not fit: {what}"))
}

impl Gpu {
    /// Asks for an adapter and a device.
    ///
    /// # Errors
    /// [`Error::Device`] if no such adapter is found, or if it gives no device.
    pub async fn new(prefer: Prefer) -> Result<Self, Error> {
        let device = Device::new(prefer).await?;
        let tile_bytes = device.binding_limit.min(128 << 20);
        let exact_grams = !device.info.software;
        Ok(Self { device, tile_bytes, memory: None, exact_grams })
    }

    /// Returns the adapter's description of itself.
    pub fn info(&self) -> &GpuInfo {
        &self.device.info
    }

    /// Sets the bytes of the device's memory that one tensor may take, half for its matrices and
    /// half for blocks.
    ///
    /// If they are not set, a tensor may take natively what the program may take itself, and in a
    /// browser twice the largest buffer, at most 2 GiB, since WebGPU does not tell how much memory
    /// there is.
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Sets whether this device computes exact Gram matrices. By default hardware adapters do,
    /// since software ones multiply integers more slowly than the CPU does f64. Without WGSL's
    /// `packed_4x8_integer_dot_product` none does.
    pub fn with_exact_grams(mut self, wanted: bool) -> Self {
        self.exact_grams = wanted;
        self
    }

    /// Returns the first error that the device gave since the last call; `None` if it gave none.
    pub fn take_refusal(&self) -> Option<Error> {
        self.device.take_refusal()
    }

    /// Returns why the device is lost; `None` while it still computes.
    pub async fn find_loss(&self) -> Option<Error> {
        self.device.find_loss().await
    }

    /// Allocates a block of zeros.
    pub(crate) async fn empty_block(&self, rows: usize, cols: usize) -> Result<GpuBlock, Error> {
        let data = self.device.allocate(rows as u64 * cols.div_ceil(4) as u64 * 16).await?;
        Ok(GpuBlock { rows, cols, data })
    }
}

/// Returns row-major values with each row padded to whole vec4s by zeros.
pub(crate) fn pad_rows(rows: usize, cols: usize, at: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let stride = cols.div_ceil(4) * 4;
    let mut out = vec![0.0; rows * stride];
    for r in 0..rows {
        for c in 0..cols {
            out[r * stride + c] = at(r, c);
        }
    }
    out
}
