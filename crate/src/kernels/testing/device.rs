//! Backends as the suites see them.

use super::CHUNKED_ERROR;
use crate::element::Dtype;
use crate::kernels::cpu::matrix::tile_ranges;
use crate::kernels::cpu::sizes::PANEL;
use crate::kernels::cpu::{Cpu, CpuMatrix};
use crate::kernels::gpu::{Gpu, GpuMatrix};
use crate::kernels::{Backend, Operand};

/// A backend as the suites see it: its kernels, and what distinguishes it from the others.
pub(crate) trait TestDevice: Backend {
    /// The dtypes of its matrices.
    const DTYPES: &'static [Dtype];
    /// Error of its sums of squares, relative to what is summed.
    const SUM_ERROR: f64;
    /// Returns tuned − base as the diff subtracts.
    fn subtract(tuned: f64, base: f64) -> f64;
    /// Returns sizes of tiles in bytes that cut a matrix with `cols` columns into several tiles.
    fn tile_sizes(cols: usize, dtype: Dtype) -> Vec<u64>;
    /// Limits the tiles of matrices that are placed from now on.
    fn limit_tiles(&mut self, bytes: u64);
    /// Returns the number of tiles of a matrix.
    fn count_tiles(matrix: &Self::Matrix) -> usize;
    /// Fails if a matrix with `rows` rows is in fewer tiles than tiles of `bytes` should make.
    fn assert_tiles(matrix: &Self::Matrix, rows: usize, bytes: u64);
}

impl TestDevice for Cpu {
    const DTYPES: &'static [Dtype] = &[Dtype::Bf16, Dtype::F16, Dtype::F32, Dtype::F64];
    const SUM_ERROR: f64 = 1e-12;

    fn subtract(tuned: f64, base: f64) -> f64 {
        tuned - base
    }
    fn tile_sizes(cols: usize, dtype: Dtype) -> Vec<u64> {
        // A tile holds at least one panel, which is 64 rows here; then two of them.
        vec![1, (130 * cols * dtype.size()) as u64]
    }
    fn limit_tiles(&mut self, _: u64) {}
    fn count_tiles(matrix: &CpuMatrix) -> usize {
        tile_ranges(Operand::One(matrix)).count()
    }
    fn assert_tiles(matrix: &CpuMatrix, rows: usize, bytes: u64) {
        assert!(bytes > 1 || Self::count_tiles(matrix) == rows.div_ceil(PANEL));
    }
}

impl TestDevice for Gpu {
    const DTYPES: &'static [Dtype] = &[Dtype::Bf16, Dtype::F16, Dtype::F32];
    const SUM_ERROR: f64 = CHUNKED_ERROR;

    fn subtract(tuned: f64, base: f64) -> f64 {
        f64::from(tuned as f32 - base as f32)
    }
    fn tile_sizes(cols: usize, dtype: Dtype) -> Vec<u64> {
        // Two rows.
        vec![(cols * dtype.size() * 2) as u64 + 1]
    }
    fn limit_tiles(&mut self, bytes: u64) {
        self.tile_bytes = bytes;
    }
    fn count_tiles(matrix: &GpuMatrix) -> usize {
        matrix.tiling().count()
    }
    fn assert_tiles(matrix: &GpuMatrix, rows: usize, _: u64) {
        assert!(rows < 5 || Self::count_tiles(matrix) >= 3);
    }
}
