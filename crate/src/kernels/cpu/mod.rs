//! The CPU backend: plain definitions of every kernel, with packed SIMD products.

mod decode;
mod diff;
mod gemm;
mod principal;

pub use decode::Decoder;

use super::{Backend, DiffCounts, DiffQuery, Dtype, Operand, PrincipalCounts, PrincipalQuery};
use crate::error::Error;
use faer::{Mat, MatRef};
use gemm::{View, gemm};

/// Rows decoded to f32 at a time: with some thousand columns a panel stays within a core's cache, and every f32 sum
/// over rows is cut into chunks of this many terms.
const PANEL: usize = 64;
/// Rows summed in f32 before a Gram matrix goes on in f64.
const GRAM_CHUNK: usize = 256;

/// The CPU as a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

/// A weight matrix, as in the file.
#[derive(Debug, Clone)]
pub struct CpuMatrix {
    /// m.
    pub rows: usize,
    /// n.
    pub cols: usize,
    decoder: Decoder,
}

/// A row-major f32 block.
#[derive(Debug, Clone, PartialEq)]
pub struct CpuBlock {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl CpuBlock {
    fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }
    fn view(&self) -> View<'_> {
        View::rows(&self.data, self.rows, self.cols)
    }
}

fn panel(w: Operand<'_, CpuMatrix>, start: usize, rows: usize, out: &mut Vec<f32>, scratch: &mut Vec<f32>) {
    match w {
        Operand::One(a) => a.decoder.rows_f32(start, rows, a.cols, out),
        Operand::Difference(base, tuned) => {
            tuned.decoder.rows_f32(start, rows, tuned.cols, out);
            base.decoder.rows_f32(start, rows, base.cols, scratch);
            out.iter_mut().zip(&*scratch).for_each(|(t, b)| *t -= b);
        }
    }
}

fn shape(w: Operand<'_, CpuMatrix>) -> (usize, usize) {
    match w {
        Operand::One(a) | Operand::Difference(a, _) => (a.rows, a.cols),
    }
}

impl Backend for Cpu {
    type Matrix = CpuMatrix;
    type Block = CpuBlock;

    async fn matrix(&self, rows: usize, cols: usize, dtype: Dtype, bytes: Vec<u8>) -> Result<CpuMatrix, Error> {
        if bytes.len() != rows * cols * dtype.size() {
            return Err(Error::Device(format!("{} bytes are no {rows}×{cols} {} matrix", bytes.len(), dtype.name())));
        }
        Ok(CpuMatrix { rows, cols, decoder: Decoder::new(dtype, bytes) })
    }

    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<CpuBlock, Error> {
        Ok(CpuBlock { rows, cols, data: data.to_vec() })
    }

    fn columns(&self, block: &CpuBlock) -> usize {
        block.cols
    }

    async fn read(&self, block: &CpuBlock) -> Result<Vec<f32>, Error> {
        Ok(block.data.clone())
    }

    async fn product(&self, w: Operand<'_, CpuMatrix>, transpose: bool, x: &CpuBlock) -> Result<CpuBlock, Error> {
        let (m, n) = shape(w);
        let mut out = CpuBlock::zeros(if transpose { n } else { m }, x.cols);
        let (mut weights, mut scratch) = (Vec::new(), Vec::new());
        for start in (0..m).step_by(PANEL) {
            let rows = PANEL.min(m - start);
            panel(w, start, rows, &mut weights, &mut scratch);
            let weights = View::rows(&weights, rows, n);
            let band = start * x.cols..(start + rows) * x.cols;
            if transpose {
                gemm(&mut out.data, n, x.cols, weights.transposed(), View::rows(&x.data[band], rows, x.cols));
            } else {
                gemm(&mut out.data[band], rows, x.cols, weights, x.view());
            }
        }
        Ok(out)
    }

    async fn gram(&self, left: &[&CpuBlock], right: &[&CpuBlock]) -> Result<Mat<f64>, Error> {
        let (p, q) = (left.iter().map(|b| b.cols).sum(), right.iter().map(|b| b.cols).sum());
        let mut out = Mat::zeros(p, q);
        let mut partial = Vec::new();
        let mut i0 = 0;
        for l in left {
            let mut j0 = 0;
            for r in right {
                for start in (0..l.rows).step_by(GRAM_CHUNK) {
                    let rows = GRAM_CHUNK.min(l.rows - start);
                    partial.clear();
                    partial.resize(l.cols * r.cols, 0.0f32);
                    let chunk = |b: &'_ CpuBlock| (start * b.cols, (start + rows) * b.cols);
                    let ((a0, a1), (b0, b1)) = (chunk(l), chunk(r));
                    let a = View::rows(&l.data[a0..a1], rows, l.cols).transposed();
                    gemm(&mut partial, l.cols, r.cols, a, View::rows(&r.data[b0..b1], rows, r.cols));
                    for i in 0..l.cols {
                        for j in 0..r.cols {
                            out[(i0 + i, j0 + j)] += f64::from(partial[i * r.cols + j]);
                        }
                    }
                }
                j0 += r.cols;
            }
            i0 += l.cols;
        }
        Ok(out)
    }

    async fn combine(&self, start: Option<&CpuBlock>, terms: &[(&CpuBlock, MatRef<'_, f64>)]) -> Result<CpuBlock, Error> {
        let (first, c) = terms.first().ok_or_else(|| Error::Device("nothing to combine".into()))?;
        let mut out = start.cloned().unwrap_or_else(|| CpuBlock::zeros(first.rows, c.ncols()));
        for (block, c) in terms {
            let c32: Vec<f32> = (0..c.nrows()).flat_map(|i| (0..c.ncols()).map(move |j| c[(i, j)] as f32)).collect();
            gemm(&mut out.data, block.rows, c.ncols(), block.view(), View::rows(&c32, c.nrows(), c.ncols()));
        }
        Ok(out)
    }

    async fn principal_counts(&self, base: &CpuMatrix, tuned: &CpuMatrix, query: &PrincipalQuery<'_, CpuBlock>) -> Result<Vec<PrincipalCounts>, Error> {
        Ok(principal::counts(base, tuned, query))
    }

    async fn diff(&self, base: &CpuMatrix, tuned: &CpuMatrix, query: &DiffQuery) -> Result<DiffCounts, Error> {
        Ok(diff::counts(base, tuned, query))
    }
}
