//! Eigenvalues of symmetric matrices of one size, one after the other in the same memory.
//!
//! A wasm heap does not shrink, and the little that comes to lie where a large block was keeps the
//! next one from its place: at 2048 the second of two decompositions, freed in between, grew the
//! heap by 97 MiB.

use crate::error::Error;
use crate::linalg::tridiagonal::Tridiagonal;
use faer::diag::{Diag, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::tridiag::tridiag_in_place;
use faer::linalg::evd::{
    ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch, tridiagonal_self_adjoint_evd,
};
use faer::linalg::householder::apply_block_householder_sequence_on_the_left_in_place_with_conj;
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::{Conj, Mat, MatRef, Par};

/// Vectors are few where n is at least so many times their number: then those alone are made, in
/// half of the time (docs/performance.md).
const FEW: usize = 4;

/// All eigenvalues, descending, and the vectors of the leading ones.
type Leading = (Vec<f64>, Mat<f64>);

/// Memory for the eigenvectors of an n×n matrix of f64 and for faer's steps to them: together 3.9
/// such matrices.
pub struct SelfAdjoint {
    vectors: Mat<f64>,
    scratch: MemBuffer,
}

impl SelfAdjoint {
    /// Takes the memory for matrices of n×n.
    pub fn new(n: usize) -> Self {
        let scratch = MemBuffer::new(self_adjoint_evd_scratch::<f64>(
            n,
            ComputeEigenvectors::Yes,
            Par::Seq,
            Default::default(),
        ));
        Self { vectors: Mat::zeros(n, n), scratch }
    }

    /// Returns all eigenvalues of a matrix given by its lower half, descending, with the vectors of
    /// the leading `count`.
    ///
    /// # Errors
    /// [`Error::Numerics`] if they do not converge.
    pub fn decompose_leading(
        &mut self,
        a: MatRef<'_, f64>,
        count: usize,
    ) -> Result<Leading, Error> {
        let n = a.nrows();
        if FEW * count <= n
            && let Some(found) = self.decompose_few(a, count)?
        {
            return Ok(found);
        }
        let values = self.decompose(a, true)?;
        Ok((values, Mat::from_fn(n, count.min(n), |i, j| self.vectors[(i, n - 1 - j)])))
    }

    /// Does what [`SelfAdjoint::decompose_leading`] does for few vectors: all values from the
    /// tridiagonal matrix, and of the vectors only those asked for. `None` where inverse iteration
    /// does not find them to rounding.
    fn decompose_few(
        &mut self,
        a: MatRef<'_, f64>,
        count: usize,
    ) -> Result<Option<Leading>, Error> {
        let n = a.nrows();
        if count == 0 || n < 2 {
            return Ok(None);
        }
        // The memory for all vectors, which are not made here, holds the tridiagonal matrix and the
        // reflections that led to it.
        let reduced = &mut self.vectors;
        reduced.copy_from_triangular_lower(a);
        let mut reflections = Mat::<f64>::zeros(recommended_block_size::<f64>(n, n), n - 1);
        tridiag_in_place(
            reduced.as_mut(),
            reflections.as_mut(),
            Par::Seq,
            MemStack::new(&mut self.scratch),
            Default::default(),
        );
        let diagonal: Vec<f64> = (0..n).map(|i| reduced[(i, i)]).collect();
        let beside: Vec<f64> = (1..n).map(|i| reduced[(i, i - 1)]).collect();
        let mut values = Diag::<f64>::zeros(n);
        tridiagonal_self_adjoint_evd(
            DiagRef::from_slice(&diagonal),
            DiagRef::from_slice(&beside),
            values.as_mut(),
            None,
            Par::Seq,
            MemStack::new(&mut self.scratch),
            Default::default(),
        )
        .map_err(|_| convergence_error("the eigenvalues"))?;
        let values: Vec<f64> = values.column_vector().iter().rev().copied().collect();
        let Some(mut vectors) = Tridiagonal::new(diagonal, beside)
            .and_then(|tridiagonal| tridiagonal.vectors_of(&values[..count]))
        else {
            return Ok(None);
        };
        apply_block_householder_sequence_on_the_left_in_place_with_conj(
            reduced.submatrix(1, 0, n - 1, n - 1),
            reflections.as_ref(),
            Conj::No,
            vectors.subrows_mut(1, n - 1),
            Par::Seq,
            MemStack::new(&mut self.scratch),
        );
        Ok(Some((values, vectors)))
    }

    /// Returns all eigenvalues of a matrix given by its lower half, descending.
    ///
    /// # Errors
    /// [`Error::Numerics`] if they do not converge.
    pub fn eigenvalues(&mut self, a: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
        self.decompose(a, false)
    }

    /// Computes all eigenvalues, descending, and leaves the vectors in ascending order in `self`.
    fn decompose(&mut self, a: MatRef<'_, f64>, with_vectors: bool) -> Result<Vec<f64>, Error> {
        let mut values = Diag::<f64>::zeros(a.nrows());
        self.vectors.fill(0.0);
        let vectors = with_vectors.then(|| self.vectors.as_mut());
        self_adjoint_evd(
            a,
            values.as_mut(),
            vectors,
            Par::Seq,
            MemStack::new(&mut self.scratch),
            Default::default(),
        )
        .map_err(|_| convergence_error("the eigenvalues"))?;
        Ok(values.column_vector().iter().rev().copied().collect())
    }
}

/// Builds the [`Error`] for a decomposition that does not converge.
pub(crate) fn convergence_error(what: &str) -> Error {
    Error::Numerics(format!(
        "{what} of a small matrix did not converge (are there NaN or infinite weights?)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::random::Counter;

    /// Holds the leading vectors to their definition and, where values are apart, to those that
    /// come with all others. Returns whether they were made alone.
    fn check_leading(a: &Mat<f64>, count: usize, what: &str) -> bool {
        let n = a.nrows();
        let mut work = SelfAdjoint::new(n);
        let few = work.decompose_few(a.as_ref(), count).expect("it converges").is_some();
        let (values, v) = work.decompose_leading(a.as_ref(), count).expect("it converges");
        let all = work.decompose(a.as_ref(), true).expect("it converges");
        let bound = 8.0 * n as f64 * f64::EPSILON;
        let largest = all[0].abs().max(all[n - 1].abs());
        let apart = values.iter().zip(&all).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart <= bound * largest, "{what}: values {apart}");
        let off = a * &v - &v * Mat::from_fn(count, count, |i, j| f64::from(i == j) * values[i]);
        assert!(off.norm_max() <= bound * largest, "{what}: residual {}", off.norm_max());
        let turned = v.transpose() * &v - Mat::<f64>::identity(count, count);
        assert!(turned.norm_max() <= bound, "{what}: orthogonality {}", turned.norm_max());
        few
    }

    /// Returns Q·diag(values)·Qᵀ with a random orthogonal Q.
    fn with_values(values: &[f64]) -> Mat<f64> {
        let n = values.len();
        let draws = Counter::new(5, n, n);
        let a = Mat::from_fn(n, n, |i, j| f64::from(draws.normal((i * n + j) as u64)));
        let q = a.qr().compute_thin_Q();
        let a = &q * Mat::from_fn(n, n, |i, j| f64::from(i == j) * values[i]) * q.transpose();
        crate::linalg::small::symmetrize(&a)
    }

    #[test]
    fn few_leading_vectors_are_right_in_every_spectrum() {
        let n = 120;
        let spectrum = |value: fn(usize) -> f64| (0..n).map(value).collect::<Vec<f64>>();
        for (what, values) in [
            ("a power law", spectrum(|i| 1.0 / (1 + i) as f64)),
            ("a steep power law", spectrum(|i| (1.0 + i as f64).powi(-4))),
            ("outliers", spectrum(|i| if i < 3 { 1e6 } else { 1.0 / (1 + i) as f64 })),
            ("pairs", spectrum(|i| 1.0 / (1 + i / 2) as f64)),
            ("near pairs", spectrum(|i| (1.0 + 1e-13 * (i % 2) as f64) / (1 + i / 2) as f64)),
            ("a cluster at the end", spectrum(|i| if i < 20 { 2.0 + i as f64 } else { 1.0 })),
            ("rank 10", spectrum(|i| if i < 10 { 1.0 / (1 + i) as f64 } else { 0.0 })),
            ("a tiny scale", spectrum(|i| 1e-200 / (1 + i) as f64)),
        ] {
            let few = check_leading(&with_values(&values), n / FEW, what);
            assert!(few || what.contains("cluster") || what.contains("rank"), "{what}");
        }
        // Blocks that are apart, equal entries, and no matrix at all.
        check_leading(&Mat::identity(n, n), n / FEW, "identity");
        check_leading(&Mat::zeros(n, n), n / FEW, "zero");
        let blocks = Mat::from_fn(n, n, |i, j| f64::from(i / 2 == j / 2));
        check_leading(&blocks, n / FEW, "equal blocks");
        check_leading(&with_values(&[3.0, 2.0, 1.0, 0.0]), 1, "one of four");
    }

    #[test]
    fn what_was_there_before_changes_no_bit() {
        let n = 150;
        let random = |seed| {
            let draws = Counter::new(seed, n, n);
            let a = Mat::from_fn(n, n, |i, j| f64::from(draws.normal((i * n + j) as u64)));
            a.transpose() * &a
        };
        let (first, second) = (random(1), random(2));
        let fresh =
            SelfAdjoint::new(n).decompose_leading(second.as_ref(), n).expect("it converges");
        let mut used = SelfAdjoint::new(n);
        used.decompose_leading(first.as_ref(), n).expect("it converges");
        assert_eq!(used.decompose_leading(second.as_ref(), n).expect("it converges"), fresh);
        let values = used.eigenvalues(second.as_ref()).expect("it converges");
        // Without vectors another algorithm finds them: both are right to a few n·2^-52 of the
        // largest.
        values.iter().zip(&fresh.0).for_each(|(a, b)| {
            assert!((a - b).abs() < 4.0 * n as f64 * f64::EPSILON * fresh.0[0], "{a} {b}")
        });
        let (lambda, v) = fresh;
        let off =
            &second * &v - &v * Mat::from_fn(n, n, |i, j| if i == j { lambda[i] } else { 0.0 });
        assert!(off.norm_max() < 4.0 * n as f64 * f64::EPSILON * lambda[0], "{}", off.norm_max());
        assert!(lambda.is_sorted_by(|a, b| a >= b));
    }
}
