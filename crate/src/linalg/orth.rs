//! Orthonormal columns for span((I − B·Bᵀ)·Z), rank revealing: docs/numerics.md §3.3.
//!
//! Only small Gram matrices leave the device. Every pass projects the basis out again, then takes a
//! clamped SVQB step (Stathopoulos & Wu 2002): Z ← Z·X·max(Λ, c·λ_max)^(-1/2) with ZᵀZ = X·Λ·Xᵀ.
//! One pass halves the digits lost to ill-conditioning, so the loop ends after two on healthy
//! blocks.

use crate::error::Error;
use crate::kernels::Backend;
use crate::linalg::small;
use faer::Mat;

/// Passes before the directions that are still short are dropped as rank deficiency.
const PASSES: usize = 5;
/// Eigenvalues are clamped to this share of the largest, which lies at f32's own noise in a Gram
/// matrix (6e-8·√b).
const CLAMP: f64 = 1e-6;
/// Columns shorter than this many times `drop` may be mostly rounding along the older basis.
const NEAR: f64 = 1e4;

/// Returns Z − B·(BᵀZ) for a basis in several blocks, and BᵀZ.
async fn project<B: Backend>(
    device: &B,
    z: &B::Block,
    basis: &[&B::Block],
) -> Result<(B::Block, Mat<f64>), Error> {
    let along = device.gram(basis, &[z]).await?;
    let removed = Mat::from_fn(along.nrows(), along.ncols(), |i, j| -along[(i, j)]);
    let mut start = 0;
    let mut terms = Vec::with_capacity(basis.len());
    for block in basis {
        let columns = device.columns(block);
        terms.push((*block, removed.as_ref().subrows(start, columns)));
        start += columns;
    }
    Ok((device.combine(Some(z), &terms).await?, along))
}

/// Returns the columns of X·diag(scale) for which `keep` is true.
fn scale_columns(x: &Mat<f64>, scale: &[f64], keep: &[bool]) -> Mat<f64> {
    let columns: Vec<usize> = (0..x.ncols()).filter(|&j| keep[j]).collect();
    Mat::from_fn(x.nrows(), columns.len(), |i, j| x[(i, columns[j])] * scale[columns[j]])
}

/// The result of [`orthonormalize_recent`].
pub struct Orthonormal<T> {
    /// Orthonormal columns; `None` if nothing was left.
    pub block: Option<T>,
    /// The entries of the recurrence, (basis[older..])ᵀ·z.
    pub along: Mat<f64>,
}

/// Returns orthonormal columns that span (I − basis·basisᵀ)·z, or `None` if nothing is left.
///
/// `basis` must be orthonormal. Columns of z that are shorter than `drop` (an absolute length)
/// after the first projection are noise and are dropped; so are, after normalisation, directions
/// below about 1e-3 of the longest.
pub async fn orthonormalize<B: Backend>(
    device: &B,
    z: &B::Block,
    basis: &[&B::Block],
    drop: f64,
) -> Result<Option<B::Block>, Error> {
    Ok(orthonormalize_recent(device, z, basis, 0, drop).await?.block)
}

