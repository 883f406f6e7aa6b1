//! The CPU backend: plain definitions of every kernel, with packed SIMD products.

mod decode;
mod diff;
mod gemm;
mod panel;
mod principal;

pub use decode::Decoder;

use super::{Backend, DiffCounts, DiffQuery, Dtype, Operand, PrincipalCounts, PrincipalQuery};
use crate::error::Error;
use faer::{Mat, MatRef};
use gemm::{CHUNK, Left, Packed, accumulate};
use panel::Panel;

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
        let packed = Packed::rows(&x.data, x.rows, x.cols);
        let mut weights = Panel::default();
        for row in (0..m).step_by(panel::ROWS) {
            let rows = row..m.min(row + panel::ROWS);
            for col in (0..n).step_by(panel::COLS) {
                let cols = col..n.min(col + panel::COLS);
                weights.decode(w, rows.clone(), cols.clone());
                if transpose {
                    accumulate(&mut out.data[col * x.cols..], x.cols, cols.len(), &[weights.by_columns()], &packed, row);
                } else {
                    accumulate(&mut out.data[row * x.cols..], x.cols, rows.len(), &[weights.by_rows()], &packed, col);
                }
            }
        }
        Ok(out)
    }

    async fn gram(&self, left: &[&CpuBlock], right: &[&CpuBlock]) -> Result<Mat<f64>, Error> {
        let (p, q) = (left.iter().map(|b| b.cols).sum(), right.iter().map(|b| b.cols).sum());
        let length = left.first().map_or(0, |b| b.rows);
        let mut out = Mat::zeros(p, q);
        let (mut packed, mut partial) = (Packed::default(), Vec::new());
        for start in (0..length).step_by(CHUNK) {
            let rows = CHUNK.min(length - start);
            let mut first_col = 0;
            for r in right {
                packed.fill(rows, r.cols, |t, c| r.data[(start + t) * r.cols + c]);
                let mut first_row = 0;
                for l in left {
                    partial.clear();
                    partial.resize(l.cols * r.cols, 0.0f32);
                    let chunk = &l.data[start * l.cols..(start + rows) * l.cols];
                    accumulate(&mut partial, r.cols, l.cols, &[Left::columns(chunk, l.cols, rows)], &packed, 0);
                    for j in 0..r.cols {
                        let column = &mut out.col_as_slice_mut(first_col + j)[first_row..first_row + l.cols];
                        column.iter_mut().enumerate().for_each(|(i, sum)| *sum += f64::from(partial[i * r.cols + j]));
                    }
                    first_row += l.cols;
                }
                first_col += r.cols;
            }
        }
        Ok(out)
    }

    async fn combine(&self, start: Option<&CpuBlock>, terms: &[(&CpuBlock, MatRef<'_, f64>)]) -> Result<CpuBlock, Error> {
        let (first, c) = terms.first().ok_or_else(|| Error::Device("nothing to combine".into()))?;
        let mut out = start.cloned().unwrap_or_else(|| CpuBlock::zeros(first.rows, c.ncols()));
        let coefficients: Vec<f32> = terms.iter().flat_map(|(_, c)| (0..c.nrows()).flat_map(move |i| (0..c.ncols()).map(move |j| c[(i, j)] as f32))).collect();
        let packed = Packed::rows(&coefficients, terms.iter().map(|(_, c)| c.nrows()).sum(), c.ncols());
        let left: Vec<Left<'_>> = terms.iter().map(|(block, _)| Left::rows(&block.data, block.cols)).collect();
        accumulate(&mut out.data, c.ncols(), first.rows, &left, &packed, 0);
        Ok(out)
    }

    async fn principal_counts(&self, base: &CpuMatrix, tuned: &CpuMatrix, query: &PrincipalQuery<'_, CpuBlock>) -> Result<Vec<PrincipalCounts>, Error> {
        Ok(principal::counts(base, tuned, query))
    }

    async fn diff(&self, base: &CpuMatrix, tuned: &CpuMatrix, query: &DiffQuery) -> Result<DiffCounts, Error> {
        Ok(diff::counts(base, tuned, query))
    }
}
