//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time.

use super::gemm::{Left, Packed, accumulate};
use super::matrix::Tile;
use super::panel::COLS;
use super::{CpuBlock, Decoder, diff, panel_rows};
use crate::kernels::rows::steps;
use crate::kernels::{BAND_BINS, Grid, PrincipalBand, PrincipalCounts, PrincipalQuery};

/// Nothing counted yet, for each band.
pub(super) fn zero(query: &PrincipalQuery<'_, CpuBlock>) -> Vec<PrincipalCounts> {
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_| PrincipalCounts { all: zero(), changed: zero(), high: zero(), changed_high: zero(), low_changed: 0, low_size: 0, map: Vec::new() };
    let mut out: Vec<PrincipalCounts> = (0..query.bands.len()).map(fresh).collect();
    if let (Some(first), Some((grid, _))) = (out.first_mut(), &query.map) {
        first.map = vec![0; grid.cells()];
    }
    out
}

/// Buffers that all tiles share.
#[derive(Default)]
pub(super) struct Work {
    product: Vec<f32>,
    left: Vec<f32>,
    right: Vec<f32>,
    packed: Packed,
    line: Line,
}

/// Adds the counts of one tile of both tensors.
pub(super) fn add(out: &mut [PrincipalCounts], base: &Tile<'_>, tuned: &Tile<'_>, query: &PrincipalQuery<'_, CpuBlock>, work: &mut Work) {
    let (n, k) = (base.cols, query.left.cols);
    let Work { product, left, right, packed, line } = work;
    for columns in steps(n, COLS) {
        let v = query.right.values(columns.clone(), right);
        packed.fill(k, columns.len(), |t, c| v[c * k + t]);
        for panel in steps(base.rows.len(), panel_rows(n)) {
            product.clear();
            product.resize(panel.len() * columns.len(), 0.0f32);
            let u = query.left.values(base.rows.start + panel.start..base.rows.start + panel.end, left);
            accumulate(product, columns.len(), panel.len(), &[Left::rows(u, k)], packed, 0);
            for (row, p) in panel.zip(product.chunks_exact_mut(columns.len())) {
                let (before, after) = ((base.at + row) * n + columns.start, (tuned.at + row) * n + columns.start);
                Count { line, base: (&base.decoder, before), tuned: (&tuned.decoder, after), query, p, out }.run();
                if let (Some((grid, threshold)), Some(first)) = (&query.map, out.first_mut()) {
                    add_map(&mut first.map, grid, *threshold, base.rows.start + row, columns.start, p);
                }
            }
        }
    }
}

/// Adds by cell the reconstructions of a row, from column `start` on, that reach the threshold.
#[inline(never)]
fn add_map(map: &mut [u64], grid: &Grid, threshold: f32, row: usize, start: usize, p: &[f32]) {
    let mut start = start;
    let mut rest = p;
    while !rest.is_empty() {
        let (here, after) = rest.split_at((grid.column_group - start % grid.column_group).min(rest.len()));
        map[grid.cell(row, start)] += here.iter().map(|v| u64::from(v.abs() >= threshold)).sum::<u64>();
        start += here.len();
        rest = after;
    }
}

/// One run of [`Line::count`].
struct Count<'a, 'q> {
    line: &'a mut Line,
    base: (&'a Decoder, usize),
    tuned: (&'a Decoder, usize),
    query: &'a PrincipalQuery<'q, CpuBlock>,
    p: &'a mut [f32],
    out: &'a mut [PrincipalCounts],
}

impl Count<'_, '_> {
    /// Dispatched, so that the comparisons run in the widest registers; a function of its own, since browsers start in slow
    /// code and change over between two calls only.
    #[inline(never)]
    fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl pulp::WithSimd for Count<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.line.count(self.base, self.tuned, self.query, self.p, self.out);
    }
}

/// Elements compared at a time, in vector registers; of one run in four some lie inside a band.
const RUN: usize = 16;

/// What is counted outside the histogram.
#[derive(Default)]
struct Sums {
    low: u32,
    low_changed: u32,
    /// At or above the band: all, changed, high, changed and high.
    top: [u32; 4],
}

impl Sums {
    /// Takes in one run; true where some of it lies inside the band.
    #[inline(always)]
    fn add(&mut self, band: &PrincipalBand, p: &[f32], weights: &[f32], changed: &[u32]) -> bool {
        let mut inside = 0;
        for ((p, w), changed) in p.iter().zip(weights).zip(changed) {
            let (low, above) = (u32::from(w.abs() <= band.low), u32::from(*p >= band.to));
            let high = 1 - low;
            self.low += low;
            self.low_changed += low & changed;
            self.top[0] += above;
            self.top[1] += above & changed;
            self.top[2] += above & high;
            self.top[3] += above & high & changed;
            inside += u32::from(*p >= band.from) & (1 - above);
        }
        inside > 0
    }
}

/// Neighbouring elements of one row, with their masks as 0 or 1.
#[derive(Default)]
struct Line {
    before: Vec<u16>,
    after: Vec<u16>,
    weights: Vec<f32>,
    changed: Vec<u32>,
}

impl Line {
    /// Counts the elements that begin at the given places of base and tuned, whose reconstructions are `p`.
    #[inline(always)]
    fn count(&mut self, base: (&Decoder, usize), tuned: (&Decoder, usize), query: &PrincipalQuery<'_, CpuBlock>, p: &mut [f32], out: &mut [PrincipalCounts]) {
        p.iter_mut().for_each(|p| *p = p.abs());
        self.before.resize(p.len(), 0);
        self.after.resize(p.len(), 0);
        self.weights.resize(p.len(), 0.0);
        self.changed.clear();
        base.0.run_bf16(base.1, &mut self.before);
        tuned.0.run_bf16(tuned.1, &mut self.after);
        base.0.run_f32(base.1, &mut self.weights);
        self.changed.extend(self.before.iter().zip(&self.after).map(|(a, b)| u32::from(!diff::unchanged(*a, *b, query.eta))));
        for (band, c) in query.bands.iter().zip(out) {
            let mut sums = Sums::default();
            let (runs, rest) = p.as_chunks::<RUN>();
            let masks = self.weights.as_chunks::<RUN>().0.iter().zip(self.changed.as_chunks::<RUN>().0);
            for (i, (run, (weights, changed))) in runs.iter().zip(masks).enumerate() {
                if sums.add(band, run, weights, changed) {
                    self.histogram(band, i * RUN, run, c);
                }
            }
            let start = p.len() - rest.len();
            if sums.add(band, rest, &self.weights[start..], &self.changed[start..]) {
                self.histogram(band, start, rest, c);
            }
            c.low_size += u64::from(sums.low);
            c.low_changed += u64::from(sums.low_changed);
            for (class, top) in [&mut c.all, &mut c.changed, &mut c.high, &mut c.changed_high].into_iter().zip(sums.top) {
                class[BAND_BINS] += u64::from(top);
            }
        }
    }

    /// The few elements inside a band, by bin.
    fn histogram(&self, band: &PrincipalBand, start: usize, p: &[f32], c: &mut PrincipalCounts) {
        for (i, p) in p.iter().enumerate().map(|(i, p)| (start + i, p)).filter(|(_, p)| **p >= band.from && **p < band.to) {
            let bin = (((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize).min(BAND_BINS - 1);
            let (changed, high) = (u64::from(self.changed[i]), u64::from(self.weights[i].abs() > band.low));
            c.all[bin] += 1;
            c.changed[bin] += changed;
            c.high[bin] += high;
            c.changed_high[bin] += changed & high;
        }
    }
}
