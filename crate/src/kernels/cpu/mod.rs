//! The CPU backend: plain definitions of every kernel, with packed SIMD products.

mod adapter;
mod block;
mod decode;
mod diff;
mod fisher;
mod gemm;
mod listed;
mod matrix;
mod overlap;
mod panel;
mod principal;
mod product;
mod store;
#[cfg(test)]
mod tests;

pub use adapter::AdapterSums;
pub use block::CpuBlock;
pub use decode::Decoder;
pub use fisher::{FisherSums, FisherWork};
pub use listed::{ListedCounts, Marks, Places};
pub use matrix::CpuMatrix;
pub use overlap::{MOST_RUNS, OverlapCounts, StepCounts, Work as OverlapWork};

use super::rows::{Memory, Residence, RowSource, steps};
use super::{Backend, DiffCounts, DiffQuery, Dtype, Operand, Principal, PrincipalQuery};
use crate::error::Error;
use faer::{Mat, MatRef};
use gemm::{CHUNK, Left, Packed, accumulate};
use matrix::{Tile, Tiles, tiling};
use std::ops::Range;
use std::rc::Rc;

/// Rows decoded to f32 at a time: with some thousand columns a panel stays within a core's cache,
/// and every f32 sum over rows is cut into chunks of this many terms.
const PANEL: usize = 64;
/// Bytes of a decoded panel: rows of a hundred thousand weights make it lower.
const PANEL_BYTES: usize = 8 << 20;
/// Rows summed in f32 before a Gram matrix goes on in f64.
const GRAM_CHUNK: usize = CHUNK;
/// Rows of all terms of a combination that are at hand together.
const COMBINED: usize = 16 * CHUNK;
/// Bytes of a tile of a streamed matrix.
const TILE: u64 = 4 << 20;
/// Bytes of blocks that a browser keeps beside the wasm heap for one tensor.
const BESIDE: u64 = 1 << 30;

/// The CPU as a device.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

/// Rows of a panel of a matrix with `cols` columns, a multiple of 8.
fn panel_rows(cols: usize) -> usize {
    (PANEL_BYTES / (4 * cols.max(1)) / 8 * 8).clamp(8, PANEL)
}

fn shape(w: Operand<'_, CpuMatrix>) -> (usize, usize) {
    match w {
        Operand::One(a) | Operand::Difference(a, _) => (a.rows, a.cols),
    }
}

/// Lets `work` see every tile of base and tuned, in order.
async fn each_tile(
    base: &CpuMatrix,
    tuned: &CpuMatrix,
    mut work: impl FnMut(&Tile<'_>, &Tile<'_>),
) -> Result<(), Error> {
    let both = Operand::Difference(base, tuned);
    for rows in tiling(both) {
        if let Tiles::Two(base, tuned) = Tiles::read(both, rows).await? {
            work(&base, &tuned);
        }
    }
    Ok(())
}

impl Backend for Cpu {
    type Matrix = CpuMatrix;
    type Block = CpuBlock;

    fn memory(&self, heap: u64) -> Memory {
        let blocks = if cfg!(target_arch = "wasm32") {
            BESIDE
        } else {
            heap / 2
        };
        Memory {
            heap,
            matrices: heap / 2,
            blocks,
            apart: false,
            tile: TILE,
        }
    }

