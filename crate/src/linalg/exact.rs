//! Whole spectra through f64 Gram matrices over the shorter side, streamed along the longer one:
//! docs/numerics.md §2.
//!
//! With A the matrix or its transpose, long × short: one read gives A0ᵀA0, A1ᵀA1 and DᵀD (D = A1 −
//! A0) in f64, whose eigenvalues are the squared singular values (small matrices take theirs from
//! an SVD). The NSS is then right to 1e-9 of itself at relative updates of 1e-5, where an f32 Gram
//! matrix would be off by +42 % to +2500 %. Where memory is short, each Gram matrix has a read of
//! its own. Two more reads give A0·V0, A1·V1 and D·V0 and from them the longer side's angles.
//! Memory: a few short × short matrices ([`squares_held`]), whatever the length.

use crate::error::Error;
use crate::linalg::angles::{principal_angles, vector_angles};
use crate::linalg::joint::{Angles, PairSpectra};
use crate::linalg::ranks::{common_rank, inner_edges};
use crate::linalg::self_adjoint::SelfAdjoint;
use crate::linalg::small;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par};

/// Two matrices of one shape, read in panels along the longer side.
#[allow(async_fn_in_trait)]
pub trait Panels {
    /// Returns (long, short).
    fn shape(&self) -> (usize, usize);
    /// Reads rows `start..start + count` of the long × short base and tuned matrices, exact in f64.
    async fn panel(&self, start: usize, count: usize) -> Result<(Mat<f64>, Mat<f64>), Error>;
    /// Returns the lower half of the f64 Gram matrix over the shorter side if something has it
    /// cheaper than by the panels, else `None`.
    async fn gram(&self, _matrix: PairMatrix) -> Result<Option<Mat<f64>>, Error> {
        Ok(None)
    }
    /// Frees what is kept of the matrices, since memory is needed for something else.
    fn release(&self) {}
}

/// Spectra and angles of a pair, `left` being the longer side, and the base's scaled vectors.
#[derive(Debug)]
pub struct ExactPair {
    /// The spectra, with every singular value, and the angles.
    pub spectra: PairSpectra,
    /// All singular values of Δ.
    pub update: Vec<f64>,
    /// U_k·diag(σ) of the base, long × k, row-major f32.
    pub long: Vec<f32>,
    /// V_k of the base, short × k, row-major f32.
    pub short: Vec<f32>,
}

/// Matrices of at most so many elements take their values from an SVD of the matrix itself: a Gram
/// matrix cannot tell values below 1e-8·σ_1 from 0.
const DIRECT: usize = 1 << 17;

/// The most entries of A0·V0, and of A1·V1, that are kept for their second use: 4 MiB of f64 each.
/// The block of an attention head then needs one read less.
const KEPT: usize = 1 << 19;

/// Returns the rows of a panel: 4 MiB of f64 at most, so that a few of them fit anywhere.
fn panel_rows(short: usize) -> usize {
    ((4 << 20) / (8 * short.max(1))).clamp(1, 4096)
}

/// Adds the lower half of AᵀA to `g`.
fn add_gram(g: &mut Mat<f64>, a: MatRef<'_, f64>) {
    let lower = BlockStructure::TriangularLower;
    let full = BlockStructure::Rectangular;
    triangular::matmul(g.as_mut(), lower, Accum::Add, a.transpose(), full, a, full, 1.0, Par::Seq);
}

/// Returns the roots of eigenvalues, of negative ones 0.
fn take_roots(values: &[f64]) -> Vec<f64> {
    values.iter().map(|l| l.max(0.0).sqrt()).collect()
}

/// Returns diag(1/l)·C·diag(1/r).
fn divide_scales(c: &Mat<f64>, l: Option<&[f64]>, r: Option<&[f64]>) -> Mat<f64> {
    Mat::from_fn(c.nrows(), c.ncols(), |i, j| {
        c[(i, j)] / l.map_or(1.0, |l| l[i]) / r.map_or(1.0, |r| r[j])
    })
}

/// The matrix that a Gram matrix is formed from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PairMatrix {
    /// W0.
    Base,
    /// W1.
    Tuned,
    /// W1 − W0.
    Update,
}

/// Returns how many short × short matrices of f64 are held at once: faer's eigenvectors take 3.9
/// beside the Gram matrix (measured at 2048), and all three Gram matrices wait for them unless
/// memory is to be spared.
pub fn squares_held(sparing: bool) -> u64 {
    if sparing { 5 } else { 7 }
}

