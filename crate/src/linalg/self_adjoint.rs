//! Eigenvalues of symmetric matrices of one size, one after the other in the same memory.
//!
//! A wasm heap does not shrink, and the little that comes to lie where a large block was keeps the
//! next one from its place: at 2048 the second of two decompositions, freed in between, grew the
//! heap by 97 MiB.

use crate::error::Error;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatRef, Par};

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
    ) -> Result<(Vec<f64>, Mat<f64>), Error> {
        let values = self.decompose(a, true)?;
        let n = a.nrows();
        Ok((values, Mat::from_fn(n, count.min(n), |i, j| self.vectors[(i, n - 1 - j)])))
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
