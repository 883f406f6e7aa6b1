//! The CPU backend, which calls the plain definition of every kernel.

use super::Backend;
use crate::element::dtype::Dtype;
use crate::element::rows::RowSource;
use crate::error::Error;
use crate::kernels::cpu::matrix::{Tiles, for_each_tile, operand_shape, tile_ranges};
use crate::kernels::cpu::sizes::{BESIDE, TILE};
use crate::kernels::cpu::{Cpu, CpuBlock, CpuMatrix};
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::memory::{Memory, Residence};
use crate::kernels::operand::Operand;
use crate::kernels::principal::{Principal, PrincipalQuery};
use crate::kernels::{combine, diff, gram, principal, product};
use faer::{Mat, MatRef};
use std::ops::Range;
use std::rc::Rc;

impl Backend for Cpu {
    type Matrix = CpuMatrix;
    type Block = CpuBlock;

    fn memory(&self, heap: u64) -> Memory {
        let blocks = if cfg!(target_arch = "wasm32") { BESIDE } else { heap / 2 };
        Memory { heap, matrices: heap / 2, blocks, apart: false, tile: TILE }
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
        let (m, n) = operand_shape(w);
        let mut out = CpuBlock::zeros(if transpose { n } else { m }, x.cols)?;
        let mut work = product::cpu::Work::default();
        for rows in tile_ranges(w) {
            let tiles = Tiles::read(w, rows).await?;
            product::cpu::add_tile(tiles.operand(), transpose, x, &mut out, &mut work);
        }
        Ok(out)
    }

    async fn gram(&self, left: &[&CpuBlock], right: &[&CpuBlock]) -> Result<Mat<f64>, Error> {
        Ok(gram::cpu::sum_gram(left, right))
    }

    async fn combine(
        &self,
        start: Option<&CpuBlock>,
        terms: &[(&CpuBlock, MatRef<'_, f64>)],
    ) -> Result<CpuBlock, Error> {
        combine::cpu::combine_blocks(start, terms)
    }

    async fn principal_counts(
        &self,
        base: &CpuMatrix,
        tuned: &CpuMatrix,
        query: &PrincipalQuery<'_, CpuBlock>,
    ) -> Result<Principal, Error> {
        let mut out = principal::cpu::zero_counts(query);
        let mut work = principal::cpu::Work::default();
        for_each_tile(base, tuned, |base, tuned| {
            principal::cpu::count_tile(&mut out, base, tuned, query, &mut work)
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
        let mut out = diff::cpu::Diff::new(base.rows, base.cols, query);
        for_each_tile(base, tuned, |base, tuned| out.count_tile(base, tuned)).await?;
        Ok(out.finish())
    }
}