/// Sums the Gram matrices of some of base, tuned and update in one read into `grams`, in its memory
/// if it has been filled before.
async fn sum_grams<P: Panels>(
    panels: &P,
    wanted: &[PairMatrix],
    grams: &mut Vec<Mat<f64>>,
) -> Result<(), Error> {
    let (long, short) = panels.shape();
    if long * short > DIRECT {
        let mut found = Vec::with_capacity(wanted.len());
        for matrix in wanted {
            let Some(gram) = panels.gram(*matrix).await? else {
                break;
            };
            found.push(gram);
        }
        if found.len() == wanted.len() {
            *grams = found;
            return Ok(());
        }
    }
    let step = panel_rows(short);
    grams.resize_with(wanted.len(), || Mat::zeros(short, short));
    grams.iter_mut().for_each(|gram| gram.fill(0.0));
    for start in (0..long).step_by(step) {
        let (base, tuned) = panels.panel(start, step.min(long - start)).await?;
        for (gram, matrix) in grams.iter_mut().zip(wanted) {
            match matrix {
                PairMatrix::Base => add_gram(gram, base.as_ref()),
                PairMatrix::Tuned => add_gram(gram, tuned.as_ref()),
                PairMatrix::Update => add_gram(gram, (&tuned - &base).as_ref()),
            }
        }
    }
    panels.release();
    Ok(())
}

/// The results of the Gram matrices of a pair: all singular values of both and of Δ, and the
/// leading right vectors of both.
struct RightSides {
    s0: Vec<f64>,
    s1: Vec<f64>,
    update: Vec<f64>,
    v0: Mat<f64>,
    v1: Mat<f64>,
}

/// Decomposes the Gram matrices of a pair, with the leading k vectors of base and tuned.
async fn decompose_right_sides<P: Panels>(
    panels: &P,
    k: usize,
    sparing: bool,
) -> Result<RightSides, Error> {
    let short = panels.shape().1;
    let reads: &[&[PairMatrix]] = if sparing {
        &[&[PairMatrix::Base], &[PairMatrix::Tuned], &[PairMatrix::Update]]
    } else {
        &[&[PairMatrix::Update, PairMatrix::Base, PairMatrix::Tuned]]
    };
    let (mut s0, mut s1, mut update) = (Vec::new(), Vec::new(), Vec::new());
    let (mut v0, mut v1) = (Mat::zeros(0, 0), Mat::zeros(0, 0));
    let mut grams = Vec::new();
    // Its memory is taken when the first read is over, which may need as much.
    let mut eigen = None;
    for wanted in reads {
        sum_grams(panels, wanted, &mut grams).await?;
        let eigen = eigen.get_or_insert_with(|| SelfAdjoint::new(short));
        for (matrix, gram) in wanted.iter().zip(&grams) {
            match matrix {
                PairMatrix::Base => (s0, v0) = eigen.decompose_leading(gram.as_ref(), k)?,
                PairMatrix::Tuned => (s1, v1) = eigen.decompose_leading(gram.as_ref(), k)?,
                PairMatrix::Update => update = eigen.eigenvalues(gram.as_ref())?,
            }
        }
    }
    Ok(RightSides { s0: take_roots(&s0), s1: take_roots(&s1), update: take_roots(&update), v0, v1 })
}

/// Decomposes a pair exactly at rank k. `sparing` takes three reads instead of one, and less
/// memory.
///
/// # Errors
/// [`Error::Numerics`] if a decomposition does not converge, and what `panels` fails with.
pub async fn decompose_exact<P: Panels>(
    panels: &P,
    k: usize,
    sparing: bool,
) -> Result<ExactPair, Error> {
    let (long, short) = panels.shape();
    let step = panel_rows(short);
    let RightSides { mut s0, mut s1, mut update, v0, v1 } =
        decompose_right_sides(panels, k, sparing).await?;
    if long * short <= DIRECT {
        let (base, tuned) = panels.panel(0, long).await?;
        update = small::singular_values((&tuned - &base).as_ref())?;
        (s0, s1) =
            (small::singular_values(base.as_ref())?, small::singular_values(tuned.as_ref())?);
    }
    let k = common_rank(k, &s0, &s1);
    if k == 0 {
        let spectra = PairSpectra { base: s0, tuned: s1, ..PairSpectra::default() };
        return Ok(ExactPair { spectra, update, long: Vec::new(), short: Vec::new() });
    }
    let (v0, v1) = (small::leading_columns(&v0, k), small::leading_columns(&v1, k));
    let (d0, d1) = (&s0[..k], &s1[..k]);
    let [mut m01, mut moved] = [Mat::<f64>::zeros(k, k), Mat::zeros(k, k)];
    let mut back = Mat::<f64>::zeros(short, k);
    let mut right_energy = vec![0.0; k];
    let mut scaled = Vec::with_capacity(long * k);
    let mut kept = Vec::new();
    for start in (0..long).step_by(step) {
        let (base, tuned) = panels.panel(start, step.min(long - start)).await?;
        let delta = &tuned - &base;
        let (y0, y1, dv) = (&base * v0, &tuned * v1, &delta * v0);
        m01 += y0.transpose() * &y1;
        moved += y0.transpose() * &dv;
        back += delta.transpose() * &y0;
        right_energy.iter_mut().zip(column_squares(&dv)).for_each(|(sum, x)| *sum += x);
        scaled.extend(
            (0..y0.nrows())
                .flat_map(|i| (0..k).map(move |j| (i, j)))
                .map(|(i, j)| y0[(i, j)] as f32),
        );
        if long * k <= KEPT {
            kept.push((y0, y1));
        }
    }
    let mut kept = kept.into_iter();
    let cosines = divide_scales(&m01, Some(d0), Some(d1));
    // The part of U1 outside U0 is formed before it is squared: as 1 − cos² it would be blind below
    // √(2⁻⁵²)·σ_1/σ_k.
    let mut outside = Mat::<f64>::zeros(k, k);
    for start in (0..long).step_by(step) {
        let (y0, y1) = match kept.next() {
            Some(products) => products,
            None => {
                let (base, tuned) = panels.panel(start, step.min(long - start)).await?;
                (&base * v0, &tuned * v1)
            }
        };
        let rest =
            divide_scales(&y1, None, Some(d1)) - divide_scales(&y0, None, Some(d0)) * &cosines;
        outside += rest.transpose() * &rest;
    }
    let angles = |k: usize| {
        let right = principal_angles(v0.subcols(0, k), v1.subcols(0, k))?;
        Ok(Angles { k, left: long_angles(cosines.as_ref(), outside.as_ref(), k)?, right })
    };
    let Angles { left, right, .. } = angles(k)?;
    let spectra = PairSpectra {
        k,
        left,
        right,
        inner: inner_edges(k).into_iter().map(angles).collect::<Result<_, Error>>()?,
        vectors_left: (0..k).map(|i| vector_angle(cosines[(i, i)])).collect(),
        vectors_right: vector_angles(v0, v1),
        core: small::square_entries(divide_scales(&moved, Some(d0), None).as_ref()),
        left_energy: column_squares(&divide_scales(&back, None, Some(d0))),
        right_energy,
        base: s0.clone(),
        tuned: s1.clone(),
        ..PairSpectra::default()
    };
    let short_vectors = (0..short)
        .flat_map(|i| (0..k).map(move |j| (i, j)))
        .map(|(i, j)| v0[(i, j)] as f32)
        .collect();
    Ok(ExactPair { spectra, update, long: scaled, short: short_vectors })
}

