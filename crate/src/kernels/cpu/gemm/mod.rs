//! C += A·B in f32 for the products of this crate: A is read where it lies, B is packed once and
//! used for many rows.
//!
//! A packed B costs one copy of the narrow operand (terms × columns); A, the large one, is touched
//! once for each panel of 8 or 16 columns and never copied.

// Reads whole tiles by pointers: bounds would be checked for every weight.
#[allow(unsafe_code)]
pub mod tile;

pub use tile::CHUNK;

/// An operand A: element (row, term) lies at `row·row_stride + term·term_stride`.
#[derive(Debug, Clone, Copy)]
pub struct Left<'a> {
    /// The values.
    pub data: &'a [f32],
    /// The step from one row to the next.
    pub row_stride: usize,
    /// The step from one term to the next.
    pub term_stride: usize,
    /// Number of terms, the columns of A.
    pub terms: usize,
}

impl<'a> Left<'a> {
    /// Takes a row-major matrix with `terms` columns.
    pub fn rows(data: &'a [f32], terms: usize) -> Self {
        Self { data, row_stride: terms, term_stride: 1, terms }
    }

    /// Takes the transpose of a row-major matrix with `stride` columns and `terms` rows.
    pub fn columns(data: &'a [f32], stride: usize, terms: usize) -> Self {
        Self { data, row_stride: 1, term_stride: stride, terms }
    }
}

/// An operand B, terms × cols, in panels of tile width side by side; the last one is padded with
/// zeros.
#[derive(Debug, Default)]
pub struct Packed {
    data: Vec<f32>,
    terms: usize,
    cols: usize,
}

impl Packed {
    /// Packs the elements `at(term, column)` in the memory of `self`.
    pub fn fill(&mut self, terms: usize, cols: usize, at: impl Fn(usize, usize) -> f32) {
        let width = tile::width();
        (self.terms, self.cols) = (terms, cols);
        self.data.clear();
        self.data.reserve(cols.div_ceil(width) * width * terms);
        for first in (0..cols).step_by(width) {
            let inside = width.min(cols - first);
            for term in 0..terms {
                self.data.extend((first..first + inside).map(|c| at(term, c)));
                self.data.resize(self.data.len() + width - inside, 0.0);
            }
        }
    }

    /// Packs a row-major terms × cols matrix.
    pub fn fill_rows(&mut self, data: &[f32], terms: usize, cols: usize) {
        self.fill(terms, cols, |t, c| data[t * cols + c]);
    }
}

/// Adds Σ A·B to C, which is row-major with `stride`. The terms of the segments `left` follow each
/// other in B from `first_term` on.
///
/// # Panics
/// If an operand is shorter than the shape says.
pub fn accumulate(
    c: &mut [f32],
    stride: usize,
    rows: usize,
    left: &[Left<'_>],
    b: &Packed,
    first_term: usize,
) {
    let terms: usize = left.iter().map(|l| l.terms).sum();
    if rows == 0 || b.cols == 0 || terms == 0 {
        return;
    }
    assert!(
        b.cols <= stride && c.len() >= (rows - 1) * stride + b.cols,
        "C of {} values is not {rows}×{}",
        c.len(),
        b.cols
    );
    assert!(
        first_term + terms <= b.terms
            && b.data.len() >= b.terms * b.cols.next_multiple_of(tile::width()),
        "terms of a product"
    );
    for l in left.iter().filter(|l| l.terms > 0) {
        assert!(
            l.data.len() > (rows - 1) * l.row_stride + (l.terms - 1) * l.term_stride,
            "A of {} values is too short",
            l.data.len()
        );
    }
    pulp::Arch::new().dispatch(tile::Accumulate { c, stride, rows, left, b, first_term });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(data: &[f32], terms: usize, cols: usize) -> Packed {
        let mut packed = Packed::default();
        packed.fill_rows(data, terms, cols);
        packed
    }

    /// Small integers multiply and add exactly in f32 in any order, so every entry must be right to
    /// the last bit.
    fn integers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 2_654_435_761 + seed * 97) >> 7) as f32 % 9.0 - 4.0).collect()
    }

    #[test]
    fn every_edge_of_a_tile_in_both_layouts_and_over_segments() {
        for rows in [1, 3, 4, 5, 6, 8, 9, 64] {
            for cols in [1, 7, 8, 9, 15, 16, 17, 33] {
                for terms in [1, 4, 255, 256, 257, 600] {
                    let (a, b) = (integers(rows * terms, 1), integers(terms * cols, 2));
                    let mut want = integers(rows * cols, 3);
                    let mut got = want.clone();
                    for (i, w) in want.iter_mut().enumerate() {
                        let (r, c) = (i / cols, i % cols);
                        *w += (0..terms).map(|t| a[r * terms + t] * b[t * cols + c]).sum::<f32>();
                    }
                    let transposed: Vec<f32> =
                        (0..terms * rows).map(|i| a[i % rows * terms + i / rows]).collect();
                    let right = packed(&b, terms, cols);
                    let (mut columns, mut segments) = (got.clone(), got.clone());
                    accumulate(&mut got, cols, rows, &[Left::rows(&a, terms)], &right, 0);
                    assert_eq!(got, want, "{rows}×{terms}×{cols}");
                    accumulate(
                        &mut columns,
                        cols,
                        rows,
                        &[Left::columns(&transposed, rows, terms)],
                        &right,
                        0,
                    );
                    assert_eq!(columns, want, "{rows}×{terms}×{cols}, transposed");
                    let first = terms / 3;
                    let cut = [
                        Left { data: &a, row_stride: terms, term_stride: 1, terms: first },
                        Left {
                            data: &a[first..],
                            row_stride: terms,
                            term_stride: 1,
                            terms: terms - first,
                        },
                    ];
                    accumulate(&mut segments, cols, rows, &cut, &right, 0);
                    assert_eq!(segments, want, "{rows}×{terms}×{cols}, in two segments");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "too short")]
    fn a_short_operand_is_refused() {
        accumulate(&mut [0.0; 4], 2, 2, &[Left::rows(&[1.0; 3], 2)], &packed(&[1.0; 4], 2, 2), 0);
    }
}
