//! Whole spectra through f64 Gram matrices over the shorter side, streamed along the longer one.
//!
//! With A the matrix or its transpose, long × short: one read gives A0ᵀA0, A1ᵀA1 and DᵀD (D = A1 − A0) in f64, whose
//! eigenvalues are squared singular values (small matrices take theirs from an SVD), right to 1e-9 of the NSS at relative updates of 1e-5 (an f32 Gram would be
//! off by +42 % to +2500 %, NUMERICS "Never"). A second read gives A0·V0, A1·V1 and D·V0 and from them, again through
//! f64 Gram matrices, the longer side's angles. Memory: a few short × short matrices, whatever the length.

use super::angles::{principal_angles, vector_angles};
use super::joint::{Angles, PairSpectra, common_rank, inner_edges};
use super::small;
use crate::error::Error;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par};

/// Panels of two matrices of one shape along the longer side.
#[allow(async_fn_in_trait)]
pub trait Panels {
    /// (long, short).
    fn shape(&self) -> (usize, usize);
    /// Rows `start..start + count` of the long × short base and tuned matrices, exact in f64.
    async fn panel(&self, start: usize, count: usize) -> Result<(Mat<f64>, Mat<f64>), Error>;
}

/// Spectra and angles of a pair, `left` being the longer side, with the base's scaled vectors.
#[derive(Debug)]
pub struct ExactPair {
    /// With every singular value.
    pub spectra: PairSpectra,
    /// σ(Δ), all.
    pub update: Vec<f64>,
    /// U_k·diag(σ) of the base, long × k row-major f32.
    pub long: Vec<f32>,
    /// V_k of the base, short × k row-major f32.
    pub short: Vec<f32>,
}

/// Elements up to which values come from an SVD of the matrix itself: a Gram matrix can't tell values below 1e-8·σ_1
/// from 0.
const DIRECT: usize = 1 << 17;

/// Rows a panel: 4 MiB of f64 at most, so that a few of them fit anywhere.
fn panel_rows(short: usize) -> usize {
    ((4 << 20) / (8 * short.max(1))).clamp(1, 4096)
}

fn add_gram(g: &mut Mat<f64>, a: MatRef<'_, f64>) {
    let lower = BlockStructure::TriangularLower;
    let full = BlockStructure::Rectangular;
    triangular::matmul(g.as_mut(), lower, Accum::Add, a.transpose(), full, a, full, 1.0, Par::Seq);
}

fn roots(values: &[f64]) -> Vec<f64> {
    values.iter().map(|l| l.max(0.0).sqrt()).collect()
}

/// C ← diag(1/l)·C·diag(1/r).
fn unscaled(c: &Mat<f64>, l: Option<&[f64]>, r: Option<&[f64]>) -> Mat<f64> {
    Mat::from_fn(c.nrows(), c.ncols(), |i, j| c[(i, j)] / l.map_or(1.0, |l| l[i]) / r.map_or(1.0, |r| r[j]))
}

