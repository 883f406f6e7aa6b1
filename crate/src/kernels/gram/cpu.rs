//! The Gram matrix LᵀR of tall blocks, summed in f32 over a chunk of rows and in f64 across chunks.

use crate::element::rows::steps;
use crate::kernels::cpu::CpuBlock;
use crate::kernels::cpu::gemm::{Left, Packed, accumulate};
use crate::kernels::cpu::sizes::GRAM_CHUNK;
use faer::Mat;

/// Sums LᵀR over the rows of the blocks.
pub(crate) fn sum_gram(left: &[&CpuBlock], right: &[&CpuBlock]) -> Mat<f64> {
    let (p, q) = (left.iter().map(|b| b.cols).sum(), right.iter().map(|b| b.cols).sum());
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
                let a = Left::columns(l.values(rows.clone(), &mut l_scratch), l.cols, rows.len());
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
    out
}
