//! Principal mask (top α of |W0^(k)|), low-magnitude mask (bottom α of |W0|) and their overlap with
//! the update mask.
//!
//! W0^(k) = U_k·diag(σ)·V_kᵀ is never stored: a sample of entries brackets the threshold, then one
//! pass counts what is above the bracket and histograms what lies inside it, so threshold and
//! overlaps come from the same pass (NUMERICS "Top-α"; the count error is at most one bin's
//! content). The smaller ranks of the sweep are reached on the way to k, so that the pass counts
//! them, too.

use crate::element::grid::Grid;
use crate::element::rows::steps;
use crate::error::Error;
use crate::figures::masks::report::{MaskOverlap, MaskSweepPoint, Masks};
use crate::kernels::Backend;
use crate::kernels::diff::DiffCounts;
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};
use crate::linalg::random::Counter;
use crate::linalg::ranks::edges;

/// Entries drawn to bracket the threshold: their quantile is off by √(α(1−α)/2^16) ≤ 0.2 % of the
/// weights.
const SAMPLE: usize = 1 << 16;
/// Bytes of the longer factor read at a time.
const SAMPLE_CHUNK: usize = 4 << 20;
/// Standard deviations of that quantile in the bracket's half width.
const DEVIATIONS: f64 = 6.0;
/// A bracket that misses (once in 1e9 draws) is widened this often.
const TRIES: usize = 40;

/// |W0^(r)| at random positions for each r of `ranks`. The longer factor is read in chunks of rows:
/// that of an embedding is larger than a wasm heap may grow.
async fn samples<B: Backend>(
    device: &B,
    left: &B::Block,
    right: &B::Block,
    ranks: &[usize],
    seed: u32,
) -> Result<Vec<Vec<f32>>, Error> {
    let ((m, k), (n, _)) = (device.shape(left), device.shape(right));
    let random = Counter::new(seed ^ 0x6d61_736b, m, n);
    let place = |i: u64, length: usize| (random.uniform(i) * length as f64) as usize;
    // Of a matrix with no more entries than that, the sample is all of them.
    let at = |i: usize| {
        if m * n <= SAMPLE {
            (i / n, i % n)
        } else {
            (place(2 * i as u64, m), place(2 * i as u64 + 1, n))
        }
    };
    // (row of the longer factor, row of the shorter one)
    let mut places: Vec<(usize, usize)> =
        (0..SAMPLE.min(m * n)).map(at).map(|(r, c)| if m >= n { (r, c) } else { (c, r) }).collect();
    places.sort_unstable();
    let (long, short) = if m >= n { (left, right) } else { (right, left) };
    let short = device.read(short).await?;
    let step = (SAMPLE_CHUNK / (4 * k)).max(1);
    let mut values = vec![Vec::with_capacity(places.len()); ranks.len()];
    for rows in steps(m.max(n), step) {
        let here = places.partition_point(|p| p.0 < rows.start)
            ..places.partition_point(|p| p.0 < rows.end);
        if here.is_empty() {
            continue;
        }
        let long = device.read_rows(long, rows.clone()).await?;
        for &(l, s) in &places[here] {
            let (l, s) = ((l - rows.start) * k, s * k);
            let (mut sum, mut taken) = (0.0, 0);
            for (rank, values) in ranks.iter().zip(&mut values) {
                sum += long[l + taken..l + rank]
                    .iter()
                    .zip(&short[s + taken..s + rank])
                    .map(|(a, b)| a * b)
                    .sum::<f32>();
                taken = *rank;
                values.push(sum.abs());
            }
        }
    }
    Ok(values)
}

/// Value number `place` of a sample, ascending; the sample's order changes.
fn nth(sample: &mut [f32], place: usize) -> f32 {
    let place = place.min(sample.len() - 1);
    *sample.select_nth_unstable_by(place, f32::total_cmp).1
}

/// The value at share `q` of a sample.
fn quantile(sample: &mut [f32], q: f64) -> f32 {
    nth(sample, (q * sample.len() as f64) as usize)
}

