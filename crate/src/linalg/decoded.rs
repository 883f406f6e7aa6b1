//! Pieces of stored matrices as f64 matrices, a run of elements at a time.

use crate::element::Decoder;
use faer::Mat;

/// Rows that are decoded before they are written down the columns: a run for each column, where
/// single values, a column's length apart, would fall into the same few cache sets.
const ROWS: usize = 32;

/// Returns the rows × cols matrix whose element (i, j) is stored at `first + i·stride + j`.
pub fn decode_rows(
    stored: &Decoder,
    first: usize,
    stride: usize,
    (rows, cols): (usize, usize),
) -> Mat<f64> {
    let mut out = Mat::zeros(rows, cols);
    let mut lines = vec![0.0; ROWS * cols];
    for start in (0..rows).step_by(ROWS) {
        let count = ROWS.min(rows - start);
        for (i, line) in lines.chunks_exact_mut(cols.max(1)).take(count).enumerate() {
            stored.decode_f64(first + (start + i) * stride, line);
        }
        for j in 0..cols {
            let column = &mut out.col_as_slice_mut(j)[start..start + count];
            for (i, x) in column.iter_mut().enumerate() {
                *x = lines[i * cols + j];
            }
        }
    }
    out
}

/// Returns the rows × cols matrix whose element (i, j) is stored at `first + j·stride + i`.
pub fn decode_columns(
    stored: &Decoder,
    first: usize,
    stride: usize,
    (rows, cols): (usize, usize),
) -> Mat<f64> {
    let mut out = Mat::zeros(rows, cols);
    for j in 0..cols {
        stored.decode_f64(first + j * stride, out.col_as_slice_mut(j));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Dtype;

    #[test]
    fn pieces_are_what_is_stored_there() {
        let stride = 41;
        let bytes = (0..90 * stride).flat_map(|i| (i as f64).to_le_bytes()).collect();
        let stored = Decoder::new(Dtype::F64, bytes);
        for shape in [(1, 1), (31, 5), (32, 40), (33, 1), (70, 7), (0, 3), (3, 0)] {
            let rows = decode_rows(&stored, 3, stride, shape);
            assert_eq!(rows, Mat::from_fn(shape.0, shape.1, |i, j| (3 + i * stride + j) as f64));
            let shape = (shape.0.min(38), shape.1);
            let columns = decode_columns(&stored, 2, stride, shape);
            assert_eq!(columns, Mat::from_fn(shape.0, shape.1, |i, j| (2 + j * stride + i) as f64));
        }
    }
}
