//! The same integers multiplied plainly on the CPU: what every device has to give, to the last bit.

use crate::kernels::exact_gram::gpu::BITS;
use faer::Mat;

/// e with every |x| below 2^e, or −125 where they are smaller than any normal f32.
fn exponent(column: impl Iterator<Item = f32>) -> i32 {
    let largest = column.fold(0.0, |a: f32, x| a.max(x.abs()));
    (largest.to_bits() >> 23).max(1) as i32 - 126
}

/// The lower half of AᵀA for rows × columns row-major `tuned`, or of `tuned` − `base`, where A has
/// the longer side in its rows.
pub fn gram(rows: usize, cols: usize, base: Option<&[f32]>, tuned: &[f32]) -> Mat<f64> {
    let (long, short) = (rows.max(cols), rows.min(cols));
    let at = |t: usize, s: usize| {
        if rows < cols { s * cols + t } else { t * cols + s }
    };
    let exponents: Vec<i32> = (0..short)
        .map(|s| {
            exponent((0..long).flat_map(|t| [tuned[at(t, s)], base.map_or(0.0, |b| b[at(t, s)])]))
        })
        .collect();
    let integer = |w: &[f32], t: usize, s: usize| {
        (f64::from(w[at(t, s)]) * 2f64.powi(BITS - exponents[s])).round() as i64
    };
    let columns: Vec<Vec<i64>> = (0..short)
        .map(|s| {
            (0..long).map(|t| integer(tuned, t, s) - base.map_or(0, |b| integer(b, t, s))).collect()
        })
        .collect();
    Mat::from_fn(short, short, |i, j| {
        if j > i {
            return 0.0;
        }
        let sum: i128 =
            columns[i].iter().zip(&columns[j]).map(|(a, b)| i128::from(*a) * i128::from(*b)).sum();
        sum as f64 * 2f64.powi(exponents[i] + exponents[j] - 2 * BITS)
    })
}
