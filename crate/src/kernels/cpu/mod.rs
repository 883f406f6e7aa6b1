//! The CPU as a device: matrices in their stored dtype, blocks of f32, packed SIMD products.

pub(crate) mod block;
pub(crate) mod gemm;
pub(crate) mod matrix;
pub(crate) mod panel;
pub(crate) mod sizes;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use block::CpuBlock;
pub use matrix::CpuMatrix;

/// The CPU as a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;
