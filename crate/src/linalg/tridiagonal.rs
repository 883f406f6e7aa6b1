//! Some eigenvectors of a symmetric tridiagonal matrix by inverse iteration.
//!
//! Of all n vectors the exact route keeps k. Divide and conquer makes them all, and all have to be
//! brought back to the matrix; inverse iteration costs O(n·k) beside k² dot products.

use crate::linalg::random::Counter;
use faer::{Col, Mat, Scale};

/// The most solutions for one vector. Two are enough but in the middle of a cluster.
const STEPS: usize = 6;

/// A symmetric tridiagonal matrix, scaled so that its largest row sum is 1.
pub(crate) struct Tridiagonal {
    diagonal: Vec<f64>,
    beside: Vec<f64>,
    scale: f64,
}

/// T − λI = P·L·U with partial pivoting. U has two diagonals above the main one.
struct Factors {
    /// Multipliers of L, and whether each step swapped its two rows.
    steps: Vec<(f64, bool)>,
    /// Rows of U from the main diagonal on.
    upper: Vec<[f64; 3]>,
}

impl Tridiagonal {
    /// Takes a diagonal and what stands beside it. `None` if an entry is not finite, or all are 0.
    pub(crate) fn new(mut diagonal: Vec<f64>, mut beside: Vec<f64>) -> Option<Self> {
        let n = diagonal.len();
        let at = |i: usize| beside.get(i).map_or(0.0, |x| x.abs());
        let row = |i: usize| diagonal[i].abs() + at(i) + if i == 0 { 0.0 } else { at(i - 1) };
        let scale = (0..n).map(row).fold(0.0, |most, x| if x > most { x } else { most });
        let is_finite = diagonal.iter().chain(&beside).all(|x| x.is_finite());
        if !is_finite || scale == 0.0 {
            return None;
        }
        diagonal.iter_mut().chain(&mut beside).for_each(|x| *x /= scale);
        Some(Self { diagonal, beside, scale })
    }

    /// Returns orthonormal vectors of the eigenvalues given, which are the largest in descending
    /// order: a column for each. `None` where residuals or orthogonality are not at rounding, as
    /// may be in large clusters.
    pub(crate) fn vectors_of(&self, values: &[f64]) -> Option<Mat<f64>> {
        let n = self.diagonal.len();
        let tolerance = 4.0 * n as f64 * f64::EPSILON;
        let draws = Counter::new(0, n, values.len());
        let mut found: Mat<f64> = Mat::zeros(n, values.len());
        for (j, value) in values.iter().enumerate() {
            let value = value / self.scale;
            let factors = self.factor(value);
            let mut x = Col::from_fn(n, |i| f64::from(draws.normal((j * n + i) as u64)));
            let mut steps = 0;
            loop {
                let size = x.norm_l2();
                if steps == STEPS || !size.is_finite() || size == 0.0 {
                    return None;
                }
                x *= Scale(1.0 / size);
                factors.solve(&mut x);
                steps += 1;
                let before = x.norm_l2();
                // Twice is enough (Parlett): what the first leaves is rounding.
                for _ in 0..2 {
                    let others = found.subcols(0, j);
                    x -= others * (others.transpose() * &x);
                }
                let size = x.norm_l2();
                // What remains of a solution near the vectors before is mostly rounding.
                if size > 1e-3 * before && steps > 1 {
                    let vector = &x * (1.0 / size);
                    if self.residual(value, &vector) <= tolerance {
                        found.col_mut(j).copy_from(&vector);
                        break;
                    }
                }
            }
        }
        let products = found.transpose() * &found;
        let is_orthonormal = (0..values.len())
            .all(|i| (0..=i).all(|j| (products[(i, j)] - f64::from(i == j)).abs() <= tolerance));
        is_orthonormal.then_some(found)
    }

    /// Returns the largest entry of T·x − λ·x.
    fn residual(&self, value: f64, x: &Col<f64>) -> f64 {
        let n = self.diagonal.len();
        (0..n)
            .map(|i| {
                let above = if i == 0 { 0.0 } else { self.beside[i - 1] * x[i - 1] };
                let below = if i + 1 == n { 0.0 } else { self.beside[i] * x[i + 1] };
                ((self.diagonal[i] - value) * x[i] + above + below).abs()
            })
            .fold(0.0, f64::max)
    }

    /// Factors T − λI. A pivot of zero becomes a rounding error.
    fn factor(&self, value: f64) -> Factors {
        let n = self.diagonal.len();
        let beside = |i: usize| self.beside.get(i).copied().unwrap_or(0.0);
        let no_zero = |x: f64| if x.abs() < f64::EPSILON { f64::EPSILON.copysign(x) } else { x };
        let mut factors = Factors { steps: Vec::with_capacity(n), upper: Vec::with_capacity(n) };
        // The row that is being eliminated, from its diagonal on.
        let mut row = [self.diagonal[0] - value, beside(0)];
        for i in 0..n - 1 {
            let next = [beside(i), self.diagonal[i + 1] - value, beside(i + 1)];
            if row[0].abs() >= next[0].abs() {
                let pivot = no_zero(row[0]);
                let multiplier = next[0] / pivot;
                factors.upper.push([pivot, row[1], 0.0]);
                factors.steps.push((multiplier, false));
                row = [next[1] - multiplier * row[1], next[2]];
            } else {
                let multiplier = row[0] / next[0];
                factors.upper.push(next);
                factors.steps.push((multiplier, true));
                row = [row[1] - multiplier * next[1], -multiplier * next[2]];
            }
        }
        factors.upper.push([no_zero(row[0]), 0.0, 0.0]);
        factors
    }
}

impl Factors {
    /// Solves (T − λI)·x = b in the place of b.
    fn solve(&self, x: &mut Col<f64>) {
        for (i, (multiplier, swapped)) in self.steps.iter().enumerate() {
            if *swapped {
                (x[i], x[i + 1]) = (x[i + 1], x[i]);
            }
            x[i + 1] -= multiplier * x[i];
        }
        let n = self.upper.len();
        for i in (0..n).rev() {
            let [pivot, first, second] = self.upper[i];
            let after = |j: usize| if j < n { x[j] } else { 0.0 };
            x[i] = (x[i] - first * after(i + 1) - second * after(i + 2)) / pivot;
        }
    }
}
