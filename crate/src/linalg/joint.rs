//! Compares two matrices in one common subspace: σ(W1) − σ(W0) and the rotation come from one joint
//! Rayleigh–Ritz step.
//!
//! With Q, P orthonormal bases of span[U0, ΔV0, U1] and span[V0, ΔᵀU0, V1], the cores C0 = QᵀW0P
//! and C1 = C0 + QᵀΔP carry both spectra and both subspaces. Their errors are shared and cancel in
//! the difference, so an update of relative size 1e-5 is measured and not drowned: docs/numerics.md
//! §4.

use crate::error::Error;
use crate::kernels::{Backend, Operand};
use crate::linalg::angles::{principal_angles, vector_angles};
use crate::linalg::orth::orthonormalize;
use crate::linalg::ranks::{common_rank, inner_edges};
use crate::linalg::small;
use crate::linalg::top_k::TopK;
use faer::Mat;
use std::ops::Range;

/// From this k on the blocks ΔV and ΔᵀU are left out: the Ritz vectors alone are as accurate
/// (docs/numerics.md §4).
const WITHOUT_MOVED: usize = 256;

/// Spectra of a pair of matrices, the angles between their singular subspaces, and the energies of
/// Δ in them. Lists are in descending order as in the report, angles in degrees.
#[derive(Debug, Clone, Default)]
pub struct PairSpectra {
    /// The rank in use.
    pub k: usize,
    /// σ(W0): all of them on the exact route, else the leading ones and some beyond k.
    pub base: Vec<f64>,
    /// σ(W1), as many as of W0.
    pub tuned: Vec<f64>,
    /// Principal angles of the left subspaces.
    pub left: Vec<f64>,
    /// Principal angles of the right subspaces.
    pub right: Vec<f64>,
    /// The angle of each left singular vector.
    pub vectors_left: Vec<f64>,
    /// The angle of each right singular vector.
    pub vectors_right: Vec<f64>,
    /// The principal angles at the smaller ranks of [`edges`], ascending, without k itself.
    pub inner: Vec<Angles>,
    /// The squared entries of U_kᵀΔV_k, k×k row-major.
    pub core: Vec<f64>,
    /// ‖u_iᵀΔ‖² for i ≤ k.
    pub left_energy: Vec<f64>,
    /// ‖Δv_i‖² for i ≤ k.
    pub right_energy: Vec<f64>,
    /// ⟨Δ, T1 − T0⟩, T being the rank-k parts. The exact route does not use it.
    pub update_dot_parts: f64,
    /// ‖T1 − T0‖_F². The exact route does not use it.
    pub parts_squared: f64,
}

impl PairSpectra {
    /// Returns ‖U_aᵀΔV_b‖_F² of two ranges of directions.
    pub fn core_energy(&self, a: Range<usize>, b: Range<usize>) -> f64 {
        a.map(|i| self.core[i * self.k + b.start..i * self.k + b.end].iter().sum::<f64>()).sum()
    }

    /// Multiplies the energies of Δ.
    pub fn scale_update(&mut self, factor: f64) {
        for energies in [&mut self.core, &mut self.left_energy, &mut self.right_energy] {
            energies.iter_mut().for_each(|e| *e *= factor);
        }
    }
}

/// The principal angles of both sides at one rank, descending, in degrees.
#[derive(Debug, Clone, Default)]
pub struct Angles {
    /// The rank.
    pub k: usize,
    /// The angles of the left subspaces.
    pub left: Vec<f64>,
    /// The angles of the right subspaces.
    pub right: Vec<f64>,
}

/// The cores' vectors come from their Gram matrices if σ_k is more than this share of the largest
/// value: an angle is then off by 1e-16 over the share squared and the gap, below 1e-7 degrees for
/// gaps of 1e-4.
const GRAM_LEAST: f64 = 3e-3;

/// Returns [a, b].
fn join_columns(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols() + b.ncols(), |i, j| {
        if j < a.ncols() { a[(i, j)] } else { b[(i, j - a.ncols())] }
    })
}

/// Returns the first k of the `kept` columns of a block.
async fn take_first_columns<B: Backend>(
    device: &B,
    block: &B::Block,
    kept: usize,
    k: usize,
) -> Result<B::Block, Error> {
    let pick = Mat::from_fn(kept, k, |i, j| f64::from(u8::from(i == j)));
    device.combine(None, &[(block, pick.as_ref())]).await
}

/// Returns the squared lengths of the columns of a block.
async fn column_squares<B: Backend>(device: &B, block: &B::Block) -> Result<Vec<f64>, Error> {
    let gram = device.gram(&[block], &[block]).await?;
    Ok((0..gram.ncols()).map(|j| gram[(j, j)]).collect())
}

/// Returns [first, orthonormal rest of (moved scaled to length one, other)].
async fn build_union_basis<'a, B: Backend>(
    device: &B,
    first: &'a B::Block,
    moved: Option<(&B::Block, &[f64])>,
    other: &B::Block,
) -> Result<Vec<Part<'a, B::Block>>, Error> {
    let mut parts = vec![Part::Borrowed(first)];
    if let Some((moved, squares)) = moved {
        let keep: Vec<usize> = (0..squares.len()).filter(|&j| squares[j] > 0.0).collect();
        if !keep.is_empty() {
            let unit = Mat::from_fn(squares.len(), keep.len(), |i, j| {
                if keep[j] == i { 1.0 / squares[i].sqrt() } else { 0.0 }
            });
            let scaled = device.combine(None, &[(moved, unit.as_ref())]).await?;
            if let Some(rest) = orthonormalize_part(device, &scaled, &parts).await? {
                parts.push(Part::Owned(rest));
            }
        }
    }
    if let Some(rest) = orthonormalize_part(device, other, &parts).await? {
        parts.push(Part::Owned(rest));
    }
    Ok(parts)
}