/// The exact decomposition of a pair at rank k.
pub async fn exact<P: Panels>(panels: &P, k: usize) -> Result<ExactPair, Error> {
    let (long, short) = panels.shape();
    let step = panel_rows(short);
    let mut grams = [Mat::<f64>::zeros(short, short), Mat::zeros(short, short), Mat::zeros(short, short)];
    for start in (0..long).step_by(step) {
        let (base, tuned) = panels.panel(start, step.min(long - start)).await?;
        add_gram(&mut grams[2], (&tuned - &base).as_ref());
        add_gram(&mut grams[0], base.as_ref());
        add_gram(&mut grams[1], tuned.as_ref());
    }
    let (l0, v0) = small::eigen(grams[0].as_ref())?;
    let (l1, v1) = small::eigen(grams[1].as_ref())?;
    let (mut s0, mut s1, mut update) = (roots(&l0), roots(&l1), roots(&small::eigenvalues(grams[2].as_ref())?));
    if long * short <= DIRECT {
        let (base, tuned) = panels.panel(0, long).await?;
        update = small::singular_values((&tuned - &base).as_ref())?;
        (s0, s1) = (small::singular_values(base.as_ref())?, small::singular_values(tuned.as_ref())?);
    }
    let k = common_rank(k, &s0, &s1);
    if k == 0 {
        let spectra = PairSpectra { base: s0, tuned: s1, ..PairSpectra::default() };
        return Ok(ExactPair { spectra, update, long: Vec::new(), short: Vec::new() });
    }
    let (v0, v1) = (small::leading(&v0, k), small::leading(&v1, k));
    let (d0, d1) = (&s0[..k], &s1[..k]);
    let [mut m01, mut m11, mut moved] = [Mat::<f64>::zeros(k, k), Mat::zeros(k, k), Mat::zeros(k, k)];
    let mut back = Mat::<f64>::zeros(short, k);
    let mut right_energy = vec![0.0; k];
    let mut scaled = Vec::with_capacity(long * k);
    for start in (0..long).step_by(step) {
        let (base, tuned) = panels.panel(start, step.min(long - start)).await?;
        let delta = &tuned - &base;
        let (y0, y1, dv) = (&base * v0, &tuned * v1, &delta * v0);
        m01 += y0.transpose() * &y1;
        m11 += y1.transpose() * &y1;
        moved += y0.transpose() * &dv;
        back += delta.transpose() * &y0;
        right_energy.iter_mut().zip(column_squares(&dv)).for_each(|(sum, x)| *sum += x);
        scaled.extend((0..y0.nrows()).flat_map(|i| (0..k).map(move |j| (i, j))).map(|(i, j)| y0[(i, j)] as f32));
    }
    let (cosines, own) = (unscaled(&m01, Some(d0), Some(d1)), unscaled(&m11, Some(d1), Some(d1)));
    let angles = |k: usize| {
        let right = principal_angles(v0.subcols(0, k), v1.subcols(0, k))?;
        Ok(Angles { k, left: angles_from_grams(cosines.as_ref().submatrix(0, 0, k, k), own.as_ref().submatrix(0, 0, k, k))?, right })
    };
    let Angles { left, right, .. } = angles(k)?;
    let spectra = PairSpectra {
        k,
        left,
        right,
        inner: inner_edges(k).into_iter().map(angles).collect::<Result<_, Error>>()?,
        vectors_left: (0..k).map(|i| vector_angle(cosines[(i, i)])).collect(),
        vectors_right: vector_angles(v0, v1),
        core: small::squares(unscaled(&moved, Some(d0), None).as_ref()),
        left_energy: column_squares(&unscaled(&back, None, Some(d0))),
        right_energy,
        base: s0.clone(),
        tuned: s1.clone(),
        ..PairSpectra::default()
    };
    let short_vectors = (0..short).flat_map(|i| (0..k).map(move |j| (i, j))).map(|(i, j)| v0[(i, j)] as f32).collect();
    Ok(ExactPair { spectra, update, long: scaled, short: short_vectors })
}

fn vector_angle(cosine: f64) -> f64 {
    let c = cosine.abs().min(1.0);
    ((1.0 - c) * (1.0 + c)).sqrt().atan2(c).to_degrees()
}

/// Squared lengths of the columns.
fn column_squares(a: &Mat<f64>) -> Vec<f64> {
    a.col_iter().map(|c| c.squared_norm_l2()).collect()
}

/// Angles from the cross Gram matrix and the tuned vectors' own, less crossᵀ·cross, blind below √(2⁻⁵²) = 1e-6 degrees.
fn angles_from_grams(cosines: MatRef<'_, f64>, own: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    let mut c = small::singular_values(cosines)?;
    c.reverse();
    let sines_squared = own - cosines.transpose() * cosines;
    let s = small::eigenvalues(small::symmetric(&sines_squared).as_ref())?;
    Ok(s.iter()
        .zip(&c)
        .map(|(s, c)| if *s < 0.5 { s.max(0.0).sqrt().asin() } else { c.clamp(0.0, 1.0).acos() }.to_degrees())
        .collect())
}
