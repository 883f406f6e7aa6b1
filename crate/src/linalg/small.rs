//! Small dense f64 matrices: thin wrappers over faer with this crate's errors and order.

use crate::error::Error;
use crate::linalg::self_adjoint::SelfAdjoint;
use crate::linalg::self_adjoint::convergence_error;
use faer::{Mat, MatRef, Side};

/// A thin singular value decomposition A = U·diag(s)·Vᵀ, s descending.
#[derive(Debug, Clone)]
pub struct Svd {
    /// Left singular vectors, m × min(m, n).
    pub u: Mat<f64>,
    /// Singular values, descending.
    pub s: Vec<f64>,
    /// Right singular vectors, n × min(m, n).
    pub v: Mat<f64>,
}

/// Returns the thin SVD of an m×n matrix.
///
/// # Errors
/// [`Error::Numerics`] if it does not converge, here and in all that follows.
pub fn svd(a: MatRef<'_, f64>) -> Result<Svd, Error> {
    if a.nrows() == 0 || a.ncols() == 0 {
        return Ok(Svd { u: Mat::zeros(a.nrows(), 0), s: Vec::new(), v: Mat::zeros(a.ncols(), 0) });
    }
    let f = a.thin_svd().map_err(|_| convergence_error("the SVD"))?;
    Ok(Svd {
        u: f.U().to_owned(),
        s: f.S().column_vector().iter().copied().collect(),
        v: f.V().to_owned(),
    })
}

/// Returns the leading `count` singular triplets, and all singular values: U and V have `count`
/// columns.
///
/// If the last of these values is more than `least` of the largest, they come from the eigenvectors
/// of AᵀA, which is several times cheaper than an SVD. A value s then has a relative error of about
/// 1e-16·(s_1/s)², a vector that over its relative gap.
pub fn leading_svd(a: MatRef<'_, f64>, count: usize, least: f64) -> Result<Svd, Error> {
    let count = count.min(a.nrows()).min(a.ncols());
    if count > 0 {
        let (lambda, v) = eigen((a.transpose() * a).as_ref())?;
        let mut s: Vec<f64> = lambda.iter().map(|l| l.max(0.0).sqrt()).collect();
        s.truncate(a.nrows());
        if s[count - 1] > least * s[0] {
            let v = leading_columns(&v, count).to_owned();
            let mut u = a * &v;
            u.as_mut()
                .col_iter_mut()
                .zip(&s)
                .for_each(|(column, s)| column.iter_mut().for_each(|x| *x /= s));
            return Ok(Svd { u, s, v });
        }
    }
    let whole = svd(a)?;
    Ok(Svd {
        u: leading_columns(&whole.u, count).to_owned(),
        v: leading_columns(&whole.v, count).to_owned(),
        s: whole.s,
    })
}

/// Returns the singular values, descending.
pub fn singular_values(a: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    if a.nrows() == 0 || a.ncols() == 0 {
        return Ok(Vec::new());
    }
    a.singular_values().map_err(|_| convergence_error("the SVD"))
}

/// Returns ‖A‖_2.
pub fn norm2(a: MatRef<'_, f64>) -> Result<f64, Error> {
    Ok(singular_values(a)?.first().copied().unwrap_or(0.0))
}

/// Returns the eigenvalues, descending, and their vectors of a symmetric matrix given by its lower
/// half.
pub fn eigen(a: MatRef<'_, f64>) -> Result<(Vec<f64>, Mat<f64>), Error> {
    let n = a.nrows();
    if n == 0 {
        return Ok((Vec::new(), Mat::zeros(0, 0)));
    }
    SelfAdjoint::new(n).decompose_leading(a, n)
}

/// Returns the eigenvalues alone, descending.
pub fn eigenvalues(a: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    if a.nrows() == 0 {
        return Ok(Vec::new());
    }
    let mut s = a
        .self_adjoint_eigenvalues(Side::Lower)
        .map_err(|_| convergence_error("the eigenvalues"))?;
    s.reverse();
    Ok(s)
}

/// Returns (A + Aᵀ)/2: a Gram matrix summed in floating point is symmetric only up to rounding.
pub fn symmetrize(a: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| 0.5 * (a[(i, j)] + a[(j, i)]))
}

/// Returns columns `0..count`.
pub fn leading_columns(a: &Mat<f64>, count: usize) -> MatRef<'_, f64> {
    a.as_ref().subcols(0, count.min(a.ncols()))
}

/// Returns the squared entries, row-major.
pub fn square_entries(a: MatRef<'_, f64>) -> Vec<f64> {
    (0..a.nrows()).flat_map(|i| (0..a.ncols()).map(move |j| a[(i, j)].powi(2))).collect()
}

/// Returns ‖A‖_F².
pub fn squared_norm(a: MatRef<'_, f64>) -> f64 {
    a.squared_norm_l2()
}
