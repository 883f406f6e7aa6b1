//! The result of a decomposition.

use crate::figures::geometry::method::Method;
use crate::figures::update::compute::UpdateSpectrum;
use crate::linalg::joint::{Angles, PairSpectra};
use crate::linalg::ranks::inner_edges;
use crate::linalg::top_k::TopK;

/// The base's leading triplets, computed once and kept over all runs of a task.
pub type BaseTriplets<T> = Option<TopK<T>>;

/// Spectra of a pair, and the factors of the base that the masks need.
pub struct Decomposition<T> {
    /// Spectra and subspaces of base and tuned.
    pub spectra: PairSpectra,
    /// How they were computed.
    pub method: Method,
    /// σ(Δ).
    pub update: UpdateSpectrum,
    /// The base's principal factors; `None` where the rank is 0.
    pub factors: Option<Factors<T>>,
}

/// U_k and V_k of the base, one of them times diag(σ), as f32 blocks on the device.
pub struct Factors<T> {
    /// The left factor, m×k.
    pub left: T,
    /// The right factor, n×k.
    pub right: T,
}

/// How a decomposition ended.
pub enum Decomposed<T> {
    /// It was computed.
    Done(Box<Decomposition<T>>),
    /// It does not fit in memory: a sentence for the user says why.
    TooLarge(String),
}

/// Sets the spectra of a matrix against itself, which read exactly 0, not the rounding of two equal
/// computations.
pub fn set_identical(spectra: &mut PairSpectra) {
    let zeros = vec![0.0; spectra.k];
    spectra.tuned = spectra.base.clone();
    for list in [
        &mut spectra.left,
        &mut spectra.right,
        &mut spectra.vectors_left,
        &mut spectra.vectors_right,
    ] {
        list.clone_from(&zeros);
    }
    spectra.inner = inner_edges(spectra.k)
        .into_iter()
        .map(|k| Angles { k, left: vec![0.0; k], right: vec![0.0; k] })
        .collect();
    spectra.core = vec![0.0; spectra.k * spectra.k];
    (spectra.left_energy, spectra.right_energy) = (zeros.clone(), zeros);
}
