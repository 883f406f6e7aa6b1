//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time.

use super::gemm::{View, gemm};
use super::{CpuBlock, CpuMatrix, PANEL, diff};
use crate::kernels::{BAND_BINS, PrincipalBand, PrincipalCounts, PrincipalQuery};

/// The bin of |p|, or `None` below the band.
#[inline(always)]
fn bin(p: f32, band: &PrincipalBand) -> Option<usize> {
    if p < band.from {
        None
    } else if p >= band.to {
        Some(BAND_BINS)
    } else {
        Some((((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize).min(BAND_BINS - 1))
    }
}

pub fn counts(base: &CpuMatrix, tuned: &CpuMatrix, query: &PrincipalQuery<'_, CpuBlock>) -> Vec<PrincipalCounts> {
    let (m, n, k) = (base.rows, base.cols, query.left.cols);
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_| PrincipalCounts { all: zero(), changed: zero(), high: zero(), changed_high: zero(), low_changed: 0, low_size: 0 };
    let mut out: Vec<PrincipalCounts> = query.bands.iter().map(fresh).collect();
    let mut product = Vec::new();
    for start in (0..m).step_by(PANEL) {
        let rows = PANEL.min(m - start);
        product.clear();
        product.resize(rows * n, 0.0f32);
        let left = View::rows(&query.left.data[start * k..(start + rows) * k], rows, k);
        gemm(&mut product, rows, n, left, query.right.view().transposed());
        for (local, p) in product.iter().enumerate() {
            let i = start * n + local;
            let p = p.abs();
            let changed = !diff::unchanged(base.decoder.bf16(i), tuned.decoder.bf16(i), query.eta);
            let w0 = base.decoder.f32(i).abs();
            for (band, c) in query.bands.iter().zip(&mut out) {
                let low = w0 <= band.low;
                if low {
                    c.low_size += 1;
                    c.low_changed += u64::from(changed);
                }
                if let Some(b) = bin(p, band) {
                    c.all[b] += 1;
                    c.changed[b] += u64::from(changed);
                    if !low {
                        c.high[b] += 1;
                        c.changed_high[b] += u64::from(changed);
                    }
                }
            }
        }
    }
    out
}
