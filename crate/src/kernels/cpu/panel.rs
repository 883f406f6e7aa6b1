//! A piece of a weight matrix as f32, small enough to stay in a core's cache while a product uses it.

use super::CpuMatrix;
use super::gemm::{CHUNK, Left, PANEL_STRIDE};
use crate::kernels::Operand;
use std::ops::Range;

/// Rows of a panel: with [`CHUNK`] columns it is 68 KiB, and sums over rows are cut into chunks of this many terms.
pub const ROWS: usize = 64;
/// Columns of a panel.
pub const COLS: usize = CHUNK;
/// Rows of a tile at most, less one: so many rows past a panel may be read, but not used.
const SLACK: usize = 8;

/// Decoded weights, used again and again for the panels of one product.
#[derive(Debug, Default)]
pub struct Panel {
    values: Vec<f32>,
    subtrahend: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl Panel {
    /// Takes in `rows` × `cols` of an operand, at most [`ROWS`] × [`COLS`].
    pub fn decode(&mut self, w: Operand<'_, CpuMatrix>, rows: Range<usize>, cols: Range<usize>) {
        (self.rows, self.cols) = (rows.len(), cols.len());
        // Dispatched, so that decoding uses the widest registers too.
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || match w {
                Operand::One(a) => fill(&mut self.values, a, rows, cols),
                Operand::Difference(base, tuned) => {
                    fill(&mut self.values, tuned, rows.clone(), cols.clone());
                    fill(&mut self.subtrahend, base, rows, cols);
                    self.values.iter_mut().zip(&self.subtrahend).for_each(|(v, s)| *v -= s);
                }
            },
        );
    }

    /// The panel as an operand, its columns being the terms.
    pub fn by_rows(&self) -> Left<'_> {
        Left { data: &self.values, row_stride: PANEL_STRIDE, term_stride: 1, terms: self.cols }
    }

    /// The panel's transpose, its rows being the terms.
    pub fn by_columns(&self) -> Left<'_> {
        Left::columns(&self.values, PANEL_STRIDE, self.rows)
    }
}

#[inline(always)]
fn fill(out: &mut Vec<f32>, matrix: &CpuMatrix, rows: Range<usize>, cols: Range<usize>) {
    out.resize((rows.len() + SLACK) * PANEL_STRIDE, 0.0);
    for (row, line) in rows.zip(out.chunks_exact_mut(PANEL_STRIDE)) {
        matrix.decoder.run_f32(row * matrix.cols + cols.start, &mut line[..cols.len()]);
    }
}
