//! Leading singular triplets by two-sided block Golub–Kahan–Lanczos with full reorthogonalisation.
//!
//! From one random block P₁ the method grows orthonormal bases P (right) and Q (left) with
//! W·P_j ∈ span(Q_1…Q_j) and Wᵀ·Q_j ∈ span(P_1…P_{j+1}); the singular values of the core QᵀWP
//! approach those of W from below. Its own residuals Wᵀu − σv, which lie in the next block alone,
//! tell when to stop (docs/numerics.md §3; Musco & Musco 2015, Hallman's randUBV).

use crate::error::Error;
use crate::kernels::{Backend, Operand};
use crate::linalg::orth::{orthonormalize, orthonormalize_recent};
use crate::linalg::random::Counter;
use crate::linalg::ranks::{RANK_TOLERANCE, edges};
use crate::linalg::small;
use faer::{Mat, MatRef};

/// f32's unit roundoff.
const EPS: f64 = 6e-8;
/// Ritz vectors come from the core's Gram matrix if the last value asked for is more than this
/// share of the largest: their error, 1e-16 over the share squared and the gap, then stays below
/// 1e-6 for gaps of 1e-3.
const GRAM_LEAST: f64 = 3e-4;
/// A basis may have so many columns however small k is: near-noise spectra take some hundred.
const LEAST_CAP: usize = 320;
/// At least so many triplets beyond k are kept: the gap takes the next value, the nearest resolved
/// k those up to 1.1 k.
const SPARE: usize = 4;
/// The largest relative error that the residuals may give for value k + 1, from which the gap is
/// taken.
const NEXT_VALUE: f64 = 1e-6;
/// The relative error of values that f32 products leave whatever the residuals say.
const ROUNDING: f64 = 3e-7;
/// The error that f32 products leave as a share of the largest value, which is more than
/// [`ROUNDING`] for values 100 times below it. Measured: 2.8e-9.
const SMALL_VALUE: f64 = 3e-9;
/// Before the first test a basis of 1.25 k columns is taken to be so many degrees off.
const FIRST_ANGLE: f64 = 60.0;

/// Sizes and tolerances of the iteration.
#[derive(Debug, Clone, Copy)]
pub struct Params {
    /// Triplets whose accuracy is asked for.
    pub k: usize,
    /// Triplets kept for the joint step.
    pub keep: usize,
    /// Columns of a block.
    pub block: usize,
    /// The most columns of the basis.
    pub cap: usize,
    /// Columns before the first test.
    pub first_test: usize,
    /// The iteration stops where the error of the subspace is at most this many degrees …
    pub angle: f64,
    /// … and that of the values at most this share.
    pub value: f64,
    /// The seed of the start block.
    pub seed: u32,
}

impl Params {
    /// Returns the parameters for the principal subspace of rank k of an m×n matrix: blocks of k/4
    /// (at least 8), a basis of up to 16 k (docs/numerics.md §3.5).
    pub fn principal(k: usize, m: usize, n: usize, seed: u32) -> Self {
        let short = m.min(n);
        let block = (k / 4).max(8).min(short);
        let cap = limit_basis((16 * k).max(LEAST_CAP), short, block);
        Self {
            k,
            keep: k + k.div_ceil(4).max(SPARE),
            block,
            cap,
            first_test: 3 * k,
            angle: 1e-3,
            value: 1e-7,
            seed,
        }
    }

    /// Returns the parameters for ‖Δ‖_2 and the leading spectrum of an m×n update: ‖Δ‖_2 is right
    /// to 2e-5 with blocks of 16 and 12 steps (docs/numerics.md §5).
    pub fn update(k: usize, m: usize, n: usize, seed: u32) -> Self {
        let short = m.min(n);
        let block = 16.min(short);
        let cap = limit_basis((3 * k).max(192), short, block);
        Self { k: 1, keep: k, block, cap, first_test: cap, angle: f64::INFINITY, value: 1e-5, seed }
    }
}

/// Returns the cap of the basis. A cap at or above the shorter side does not limit the basis: the
/// last, thinner blocks fill that space, and the projection is exact.
fn limit_basis(cap: usize, short: usize, block: usize) -> usize {
    if cap >= short { short + 2 * block } else { cap }
}

/// The leading singular triplets of a matrix, with their errors.
#[derive(Debug)]
pub struct TopK<T> {
    /// Left Ritz vectors, m × kept; `None` if nothing was found in the matrix.
    pub u: Option<T>,
    /// Right Ritz vectors, n × kept; `None` if nothing was found in the matrix.
    pub v: Option<T>,
    /// Ritz values, descending, of the whole basis.
    pub s: Vec<f64>,
    /// Columns of u and v.
    pub kept: usize,
    /// The relative error of each kept value.
    pub value_error: Vec<f64>,
    /// The errors of the subspaces at the ranks of [`edges`], in degrees. The last is that at
    /// k, or at the rank if that is smaller.
    pub angle_errors: Vec<(usize, f64)>,
    /// Columns that were multiplied, both sides together.
    pub columns: usize,
    /// Right columns of the basis that the triplets were found in.
    pub basis: usize,
    /// Whether the estimates met the tolerances.
    pub converged: bool,
}

