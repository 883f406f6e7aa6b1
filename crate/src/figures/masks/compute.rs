//! Principal mask (top α of |W0^(k)|), low-magnitude mask (bottom α of |W0|) and their overlap with
//! the update mask.
//!
//! W0^(k) = U_k·diag(σ)·V_kᵀ is never stored: a sample of entries brackets the threshold, then one
//! pass counts the entries above the bracket and histograms those inside it, so threshold and
//! overlaps come from the same pass (docs/numerics.md#8-masks; the count error is at most one bin's
//! content). The smaller ranks of the sweep are reached on the way to k, so that the pass counts
//! them, too.

use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::masks::report::{MaskOverlap, MaskSweepPoint, Masks};
use crate::figures::masks::sample::{bracket_threshold, draw_samples, quantile};
use crate::figures::masks::size::mask_size;
use crate::kernels::Backend;
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};
use crate::linalg::ranks::edges;

/// A bracket that misses (once in 1e9 draws) is widened this often.
const TRIES: usize = 40;

/// Computes suffix sums: the number of entries at or above the lower edge of each bin.
fn at_least(counts: &[u64]) -> Vec<u64> {
    let mut sums: Vec<u64> = counts
        .iter()
        .rev()
        .scan(0, |sum, c| {
            *sum += c;
            Some(*sum)
        })
        .collect();
    sums.reverse();
    sums
}

/// The matrix that [`compute_masks`] works on.
#[derive(Debug)]
pub struct Subject<'a, B: Backend> {
    /// The base on the device.
    pub base: &'a B::Matrix,
    /// The tuned matrix on the device.
    pub tuned: &'a B::Matrix,
    /// U_k·diag(σ), m×k.
    pub left: &'a B::Block,
    /// V_k, n×k.
    pub right: &'a B::Block,
    /// Number of weights in the update mask.
    pub changed: u64,
    /// η of the update mask.
    pub eta: f32,
    /// Seed of the sample.
    pub seed: u32,
    /// Cells in which the principal mask of the first α is counted; `None` for no map.
    pub grid: Option<Grid>,
}

/// Masks of one matrix.
pub struct MaskFigures {
    /// One entry for each α.
    pub masks: Vec<Masks>,
    /// Number of weights in the principal mask of the first α by cell; `None` without a map.
    pub principal_map: Option<Vec<u64>>,
}

/// Computes one entry for each (α, threshold of |W0|) of `levels`.
///
/// The map is counted in the same pass, with the threshold that the sample gives: that is off by
/// the sample's own √(α(1−α)/2^16).
///
/// # Errors
/// [`Error::Numerics`] where the threshold can't be bracketed, and those of the device.
pub async fn compute_masks<B: Backend>(
    device: &B,
    s: &Subject<'_, B>,
    levels: &[(f64, f32)],
) -> Result<MaskFigures, Error> {
    let ((m, k), (n, _)) = (device.shape(s.left), device.shape(s.right));
    let parameters = m as u64 * n as u64;
    let ranks = edges(k);
    let mut drawn = draw_samples(device, s.left, s.right, &ranks, s.seed).await?;
    let mut bands = Vec::with_capacity(ranks.len() * levels.len());
    for (rank, drawn) in ranks.iter().zip(&mut drawn) {
        for (alpha, low) in levels {
            let (from, to) = bracket_threshold(drawn, *alpha);
            bands.push(PrincipalBand { rank: *rank, from, to, low: *low });
        }
    }
    let at_k = drawn.last_mut();
    let map = s
        .grid
        .zip(levels.first())
        .zip(at_k)
        .map(|((grid, (alpha, _)), drawn)| (grid, quantile(drawn, 1.0 - alpha)));
    for _ in 0..TRIES {
        let query = PrincipalQuery { left: s.left, right: s.right, bands: &bands, eta: s.eta, map };
        let Principal { bands: counts, map: reached } =
            device.principal_counts(s.base, s.tuned, &query).await?;
        let mut missed = false;
        let of_bands = bands.iter_mut().zip(&counts);
        for ((alpha, _), (band, counts)) in levels.iter().cycle().zip(of_bands) {
            missed |= widen_if_missed(band, counts, mask_size(*alpha, parameters));
        }
        if !missed {
            let of_level = |i: usize| bands.iter().zip(&counts).skip(i).step_by(levels.len());
            let whole = Whole { changed: s.changed, parameters };
            let masks = levels
                .iter()
                .enumerate()
                .filter_map(|(i, (alpha, _))| whole.masks(*alpha, of_level(i)));
            return Ok(MaskFigures { masks: masks.collect(), principal_map: map.map(|_| reached) });
        }
    }
    Err(Error::Numerics("the threshold of the principal mask could not be bracketed".into()))
}

/// Moves the bracket of a band that does not hold the threshold of `want` weights. Returns whether
/// it missed.
fn widen_if_missed(band: &mut PrincipalBand, counts: &PrincipalCounts, want: u64) -> bool {
    let sums = at_least(&counts.all);
    if sums[BAND_BINS] > want {
        band.from = band.to;
        band.to *= 2.0;
        true
    } else if sums[0] < want {
        band.to = band.from.max(f32::MIN_POSITIVE);
        band.from = if band.from < 1e-20 { 0.0 } else { band.from * 0.5 };
        true
    } else {
        false
    }
}

/// Numbers of weights in the whole matrix, and in its update mask.
struct Whole {
    changed: u64,
    parameters: u64,
}

impl Whole {
    fn overlap(&self, size: u64, both: u64) -> MaskOverlap {
        MaskOverlap::new(size, both, self.changed, self.parameters)
    }

    /// Computes the masks of one α from its bands and their counts, one per rank; `None` without a
    /// rank.
    fn masks<'a>(
        &self,
        alpha: f64,
        ranks: impl Iterator<Item = (&'a PrincipalBand, &'a PrincipalCounts)> + Clone,
    ) -> Option<Masks> {
        let (band, counts) = ranks.clone().last()?;
        let sweep: Vec<MaskSweepPoint> =
            ranks.map(|(band, c)| self.at_rank(alpha, band, c)).collect();
        let MaskSweepPoint { k, principal_threshold, principal, principal_not_low, safe } =
            sweep.last()?.clone();
        Some(Masks {
            alpha,
            k,
            changed: self.changed,
            principal_threshold,
            low_threshold: f64::from(band.low),
            low: self.overlap(counts.low_size, counts.low_changed),
            not_principal: self
                .overlap(self.parameters - principal.size, self.changed - principal.both),
            principal,
            principal_not_low,
            safe,
            sweep,
        })
    }

    fn at_rank(&self, alpha: f64, band: &PrincipalBand, c: &PrincipalCounts) -> MaskSweepPoint {
        let want = mask_size(alpha, self.parameters);
        let all = at_least(&c.all);
        // The largest edge that still lets ⌈αN⌉ weights through.
        let bin = (0..=BAND_BINS).rev().find(|&b| all[b] >= want).unwrap_or(0);
        let edge =
            f64::from(band.from) + f64::from(band.to - band.from) * bin as f64 / BAND_BINS as f64;
        let (high, high_changed) = (at_least(&c.high)[bin], at_least(&c.changed_high)[bin]);
        MaskSweepPoint {
            k: band.rank,
            principal_threshold: edge,
            principal: self.overlap(all[bin], at_least(&c.changed)[bin]),
            principal_not_low: self.overlap(high, high_changed),
            safe: self.overlap(self.parameters - high, self.changed - high_changed),
        }
    }
}
