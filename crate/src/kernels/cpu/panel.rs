//! A piece of a weight matrix as f32, small enough to stay in a core's cache while a product uses
//! it.

use crate::kernels::Operand;
use crate::kernels::cpu::gemm::Left;
use crate::kernels::cpu::gemm::tile::{CHUNK, PANEL_STRIDE};
use crate::kernels::cpu::matrix::Tile;
use std::ops::Range;

/// Columns of a panel.
pub const COLS: usize = CHUNK;
/// So many rows past a panel may be read, but not used: as many as a tile of the product has, at
/// most.
const SLACK: usize = 8;

/// Decoded weights, used again and again for the panels of one product.
#[derive(Debug, Default)]
pub struct Panel {
    values: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl Panel {
    /// Decodes `rows` (counted in the tile) × `cols` of an operand, at most [`COLS`] columns.
    pub fn decode(&mut self, w: Operand<'_, Tile<'_>>, rows: Range<usize>, cols: Range<usize>) {
        (self.rows, self.cols) = (rows.len(), cols.len());
        // Dispatched, so that decoding uses the widest registers too.
        pulp::Arch::new().dispatch(Decode { panel: self, w, rows, cols });
    }

    /// Returns the panel as an operand whose terms are its columns.
    pub fn by_rows(&self) -> Left<'_> {
        Left { data: &self.values, row_stride: PANEL_STRIDE, term_stride: 1, terms: self.cols }
    }

    /// Returns the panel's transpose as an operand whose terms are its rows.
    pub fn by_columns(&self) -> Left<'_> {
        Left::columns(&self.values, PANEL_STRIDE, self.rows)
    }
}

/// One run of [`Panel::decode`].
struct Decode<'a, 't> {
    panel: &'a mut Panel,
    w: Operand<'a, Tile<'t>>,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl pulp::WithSimd for Decode<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let values = &mut self.panel.values;
        values.resize((self.rows.len() + SLACK) * PANEL_STRIDE, 0.0);
        for (row, line) in self.rows.zip(values.chunks_exact_mut(PANEL_STRIDE)) {
            let at = |tile: &Tile<'_>| (tile.at + row) * tile.cols + self.cols.start;
            let line = &mut line[..self.cols.len()];
            match self.w {
                Operand::One(a) => a.decoder.decode_f32(at(a), line),
                Operand::Difference(base, tuned) => {
                    tuned.decoder.decode_difference(at(tuned), &base.decoder, at(base), line)
                }
            }
        }
    }
}