/// Between which values the threshold lies.
fn bracket(sample: &mut [f32], alpha: f64) -> (f32, f32) {
    let n = sample.len() as f64;
    let (from, to) = if sample.len() < SAMPLE {
        // All there are: what the pass sums in another order differs by rounding.
        let threshold = nth(sample, sample.len() - wanted(alpha, sample.len() as u64) as usize);
        (threshold, threshold)
    } else {
        let half = DEVIATIONS * (alpha * (1.0 - alpha) / n).sqrt() + 2.0 / n;
        (
            quantile(sample, (1.0 - alpha - half).max(0.0)),
            quantile(sample, (1.0 - alpha + half).min(1.0)),
        )
    };
    ((from * 0.9999).max(0.0), to * 1.0001 + f32::MIN_POSITIVE)
}

/// The ⌈αN⌉-th smallest |W0|'s bf16 code and how many smaller ones there are.
pub fn low_code(c: &DiffCounts, alpha: f64, parameters: u64) -> (usize, u64) {
    let want = wanted(alpha, parameters);
    let mut below = 0;
    for (code, count) in c.magnitude.iter().enumerate() {
        if below + count >= want {
            return (code, below);
        }
        below += count;
    }
    (c.magnitude.len() - 1, below)
}

/// ⌈αN⌉, at least 1.
pub fn wanted(alpha: f64, parameters: u64) -> u64 {
    // α·N in floating point may land a hair above an integer: 0.1·30 must want 3.
    ((alpha * parameters as f64 - 1e-9).ceil() as u64).clamp(1, parameters)
}

/// Suffix sums: how many lie at or above the lower edge of each bin.
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

/// What [`masks`] needs of a matrix.
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
    /// Weights in the update mask.
    pub changed: u64,
    /// η of the update mask.
    pub eta: f32,
    /// Seed of the sample.
    pub seed: u32,
    /// Cells in which to count the principal mask of the first α.
    pub grid: Option<Grid>,
}

/// One entry for each (α, threshold of |W0|) of `levels`, and the counts of the first principal
/// mask by cell.
///
/// The map is counted in the same pass, with the threshold that the sample gives: that is off by
/// the sample's own √(α(1−α)/2^16).
pub async fn masks<B: Backend>(
    device: &B,
    s: &Subject<'_, B>,
    levels: &[(f64, f32)],
) -> Result<(Vec<Masks>, Option<Vec<u64>>), Error> {
    let ((m, k), (n, _)) = (device.shape(s.left), device.shape(s.right));
    let parameters = m as u64 * n as u64;
    let ranks = edges(k);
    let mut drawn = samples(device, s.left, s.right, &ranks, s.seed).await?;
    let mut bands = Vec::with_capacity(ranks.len() * levels.len());
    for (rank, drawn) in ranks.iter().zip(&mut drawn) {
        for (alpha, low) in levels {
            let (from, to) = bracket(drawn, *alpha);
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
        for ((alpha, _), (band, c)) in levels.iter().cycle().zip(bands.iter_mut().zip(&counts)) {
            let want = wanted(*alpha, parameters);
            let sums = at_least(&c.all);
            if sums[BAND_BINS] > want {
                band.from = band.to;
                band.to *= 2.0;
                missed = true;
            } else if sums[0] < want {
                band.to = band.from.max(f32::MIN_POSITIVE);
                band.from = if band.from < 1e-20 { 0.0 } else { band.from * 0.5 };
                missed = true;
            }
        }
        if !missed {
            let of_level = |i: usize| bands.iter().zip(&counts).skip(i).step_by(levels.len());
            let whole = Whole { changed: s.changed, parameters };
            let masks = levels
                .iter()
                .enumerate()
                .filter_map(|(i, (alpha, _))| whole.masks(*alpha, of_level(i)));
            return Ok((masks.collect(), map.map(|_| reached)));
        }
    }
    Err(Error::Numerics("the threshold of the principal mask could not be bracketed".into()))
}

/// Weights of the matrix, and those in its update mask.
struct Whole {
    changed: u64,
    parameters: u64,
}

impl Whole {
    fn overlap(&self, size: u64, both: u64) -> MaskOverlap {
        MaskOverlap::new(size, both, self.changed, self.parameters)
    }

    /// The masks of one α from its bands and their counts, one a rank; `None` where there is no
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
        let want = wanted(alpha, self.parameters);
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