/// Does the same as [`orthonormalize`] for a z that is orthogonal to `basis[..older]` up to
/// rounding, as the next block of a Lanczos recurrence is.
///
/// The first pass then projects out the rest of the basis alone, along which z is long, and every
/// later pass all of it. So each component is still removed twice at half the work, unless the
/// block is so short that rounding is a part of it.
pub async fn orthonormalize_recent<B: Backend>(
    device: &B,
    z: &B::Block,
    basis: &[&B::Block],
    older: usize,
    drop: f64,
) -> Result<Orthonormal<B::Block>, Error> {
    let mut owned: Option<B::Block> = None;
    let mut along = Mat::zeros(0, device.columns(z));
    if basis.len() > older {
        let (rest, found) = project(device, z, &basis[older..]).await?;
        (owned, along) = (Some(rest), found);
    }
    let nothing = |along| Ok(Orthonormal { block: None, along });
    let (mut lambda, mut x) = (Vec::new(), Mat::new());
    for pass in 0..PASSES {
        if pass > 0 && !basis.is_empty() {
            owned = Some(project(device, owned.as_ref().unwrap_or(z), basis).await?.0);
        }
        let current = owned.as_ref().unwrap_or(z);
        let mut gram = small::symmetrize(&device.gram(&[current], &[current]).await?);
        let mut norms = None;
        if pass == 0 {
            let mut length = column_lengths(&gram);
            if older > 0 && length.iter().any(|l| *l < NEAR * drop) {
                let rest = project(device, current, &basis[..older]).await?.0;
                gram = small::symmetrize(&device.gram(&[&rest], &[&rest]).await?);
                length = column_lengths(&gram);
                owned = Some(rest);
            }
            // Equal column lengths first: a block of residuals spans many orders of magnitude.
            let keep: Vec<usize> = (0..length.len()).filter(|&j| length[j] > drop).collect();
            if keep.is_empty() {
                return nothing(along);
            }
            gram = Mat::from_fn(keep.len(), keep.len(), |i, j| {
                gram[(keep[i], keep[j])] / (length[keep[i]] * length[keep[j]])
            });
            norms = Some((length, keep));
        }
        let current = owned.as_ref().unwrap_or(z);
        (lambda, x) = small::eigen(gram.as_ref())?;
        let (first, last) = (lambda[0], lambda[lambda.len() - 1]);
        if let Some((length, keep)) = norms {
            x = Mat::from_fn(length.len(), keep.len(), |i, j| {
                keep.iter().position(|&r| r == i).map_or(0.0, |r| x[(r, j)] / length[i])
            });
        }
        let done = pass > 0 && last > 0.5 * first;
        if !done && pass == PASSES - 1 {
            break;
        }
        let scale: Vec<f64> = lambda
            .iter()
            .map(|l| 1.0 / if done { *l } else { l.max(CLAMP * first) }.sqrt())
            .collect();
        let all = vec![true; scale.len()];
        owned = Some(
            device.combine(None, &[(current, scale_columns(&x, &scale, &all).as_ref())]).await?,
        );
        if done {
            return Ok(Orthonormal { block: owned, along });
        }
    }
    Ok(Orthonormal {
        block: keep_full_rank(device, owned.as_ref().unwrap_or(z), basis, &lambda, &x).await?,
        along,
    })
}

/// Returns the lengths of the columns whose Gram matrix this is.
fn column_lengths(gram: &Mat<f64>) -> Vec<f64> {
    (0..gram.ncols()).map(|j| gram[(j, j)].max(0.0).sqrt()).collect()
}

/// Takes the last step on a rank-deficient block: keeps the directions that five passes have
/// brought to length one, and drops the rest.
async fn keep_full_rank<B: Backend>(
    device: &B,
    z: &B::Block,
    basis: &[&B::Block],
    lambda: &[f64],
    x: &Mat<f64>,
) -> Result<Option<B::Block>, Error> {
    if lambda[0] < 0.25 {
        return Ok(None);
    }
    let scale = |lambda: &[f64]| {
        lambda.iter().map(|l| 1.0 / l.max(f64::MIN_POSITIVE).sqrt()).collect::<Vec<_>>()
    };
    let keep: Vec<bool> = lambda.iter().map(|l| *l > 0.5 * lambda[0]).collect();
    let mut z =
        device.combine(None, &[(z, scale_columns(x, &scale(lambda), &keep).as_ref())]).await?;
    if !basis.is_empty() {
        z = project(device, &z, basis).await?.0;
    }
    let (lambda, x) = small::eigen(small::symmetrize(&device.gram(&[&z], &[&z]).await?).as_ref())?;
    let keep: Vec<bool> = lambda.iter().map(|l| *l > 0.5).collect();
    if !keep.contains(&true) {
        return Ok(None);
    }
    Ok(Some(
        device.combine(None, &[(&z, scale_columns(&x, &scale(&lambda), &keep).as_ref())]).await?,
    ))
}
