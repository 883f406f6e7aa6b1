//! W·X and Wᵀ·X of one tile of rows.

use super::gemm::{View, gemm};
use super::matrix::Tile;
use super::{CpuBlock, panel_rows};
use crate::kernels::Operand;
use crate::kernels::rows::steps;
use std::ops::Range;

/// Buffers that all tiles of a product share.
#[derive(Default)]
pub(super) struct Work {
    weights: Vec<f32>,
    base: Vec<f32>,
    x: Vec<f32>,
    y: Vec<f32>,
}

/// Rows `panel` (counted in the tile) of the columns `columns`, as f32.
fn decode(w: Operand<'_, Tile<'_>>, panel: Range<usize>, columns: Range<usize>, out: &mut Vec<f32>, scratch: &mut Vec<f32>) {
    let of = |t: &Tile<'_>, out: &mut Vec<f32>| t.decoder.block_f32(t.at + panel.start..t.at + panel.end, columns.clone(), t.cols, out);
    match w {
        Operand::One(a) => of(a, out),
        Operand::Difference(base, tuned) => {
            of(tuned, out);
            of(base, scratch);
            out.iter_mut().zip(&*scratch).for_each(|(t, b)| *t -= b);
        }
    }
}

/// Adds the tile's part of W·X, or Wᵀ·X with `transpose`, to `out`.
pub(super) fn add(w: Operand<'_, Tile<'_>>, transpose: bool, x: &CpuBlock, out: &mut CpuBlock, work: &mut Work) {
    let (Operand::One(tile) | Operand::Difference(tile, _)) = w;
    let (first, rows, cols) = (tile.rows.start, tile.rows.len(), x.cols);
    let Work { weights, base, x: x_scratch, y: y_scratch } = work;
    // One chunk of the block that is as long as a row of W, then all panels: that block may have to be copied.
    if transpose {
        for columns in steps(tile.cols, out.chunk_rows()) {
            out.update(columns.clone(), y_scratch, |y| {
                for panel in steps(rows, panel_rows(tile.cols)) {
                    decode(w, panel.clone(), columns.clone(), weights, base);
                    let weights = View::rows(weights, panel.len(), columns.len()).transposed();
                    let band = x.values(first + panel.start..first + panel.end, x_scratch);
                    gemm(y, columns.len(), cols, weights, View::rows(band, panel.len(), cols));
                }
            });
        }
    } else {
        for columns in steps(tile.cols, x.chunk_rows()) {
            let part = View::rows(x.values(columns.clone(), x_scratch), columns.len(), cols);
            for panel in steps(rows, panel_rows(tile.cols)) {
                decode(w, panel.clone(), columns.clone(), weights, base);
                let weights = View::rows(weights, panel.len(), columns.len());
                let band = first + panel.start..first + panel.end;
                out.update(band, y_scratch, |y| gemm(y, panel.len(), cols, weights, part));
            }
        }
    }
}
