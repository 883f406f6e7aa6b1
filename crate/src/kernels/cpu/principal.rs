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
            let (mut low_size, mut low_changed, mut top) = (0, 0, [0u32; 4]);
            let mut inside = 0;
            for ((p, w), changed) in p.iter().zip(&self.weights).zip(&self.changed) {
                let low = u32::from(w.abs() <= band.low);
                let above = u32::from(*p >= band.to);
                low_size += low;
                low_changed += low & changed;
                top[0] += above;
                top[1] += above & changed;
                top[2] += above & (1 - low);
                top[3] += above & (1 - low) & changed;
                inside += u32::from(*p >= band.from) & (1 - above);
            }
            c.low_size += u64::from(low_size);
            c.low_changed += u64::from(low_changed);
            for (class, top) in [&mut c.all, &mut c.changed, &mut c.high, &mut c.changed_high].into_iter().zip(top) {
                class[BAND_BINS] += u64::from(top);
            }
            if inside > 0 {
                self.histogram(band, p, c);
            }
        }
    }

    /// The few elements inside a band, by bin.
    fn histogram(&self, band: &PrincipalBand, p: &[f32], c: &mut PrincipalCounts) {
        for (i, p) in p.iter().enumerate().filter(|(_, p)| **p >= band.from && **p < band.to) {
            let bin = (((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize).min(BAND_BINS - 1);
            let (changed, high) = (u64::from(self.changed[i]), u64::from(self.weights[i].abs() > band.low));
            c.all[bin] += 1;
            c.changed[bin] += changed;
            c.high[bin] += high;
            c.changed_high[bin] += changed & high;
        }
    }
}
