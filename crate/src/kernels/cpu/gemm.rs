//! C += A·B in f32, through the `gemm` crate (AVX natively, SIMD128 in wasm).

/// A strided view of f32.
#[derive(Clone, Copy)]
pub struct View<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: isize,
    col_stride: isize,
}

impl<'a> View<'a> {
    /// Row-major rows × cols.
    pub fn rows(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert!(data.len() >= rows * cols, "a {rows}×{cols} view of {} values", data.len());
        Self { data, rows, cols, row_stride: cols as isize, col_stride: 1 }
    }

    /// The same values, rows for columns.
    pub fn transposed(self) -> Self {
        Self { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

/// C += A·B with row-major C (m×n).
pub fn gemm(c: &mut [f32], m: usize, n: usize, a: View<'_>, b: View<'_>) {
    assert!(c.len() >= m * n && a.rows == m && b.cols == n && a.cols == b.rows, "shapes of a product");
    if m == 0 || n == 0 || a.cols == 0 {
        return;
    }
    // SAFETY: the views were checked against their slices when they were made, and C above.
    unsafe {
        gemm::gemm(
            m,
            n,
            a.cols,
            c.as_mut_ptr(),
            1,
            n as isize,
            true,
            a.data.as_ptr(),
            a.col_stride,
            a.row_stride,
            b.data.as_ptr(),
            b.col_stride,
            b.row_stride,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
