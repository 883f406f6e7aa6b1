//! Gate III, element by element: The Path Not Taken, Def. 2.1 and 2.2; docs/numerics.md §9.

use crate::element::decode::{Element, with_element};
use crate::element::grid::Grid;
use crate::element::rows::steps;
use crate::kernels::cpu::matrix::Tile;
use crate::kernels::diff::row::{CODES, Piece, RowSums};
use crate::kernels::diff::{DiffCounts, DiffQuery, MAGNITUDES, ULP_BINS};
use std::marker::PhantomData;

/// Weights of a row that are counted at a time, after which the counts by code, which are u32, may
/// go into larger ones.
const PIECE: usize = 1 << 20;

/// A diff on its way: what is counted so far, a tile after another.
pub(crate) struct Diff<'q> {
    counts: DiffCounts,
    query: &'q DiffQuery,
    cells: Vec<usize>,
    codes: Box<[u32; CODES]>,
    /// Weights since `codes` were zero.
    counted: usize,
    /// Whether ‖W0‖_F² follows from the counts by code, since these hold every weight exactly.
    squares_by_code: bool,
}

impl<'q> Diff<'q> {
    /// Begins with counts of zero for a matrix of this shape.
    pub(crate) fn new(rows: usize, cols: usize, query: &'q DiffQuery) -> Self {
        Self {
            counts: DiffCounts::zero(rows, cols, &query.grid),
            query,
            cells: (0..cols).map(|column| query.grid.cell(0, column)).collect(),
            codes: vec![0; CODES].try_into().expect("one counter for each code"),
            counted: 0,
            squares_by_code: false,
        }
    }

    /// Adds the counts of one tile of both tensors.
    pub(crate) fn count_tile(&mut self, base: &Tile<'_>, tuned: &Tile<'_>) {
        with_element!(base.decoder.dtype(), E => self.count_elements::<E>(base, tuned));
    }

    /// Returns the counts of all tiles.
    pub(crate) fn finish(mut self) -> DiffCounts {
        self.fold_codes();
        if self.squares_by_code {
            let square = |code: usize| f64::from(f32::from_bits((code as u32) << 16)).powi(2);
            let counted = self.counts.magnitude.iter().enumerate().filter(|(_, count)| **count > 0);
            self.counts.base_squared =
                counted.map(|(code, count)| *count as f64 * square(code)).sum();
        }
        self.counts
    }

    /// Adds the counts by code to those by magnitude.
    fn fold_codes(&mut self) {
        let (positive, negative) = self.codes.split_at(MAGNITUDES);
        for (sum, (p, n)) in self.counts.magnitude.iter_mut().zip(positive.iter().zip(negative)) {
            *sum += u64::from(*p) + u64::from(*n);
        }
        self.codes.fill(0);
        self.counted = 0;
    }

    /// Adds the counts of one tile whose elements are stored as `E`.
    fn count_elements<E: Element>(&mut self, base: &Tile<'_>, tuned: &Tile<'_>) {
        self.squares_by_code = E::IS_BF16;
        let cols = base.cols;
        for r in base.rows.clone() {
            let mut sums = RowSums::default();
            for piece in steps(cols, PIECE) {
                if self.counted > (u32::MAX as usize) - PIECE {
                    self.fold_codes();
                }
                self.counted += piece.len();
                let at = |t: &Tile<'_>| (r - t.rows.start + t.at) * cols + piece.start;
                Piece::<E> {
                    counts: &mut self.counts,
                    codes: &mut self.codes,
                    query: self.query,
                    cells: &self.cells,
                    row: r,
                    first: piece.start,
                    base: base.decoder.bytes_of(at(base), piece.len()),
                    tuned: tuned.decoder.bytes_of(at(tuned), piece.len()),
                    sums: &mut sums,
                    element: PhantomData,
                }
                .count();
            }
            sums.add_to(&mut self.counts, r);
        }
    }
}

impl DiffCounts {
    /// Returns zero counts for a matrix of this shape.
    pub fn zero(rows: usize, cols: usize, grid: &Grid) -> Self {
        Self {
            unchanged: 0,
            bit_equal: 0,
            within_abs: 0,
            unchanged_stored: 0,
            hidden: 0,
            non_finite: 0,
            ulp: vec![0; ULP_BINS],
            row_changed: vec![0; rows],
            column_changed: vec![0; cols],
            magnitude: vec![0; MAGNITUDES],
            magnitude_changed: vec![0; MAGNITUDES],
            magnitude_update: vec![0.0; MAGNITUDES],
            map_changed: vec![0; grid.cells()],
            map_non_finite: vec![0; grid.cells()],
            map_update: vec![0.0; grid.cells()],
            base_squared: 0.0,
            update_squared: 0.0,
            base_dot_update: 0.0,
            max_abs_update: 0.0,
        }
    }
}
