//! The products W·X and Wᵀ·X of one tile of rows.

use crate::element::rows::steps;
use crate::kernels::Operand;
use crate::kernels::cpu::block::CpuBlock;
use crate::kernels::cpu::gemm::{Packed, accumulate};
use crate::kernels::cpu::matrix::Tile;
use crate::kernels::cpu::panel::{COLS, Panel};
use crate::kernels::cpu::sizes::panel_rows;

/// Buffers that all tiles of a product share.
#[derive(Default)]
pub(crate) struct Work {
    weights: Panel,
    packed: Packed,
    x: Vec<f32>,
    y: Vec<f32>,
}

/// Adds the tile's part of W·X, or Wᵀ·X with `transpose`, to `out`.
pub(crate) fn add_tile(
    w: Operand<'_, Tile<'_>>,
    transpose: bool,
    x: &CpuBlock,
    out: &mut CpuBlock,
    work: &mut Work,
) {
    let (Operand::One(tile) | Operand::Difference(tile, _)) = w;
    let (first, rows, b) = (tile.rows.start, tile.rows.len(), x.cols);
    let Work { weights, packed, x: x_scratch, y: y_scratch } = work;
    // All panels work on one chunk of the block that is as long as a row of W before the next chunk
    // comes, since that block may have to be copied.
    if transpose {
        for columns in steps(tile.cols, out.chunk_rows()) {
            out.update(columns.clone(), y_scratch, |y| {
                for panel in steps(rows, panel_rows(tile.cols)) {
                    packed.fill_rows(
                        x.values(first + panel.start..first + panel.end, x_scratch),
                        panel.len(),
                        b,
                    );
                    for cols in steps(columns.len(), COLS) {
                        weights.decode(
                            w,
                            panel.clone(),
                            columns.start + cols.start..columns.start + cols.end,
                        );
                        accumulate(
                            &mut y[cols.start * b..],
                            b,
                            cols.len(),
                            &[weights.by_columns()],
                            packed,
                            0,
                        );
                    }
                }
            });
        }
    } else {
        for columns in steps(tile.cols, x.chunk_rows()) {
            packed.fill_rows(x.values(columns.clone(), x_scratch), columns.len(), b);
            for panel in steps(rows, panel_rows(tile.cols)) {
                out.update(first + panel.start..first + panel.end, y_scratch, |y| {
                    for cols in steps(columns.len(), COLS) {
                        weights.decode(
                            w,
                            panel.clone(),
                            columns.start + cols.start..columns.start + cols.end,
                        );
                        accumulate(y, b, panel.len(), &[weights.by_rows()], packed, cols.start);
                    }
                });
            }
        }
    }
}
