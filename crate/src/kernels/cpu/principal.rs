//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time, and in it rank after rank: each rank's
//! reconstruction is the one before it and a few more columns.

use super::gemm::{Left, Packed, accumulate};
use super::matrix::Tile;
use super::panel::COLS;
use super::{CpuBlock, Decoder, diff, panel_rows};
use crate::kernels::rows::steps;
use crate::kernels::{BAND_BINS, Grid, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery};

/// Nothing counted yet.
pub(super) fn zero(query: &PrincipalQuery<'_, CpuBlock>) -> Principal {
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_: &PrincipalBand| PrincipalCounts { all: zero(), changed: zero(), high: zero(), changed_high: zero(), low_changed: 0, low_size: 0 };
    Principal { bands: query.bands.iter().map(fresh).collect(), map: query.map.map_or_else(Vec::new, |(grid, _)| vec![0; grid.cells()]) }
}

/// Buffers that all tiles share.
#[derive(Default)]
pub(super) struct Work {
    product: Vec<f32>,
    left: Vec<f32>,
    right: Vec<f32>,
    packed: Packed,
    /// One for each row of a panel.
    lines: Vec<Line>,
    codes: Codes,
}

/// Adds the counts of one tile of both tensors.
pub(super) fn add(out: &mut Principal, base: &Tile<'_>, tuned: &Tile<'_>, query: &PrincipalQuery<'_, CpuBlock>, work: &mut Work) {
    let (n, k) = (base.cols, query.left.cols);
    let Work { product, left, right, packed, lines, codes } = work;
    for columns in steps(n, COLS) {
        let v = query.right.values(columns.clone(), right);
        packed.fill(k, columns.len(), |t, c| v[c * k + t]);
        for panel in steps(base.rows.len(), panel_rows(n)) {
            product.clear();
            product.resize(panel.len() * columns.len(), 0.0f32);
            lines.resize_with(panel.len().max(lines.len()), Line::default);
            for (row, line) in panel.clone().zip(lines.iter_mut()) {
                let at = |tile: &Tile<'_>| (tile.at + row) * n + columns.start;
                Fill { line, base: (&base.decoder, at(base)), tuned: (&tuned.decoder, at(tuned)), eta: query.eta, length: columns.len(), codes }.run();
            }
            let u = query.left.values(base.rows.start + panel.start..base.rows.start + panel.end, left);
            let mut taken = 0;
            let mut more = |product: &mut [f32], rank: usize| {
                let terms = Left { data: &u[taken.min(k - 1)..], row_stride: k, term_stride: 1, terms: rank - taken };
                accumulate(product, columns.len(), panel.len(), &[terms], packed, taken);
                taken = rank;
            };
            let mut counts = out.bands.as_mut_slice();
            for bands in query.bands.chunk_by(|a, b| a.rank == b.rank) {
                more(product, bands[0].rank);
                let (here, rest) = std::mem::take(&mut counts).split_at_mut(bands.len());
                counts = rest;
                for (line, p) in lines.iter().zip(product.chunks_exact(columns.len())) {
                    Count { line, bands, p, out: here }.run();
                }
            }
            if let Some((grid, threshold)) = &query.map {
                more(product, k);
                for (row, p) in panel.zip(product.chunks_exact(columns.len())) {
                    add_map(&mut out.map, grid, *threshold, base.rows.start + row, columns.start, p);
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

/// One run of [`Line::fill`].
struct Fill<'a> {
    line: &'a mut Line,
    base: (&'a Decoder, usize),
    tuned: (&'a Decoder, usize),
    eta: f32,
    length: usize,
    codes: &'a mut Codes,
}

impl Fill<'_> {
    /// A function of its own, as [`Count::run`].
    #[inline(never)]
    fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl pulp::WithSimd for Fill<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.line.fill(self.base, self.tuned, self.eta, self.length, self.codes);
    }
}

/// One run of [`Line::count`].
struct Count<'a> {
    line: &'a Line,
    bands: &'a [PrincipalBand],
    p: &'a [f32],
    out: &'a mut [PrincipalCounts],
}

impl Count<'_> {
    /// Dispatched, so that the comparisons run in the widest registers; a function of its own, since browsers start in slow
    /// code and change over between two calls only.
    #[inline(never)]
    fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl pulp::WithSimd for Count<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.line.count(self.bands, self.p, self.out);
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
            let p = p.abs();
            let (low, above) = (u32::from(w.abs() <= band.low), u32::from(p >= band.to));
            let high = 1 - low;
            self.low += low;
            self.low_changed += low & changed;
            self.top[0] += above;
            self.top[1] += above & changed;
            self.top[2] += above & high;
            self.top[3] += above & high & changed;
            inside += u32::from(p >= band.from) & (1 - above);
        }
        inside > 0
    }
}

/// bf16 codes of a row on both sides.
#[derive(Default)]
struct Codes {
    before: Vec<u16>,
    after: Vec<u16>,
}

/// Neighbouring elements of one row, with their masks as 0 or 1.
#[derive(Default)]
struct Line {
    weights: Vec<f32>,
    changed: Vec<u32>,
}

impl Line {
    /// Takes in the elements that begin at the given places of base and tuned.
    #[inline(always)]
    fn fill(&mut self, base: (&Decoder, usize), tuned: (&Decoder, usize), eta: f32, length: usize, codes: &mut Codes) {
        codes.before.resize(length, 0);
        codes.after.resize(length, 0);
        self.weights.resize(length, 0.0);
        self.changed.clear();
        base.0.run_bf16(base.1, &mut codes.before);
        tuned.0.run_bf16(tuned.1, &mut codes.after);
        base.0.run_f32(base.1, &mut self.weights);
        self.changed.extend(codes.before.iter().zip(&codes.after).map(|(a, b)| u32::from(!diff::unchanged(*a, *b, eta))));
    }

    /// Counts its elements, whose reconstructions are `p`.
    #[inline(always)]
    fn count(&self, bands: &[PrincipalBand], p: &[f32], out: &mut [PrincipalCounts]) {
        for (band, c) in bands.iter().zip(out) {
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
        for (i, p) in p.iter().enumerate().map(|(i, p)| (start + i, p.abs())).filter(|(_, p)| *p >= band.from && *p < band.to) {
            let bin = (((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize).min(BAND_BINS - 1);
            let (changed, high) = (u64::from(self.changed[i]), u64::from(self.weights[i].abs() > band.low));
            c.all[bin] += 1;
            c.changed[bin] += changed;
            c.high[bin] += high;
            c.changed_high[bin] += changed & high;
        }
    }
}