/// A block of a union basis.
enum Part<'a, T> {
    Borrowed(&'a T),
    Owned(T),
}

impl<T> AsRef<T> for Part<'_, T> {
    fn as_ref(&self) -> &T {
        match self {
            Self::Borrowed(t) => t,
            Self::Owned(t) => t,
        }
    }
}

/// Orthonormalises `z` against the parts of a union basis, dropping columns below 1e-7: 3e-6 would
/// lose 5 % of small angles (docs/numerics.md §3.3).
async fn orthonormalize_part<B: Backend>(
    device: &B,
    z: &B::Block,
    parts: &[Part<'_, B::Block>],
) -> Result<Option<B::Block>, Error> {
    let basis: Vec<&B::Block> = parts.iter().map(AsRef::as_ref).collect();
    orthonormalize(device, z, &basis, 1e-7).await
}

/// Multiplies W by every part.
async fn multiply_parts<B: Backend>(
    device: &B,
    w: Operand<'_, B::Matrix>,
    parts: &[Part<'_, B::Block>],
) -> Result<Vec<B::Block>, Error> {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        out.push(device.product(w, false, part.as_ref()).await?);
    }
    Ok(out)
}

/// Compares W1 with W0 at rank k, given the leading triplets of each.
///
/// # Errors
/// [`Error::Numerics`] if either matrix is zero or a small decomposition does not converge, and
/// what the device refuses.
pub async fn compare_pair<B: Backend>(
    device: &B,
    base: &B::Matrix,
    tuned: &B::Matrix,
    k: usize,
    t0: &TopK<B::Block>,
    t1: &TopK<B::Block>,
) -> Result<PairSpectra, Error> {
    let k = common_rank(k, &t0.s, &t1.s).min(t0.kept).min(t1.kept);
    let (Some(u0), Some(v0), Some(u1), Some(v1)) = (&t0.u, &t0.v, &t1.u, &t1.v) else {
        return Err(Error::Numerics("a zero matrix has no principal subspace".into()));
    };
    let update = Operand::Difference(base, tuned);
    let moved = device.product(update, false, v0).await?;
    let moved_u = take_first_columns(device, &moved, t0.kept, k).await?;
    let moved_v =
        device.product(update, true, &take_first_columns(device, u0, t0.kept, k).await?).await?;
    let (squares_u, squares_v) =
        (column_squares(device, &moved_u).await?, column_squares(device, &moved_v).await?);
    let core_all = device.gram(&[u0], &[&moved_u]).await?;
    let core = small::square_entries(core_all.as_ref().subrows(0, k));
    let with_moved = k < WITHOUT_MOVED;
    let q =
        build_union_basis(device, u0, with_moved.then_some((&moved_u, &squares_u[..])), u1).await?;
    let p =
        build_union_basis(device, v0, with_moved.then_some((&moved_v, &squares_v[..])), v1).await?;
    let left: Vec<&B::Block> = q.iter().map(AsRef::as_ref).collect();
    // W0·V0 = U0·diag(σ) is what the iteration ended with, so only the rest of P is multiplied
    // again.
    let known = Mat::from_fn(left.iter().map(|b| device.columns(b)).sum(), t0.kept, |i, j| {
        if i == j { t0.s[j] } else { 0.0 }
    });
    let c0 = join_columns(
        &known,
        &device
            .gram(
                &left,
                &multiply_parts(device, Operand::One(base), &p[1..])
                    .await?
                    .iter()
                    .collect::<Vec<_>>(),
            )
            .await?,
    );
    let moved_rest = multiply_parts(device, update, &p[1..]).await?;
    let dc =
        device.gram(&left, &std::iter::once(&moved).chain(&moved_rest).collect::<Vec<_>>()).await?;
    let beyond = t0.kept.max(t1.kept).min(c0.nrows()).min(c0.ncols());
    let f0 = small::leading_svd(c0.as_ref(), beyond, GRAM_LEAST)?;
    let f1 = small::leading_svd((&c0 + &dc).as_ref(), beyond, GRAM_LEAST)?;
    let (a0, a1) = (small::leading_columns(&f0.u, k), small::leading_columns(&f1.u, k));
    let (b0, b1) = (small::leading_columns(&f0.v, k), small::leading_columns(&f1.v, k));
    let angles = |k: usize| {
        let first = |x| small::leading_columns(x, k);
        Ok(Angles {
            k,
            left: principal_angles(first(&f0.u), first(&f1.u))?,
            right: principal_angles(first(&f0.v), first(&f1.v))?,
        })
    };
    let inner = inner_edges(k).into_iter().map(angles).collect::<Result<_, Error>>()?;
    let part = |f: &small::Svd| {
        let scaled = Mat::from_fn(f.u.nrows(), k, |i, j| f.u[(i, j)] * f.s[j]);
        scaled * small::leading_columns(&f.v, k).transpose()
    };
    let parts = part(&f1) - part(&f0);
    let update_dot_parts = (0..dc.ncols())
        .map(|j| (0..dc.nrows()).map(|i| dc[(i, j)] * parts[(i, j)]).sum::<f64>())
        .sum();
    Ok(PairSpectra {
        k,
        base: f0.s[..beyond].to_vec(),
        tuned: f1.s[..beyond].to_vec(),
        left: principal_angles(a0, a1)?,
        right: principal_angles(b0, b1)?,
        vectors_left: vector_angles(a0, a1),
        vectors_right: vector_angles(b0, b1),
        inner,
        core,
        left_energy: squares_v,
        right_energy: squares_u,
        update_dot_parts,
        parts_squared: small::squared_norm(parts.as_ref()),
    })
}
