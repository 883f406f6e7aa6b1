//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time.

use super::gemm::{Left, Packed, accumulate};
use super::panel::{COLS, ROWS};
use super::{CpuBlock, CpuMatrix, diff};
use crate::kernels::{BAND_BINS, PrincipalBand, PrincipalCounts, PrincipalQuery};

pub fn counts(base: &CpuMatrix, tuned: &CpuMatrix, query: &PrincipalQuery<'_, CpuBlock>) -> Vec<PrincipalCounts> {
    let (m, n, k) = (base.rows, base.cols, query.left.cols);
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_| PrincipalCounts { all: zero(), changed: zero(), high: zero(), changed_high: zero(), low_changed: 0, low_size: 0 };
    let mut out: Vec<PrincipalCounts> = query.bands.iter().map(fresh).collect();
    let (mut right, mut product) = (Packed::default(), Vec::new());
    let mut line = Line::default();
    for col in (0..n).step_by(COLS) {
        let cols = COLS.min(n - col);
        right.fill(k, cols, |t, c| query.right.data[(col + c) * k + t]);
        for row in (0..m).step_by(ROWS) {
            let rows = ROWS.min(m - row);
            product.clear();
            product.resize(rows * cols, 0.0f32);
            accumulate(&mut product, cols, rows, &[Left::rows(&query.left.data[row * k..(row + rows) * k], k)], &right, 0);
            for (r, sizes) in product.chunks_exact_mut(cols).enumerate() {
                // Dispatched, so that the comparisons run in the widest registers.
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || line.count(base, tuned, query, (row + r) * n + col, sizes, &mut out),
                );
            }
        }
    }
    out
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
    /// Counts the elements from `start` on, whose reconstructions are `p`.
    #[inline(always)]
    fn count(&mut self, base: &CpuMatrix, tuned: &CpuMatrix, query: &PrincipalQuery<'_, CpuBlock>, start: usize, p: &mut [f32], out: &mut [PrincipalCounts]) {
        p.iter_mut().for_each(|p| *p = p.abs());
        self.before.resize(p.len(), 0);
        self.after.resize(p.len(), 0);
        self.weights.resize(p.len(), 0.0);
        self.changed.clear();
        base.decoder.run_bf16(start, &mut self.before);
        tuned.decoder.run_bf16(start, &mut self.after);
        base.decoder.run_f32(start, &mut self.weights);
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