    async fn matrix(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<CpuMatrix, Error> {
        CpuMatrix::whole(rows, cols, dtype, bytes)
    }

    async fn place(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<CpuMatrix, Error> {
        CpuMatrix::placed(rows, cols, dtype, source, residence).await
    }

    fn block(&self, rows: usize, cols: usize, data: &[f32]) -> Result<CpuBlock, Error> {
        CpuBlock::filled(rows, cols, data)
    }

    fn shape(&self, block: &CpuBlock) -> (usize, usize) {
        (block.rows, block.cols)
    }

    async fn read_rows(&self, block: &CpuBlock, rows: Range<usize>) -> Result<Vec<f32>, Error> {
        let mut scratch = Vec::new();
        Ok(block.values(rows, &mut scratch).to_vec())
    }

    async fn product(
        &self,
        w: Operand<'_, CpuMatrix>,
        transpose: bool,
        x: &CpuBlock,
    ) -> Result<CpuBlock, Error> {
        let (m, n) = shape(w);
        let mut out = CpuBlock::zeros(if transpose { n } else { m }, x.cols)?;
        let mut work = product::Work::default();
        for rows in tiling(w) {
            let tiles = Tiles::read(w, rows).await?;
            product::add(tiles.operand(), transpose, x, &mut out, &mut work);
        }
        Ok(out)
    }

    async fn gram(&self, left: &[&CpuBlock], right: &[&CpuBlock]) -> Result<Mat<f64>, Error> {
        let (p, q) = (
            left.iter().map(|b| b.cols).sum(),
            right.iter().map(|b| b.cols).sum(),
        );
        let mut out = Mat::zeros(p, q);
        let (mut packed, mut partial, mut l_scratch, mut r_scratch) =
            (Packed::default(), Vec::new(), Vec::new(), Vec::new());
        for rows in steps(left.first().map_or(0, |b| b.rows), GRAM_CHUNK) {
            let mut j0 = 0;
            for r in right {
                packed.fill_rows(r.values(rows.clone(), &mut r_scratch), rows.len(), r.cols);
                let mut i0 = 0;
                for l in left {
                    partial.clear();
                    partial.resize(l.cols * r.cols, 0.0f32);
                    let a =
                        Left::columns(l.values(rows.clone(), &mut l_scratch), l.cols, rows.len());
                    accumulate(&mut partial, r.cols, l.cols, &[a], &packed, 0);
                    for j in 0..r.cols {
                        let column = &mut out.col_as_slice_mut(j0 + j)[i0..i0 + l.cols];
                        column
                            .iter_mut()
                            .enumerate()
                            .for_each(|(i, sum)| *sum += f64::from(partial[i * r.cols + j]));
                    }
                    i0 += l.cols;
                }
                j0 += r.cols;
            }
        }
        Ok(out)
    }

    async fn combine(
        &self,
        start: Option<&CpuBlock>,
        terms: &[(&CpuBlock, MatRef<'_, f64>)],
    ) -> Result<CpuBlock, Error> {
        let (first, c) = terms
            .first()
            .ok_or_else(|| Error::Device("nothing to combine".into()))?;
        let mut out = CpuBlock::zeros(first.rows, c.ncols())?;
        let rounded = |c: &MatRef<'_, f64>| {
            (0..c.nrows())
                .flat_map(|i| (0..c.ncols()).map(move |j| c[(i, j)] as f32))
                .collect::<Vec<_>>()
        };
        let coefficients: Vec<f32> = terms.iter().flat_map(|(_, c)| rounded(c)).collect();
        let mut packed = Packed::default();
        packed.fill_rows(
            &coefficients,
            coefficients.len() / c.ncols().max(1),
            c.ncols(),
        );
        let (mut scratch, mut y_scratch) = (vec![Vec::new(); terms.len()], Vec::new());
        for window in steps(out.rows, COMBINED) {
            out.update(window.clone(), &mut y_scratch, |y| {
                if let (Some(start), Some(scratch)) = (start, scratch.first_mut()) {
                    y.copy_from_slice(start.values(window.clone(), scratch));
                }
                let values = terms.iter().zip(&mut scratch);
                let left: Vec<Left<'_>> = values
                    .map(|((block, _), s)| Left::rows(block.values(window.clone(), s), block.cols))
                    .collect();
                accumulate(y, c.ncols(), window.len(), &left, &packed, 0);
            });
        }
        Ok(out)
    }

    async fn principal_counts(
        &self,
        base: &CpuMatrix,
        tuned: &CpuMatrix,
        query: &PrincipalQuery<'_, CpuBlock>,
    ) -> Result<Principal, Error> {
        let mut out = principal::zero(query);
        let mut work = principal::Work::default();
        each_tile(base, tuned, |base, tuned| {
            principal::add(&mut out, base, tuned, query, &mut work)
        })
        .await?;
        Ok(out)
    }

    async fn diff(
        &self,
        base: &CpuMatrix,
        tuned: &CpuMatrix,
        query: &DiffQuery,
    ) -> Result<DiffCounts, Error> {
        let mut out = DiffCounts::zero(base.rows, base.cols, &query.grid);
        each_tile(base, tuned, |base, tuned| {
            diff::add(&mut out, base, tuned, query)
        })
        .await?;
        Ok(out)
    }
}