struct Estimate {
    core: small::Svd,
    /// The error of the rank-k subspace from the residuals, in degrees.
    angle: f64,
    /// The errors of the subspaces at each rank of [`edges`], in degrees, with what f32
    /// products leave uncertain whatever the residuals say.
    angles: Vec<(usize, f64)>,
    /// The relative errors of the leading values, from the residuals.
    value: Vec<f64>,
}

/// Errors of the leading values and of their subspace from the residuals that lie in the newest
/// block.
fn estimate_errors(
    core: &Mat<f64>,
    k: usize,
    wanted: usize,
    newest: usize,
    residual: Option<MatRef<'_, f64>>,
    caught: f64,
    scale: f64,
) -> Result<Estimate, Error> {
    let svd = small::leading_svd(core.as_ref(), (2 * k).max(wanted), GRAM_LEAST)?;
    let s = &svd.s;
    // Beyond the matrix's rank there is no subspace to be wrong about.
    let k = k.min(s.iter().take_while(|x| **x > RANK_TOLERANCE * s[0]).count()).max(1);
    let floor = |k: usize| {
        (0.25 * EPS * std::f64::consts::SQRT_2 * scale
            / (s[k - 1] - s.get(k).copied().unwrap_or(0.0)).max(f64::MIN_POSITIVE))
        .to_degrees()
    };
    let at_most = |k: usize, angle: f64| (k, angle.max(floor(k)).min(90.0));
    let Some(residual) = residual else {
        let value = vec![0.0; wanted.min(s.len())];
        let angles = edges(k).into_iter().map(|k| at_most(k, 0.0)).collect();
        return Ok(Estimate { core: svd, angle: 0.0, angles, value });
    };
    // γ: what the basis has not caught is no longer than the newest product, and below σ_k, or
    // nothing is known.
    let gamma = caught.min(0.98 * s[k - 1]);
    let wide = (2 * k).max(wanted).min(svd.u.ncols());
    let r = residual * svd.u.as_ref().subrows(svd.u.nrows() - newest, newest).subcols(0, wide);
    let distance = |i: usize| s[i] * s[i] - gamma * gamma;
    let outside = Mat::from_fn(r.nrows(), k, |i, j| r[(i, j)] * s[j] / distance(j));
    let cross = r.transpose() * &r;
    let mut angles = Vec::new();
    let mut angle = 0.0;
    for k in edges(k) {
        let inside = Mat::from_fn(k, wide - k, |i, j| {
            let between = (s[i] * s[i] - s[k + j] * s[k + j]).max(f64::MIN_POSITIVE);
            s[i] * s[k + j] * cross[(i, k + j)] / (distance(i) * between)
        });
        angle = (small::norm2(outside.as_ref().subcols(0, k))? + small::norm2(inside.as_ref())?)
            .to_degrees();
        angles.push(at_most(k, angle));
    }
    let value = (0..wanted.min(wide))
        .map(|i| {
            let far = (s[i] * s[i] - caught.min(0.98 * s[i]).powi(2)).max(f64::MIN_POSITIVE);
            cross[(i, i)] / (2.0 * far)
        })
        .collect();
    Ok(Estimate { angle, angles, value, core: svd })
}

/// Returns the columns at which the angle should meet its tolerance if the error falls
/// geometrically as between this test and the last; at most k columns more, since convergence may
/// become faster than it is at first.
fn predict_columns(tested: &mut (usize, f64), size: usize, angle: f64, params: &Params) -> usize {
    let (before, error) = *tested;
    *tested = (size, angle);
    let rate = (error / angle).ln() / size.saturating_sub(before).max(1) as f64;
    let more = if rate > 0.0 { (angle / params.angle).ln() / rate } else { f64::INFINITY };
    // Half a block early: a test costs less than a block too many.
    size + (more - 0.5 * params.block as f64).clamp(1.0, params.k.max(params.block) as f64) as usize
}

