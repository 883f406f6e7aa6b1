//! Singular values of a low-rank matrix that is known in factors, L·R with L m×r and R r×n, in
//! O((m + n)·r²).

use crate::error::Error;
use crate::linalg::small;
use faer::{Mat, MatRef};

/// Returns the singular values of L·R, r of them but at most min(m, n), descending: those of
/// R_L·R_Rᵀ of two QR decompositions, in f64.
pub fn singular_values(left: MatRef<'_, f64>, right: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    let triangle = |a: MatRef<'_, f64>| -> Mat<f64> { a.qr().thin_R().to_owned() };
    let (l, r) = (triangle(left), triangle(right.transpose()));
    small::singular_values((l * r.transpose()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::random::Counter;

    #[test]
    fn values_are_those_of_the_product() {
        for (m, n, r) in [(1, 1, 1), (9, 30, 4), (30, 9, 4), (3, 8, 5), (6, 2, 3)] {
            let random = Counter::new(3, m, n);
            let l = Mat::from_fn(m, r, |i, j| f64::from(random.normal((i * r + j) as u64)));
            // The second row repeats the first: the rank is one less.
            let right = Mat::from_fn(r, n, |i, j| {
                f64::from(random.normal((1000 + i.saturating_sub(1) * n + j) as u64))
            });
            let (got, want) = (
                singular_values(l.as_ref(), right.as_ref()).expect("values"),
                small::singular_values((&l * &right).as_ref()).expect("values"),
            );
            for (i, w) in want.iter().enumerate() {
                let g = got.get(i).copied().unwrap_or(0.0);
                assert!((g - w).abs() < 1e-13 * want[0], "{m}×{n} rank {r}: {got:?} {want:?}");
            }
        }
    }
}