/// Returns the angle of two vectors in degrees, given its cosine.
fn vector_angle(cosine: f64) -> f64 {
    let c = cosine.abs().min(1.0);
    ((1.0 - c) * (1.0 + c)).sqrt().atan2(c).to_degrees()
}

/// Returns the squared lengths of the columns.
fn column_squares(a: &Mat<f64>) -> Vec<f64> {
    a.col_iter().map(|c| c.squared_norm_l2()).collect()
}

/// Returns the angles between the first k columns of U0 and U1 in degrees, given U0ᵀU1 and the Gram
/// matrix of (I − U0U0ᵀ)U1. Outside the first k columns of U0 lies what is outside all of them, and
/// the part along the others, which their cosines tell.
fn long_angles(
    cosines: MatRef<'_, f64>,
    outside: MatRef<'_, f64>,
    k: usize,
) -> Result<Vec<f64>, Error> {
    let mut c = small::singular_values(cosines.submatrix(0, 0, k, k))?;
    c.reverse();
    let others = cosines.submatrix(k, 0, cosines.nrows() - k, k);
    let sines_squared = outside.submatrix(0, 0, k, k) + others.transpose() * others;
    let s = small::eigenvalues(small::symmetrize(&sines_squared).as_ref())?;
    Ok(s.iter()
        .zip(&c)
        .map(|(s, c)| {
            if *s < 0.5 { s.max(0.0).sqrt().asin() } else { c.clamp(0.0, 1.0).acos() }.to_degrees()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Whole(Mat<f64>, Mat<f64>);

    impl Panels for Whole {
        fn shape(&self) -> (usize, usize) {
            (self.0.nrows(), self.0.ncols())
        }
        async fn panel(&self, start: usize, count: usize) -> Result<(Mat<f64>, Mat<f64>), Error> {
            let rows = |a: &Mat<f64>| a.as_ref().subrows(start, count).to_owned();
            Ok((rows(&self.0), rows(&self.1)))
        }
    }

    #[test]
    fn sparing_memory_changes_no_bit() {
        let random = super::super::random::Counter::new(5, 400, 350);
        let noise = |seed: usize| {
            move |i: usize, j: usize| {
                f64::from(random.normal((seed * 140_000 + i * 350 + j) as u64))
            }
        };
        let base = Mat::from_fn(400, 350, noise(0));
        let tuned = &base + faer::Scale(1e-3) * Mat::from_fn(400, 350, noise(1));
        let pair = Whole(base, tuned);
        assert!(pair.0.nrows() * pair.0.ncols() > DIRECT, "else the values come from elsewhere");
        let (a, b) = pollster::block_on(async {
            (
                decompose_exact(&pair, 9, false).await.expect("exact"),
                decompose_exact(&pair, 9, true).await.expect("exact"),
            )
        });
        assert_eq!(
            (a.spectra.base, a.spectra.tuned, a.update),
            (b.spectra.base, b.spectra.tuned, b.update)
        );
        assert_eq!(
            (a.spectra.left, a.spectra.core, a.long, a.short),
            (b.spectra.left, b.spectra.core, b.long, b.short)
        );
    }
}