/// Finds the leading singular triplets of `w` (m×n). `frobenius` is ‖w‖_F, which sets the noise
/// level and must not be 0.
///
/// # Errors
/// [`Error::Numerics`] if a small decomposition does not converge, and what the device refuses.
pub async fn find_top_k<B: Backend>(
    device: &B,
    w: Operand<'_, B::Matrix>,
    (m, n): (usize, usize),
    frobenius: f64,
    params: &Params,
) -> Result<TopK<B::Block>, Error> {
    let random = Counter::new(params.seed, m, n);
    let start: Vec<f32> = (0..n * params.block).map(|i| random.normal(i as u64)).collect();
    let scale = frobenius / (m.min(n) as f64).sqrt();
    let drop = 2e-6 * scale;
    let start = orthonormalize(device, &device.block(n, params.block, &start)?, &[], 1e-9).await?;
    let mut p =
        vec![start.ok_or_else(|| Error::Numerics("the random start block is degenerate".into()))?];
    let mut q: Vec<B::Block> = Vec::new();
    let mut core = Mat::<f64>::zeros(0, 0);
    let (mut columns, mut next_test) = (0, params.first_test);
    let mut tested = (params.k + params.k / 4, FIRST_ANGLE);
    loop {
        let newest = p.last().expect("p starts with a block");
        let b = device.columns(newest);
        let y = device.product(w, false, newest).await?;
        columns += b;
        // By construction W·P_j has no part along blocks of Q before the last, nor Wᵀ·Q_j along
        // those of P.
        let older = q.len().saturating_sub(1);
        let found =
            orthonormalize_recent(device, &y, &q.iter().collect::<Vec<_>>(), older, drop).await?;
        let inner = match &found.block {
            Some(new_q) => device.gram(&[new_q], &[&y]).await?,
            None => Mat::zeros(0, b),
        };
        let (before, cols, new_columns) = (core.nrows(), core.ncols(), inner.nrows());
        let rows = before + new_columns;
        core.resize_with(rows, cols + b, |_, _| 0.0);
        core.get_mut(before - found.along.nrows()..before, cols..).copy_from(&found.along);
        core.get_mut(before.., cols..).copy_from(&inner);
        q.extend(found.block);
        let mut next = None;
        let mut residual = None;
        if new_columns > 0 {
            let new_q = q.last().expect("it was just pushed");
            let z = device.product(w, true, new_q).await?;
            columns += new_columns;
            next =
                orthonormalize_recent(device, &z, &p.iter().collect::<Vec<_>>(), p.len() - 1, drop)
                    .await?
                    .block;
            if let Some(next) = &next {
                residual = Some(device.gram(&[next], &[&z]).await?);
            }
        }
        let size = core.ncols();
        let grown = next.as_ref().map_or(0, |b| device.columns(b));
        let last = next.is_none() || size + grown > params.cap;
        if rows == 0 {
            return Ok(TopK {
                u: None,
                v: None,
                s: Vec::new(),
                kept: 0,
                value_error: Vec::new(),
                angle_errors: Vec::new(),
                columns,
                basis: size,
                converged: true,
            });
        }
        if last || size >= next_test {
            let caught =
                small::eigenvalues(small::symmetrize(&device.gram(&[&y], &[&y]).await?).as_ref())?
                    [0]
                .max(0.0)
                .sqrt();
            let found = estimate_errors(
                &core,
                params.k,
                params.keep,
                new_columns,
                residual.as_ref().map(Mat::as_ref),
                caught,
                scale,
            )?;
            let worst = found.value.iter().take(params.k).fold(0.0f64, |a, b| a.max(*b));
            next_test = predict_columns(&mut tested, size, found.angle, params);
            let next_value =
                if params.angle.is_finite() { found.value.get(params.k).copied() } else { None };
            let values = worst <= params.value && next_value.is_none_or(|v| v <= NEXT_VALUE);
            let converged = next.is_none() || (found.angle <= params.angle && values);
            if converged || last {
                let kept = params.keep.min(found.core.u.ncols());
                let u =
                    combine_ritz_vectors(device, &q, small::leading_columns(&found.core.u, kept))
                        .await?;
                let v =
                    combine_ritz_vectors(device, &p, small::leading_columns(&found.core.v, kept))
                        .await?;
                let value_error = found
                    .value
                    .iter()
                    .zip(&found.core.s)
                    .map(|(v, s)| v + ROUNDING + SMALL_VALUE * found.core.s[0] / s)
                    .collect();
                return Ok(TopK {
                    u: Some(u),
                    v: Some(v),
                    s: found.core.s,
                    kept,
                    value_error,
                    angle_errors: found.angles,
                    columns,
                    basis: size,
                    converged,
                });
            }
        }
        p.push(next.expect("an empty block ends the iteration above"));
    }
}

/// Returns basis · coefficients, for a basis in blocks.
async fn combine_ritz_vectors<B: Backend>(
    device: &B,
    basis: &[B::Block],
    c: MatRef<'_, f64>,
) -> Result<B::Block, Error> {
    let mut start = 0;
    let mut terms = Vec::with_capacity(basis.len());
    for block in basis {
        let columns = device.columns(block);
        terms.push((block, c.subrows(start, columns)));
        start += columns;
    }
    device.combine(None, &terms).await
}
