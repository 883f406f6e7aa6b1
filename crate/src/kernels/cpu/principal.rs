//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time.

use super::gemm::{View, gemm};
use super::matrix::Tile;
use super::{CpuBlock, diff, panel_rows};
use crate::kernels::rows::steps;
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

/// Nothing counted yet, for each band.
pub(super) fn zero(bands: usize) -> Vec<PrincipalCounts> {
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_| PrincipalCounts { all: zero(), changed: zero(), high: zero(), changed_high: zero(), low_changed: 0, low_size: 0 };
    (0..bands).map(fresh).collect()
}

/// Buffers that all tiles share.
#[derive(Default)]
pub(super) struct Work {
    product: Vec<f32>,
    left: Vec<f32>,
    right: Vec<f32>,
}

/// Adds the counts of one tile of both tensors.
pub(super) fn add(out: &mut [PrincipalCounts], base: &Tile<'_>, tuned: &Tile<'_>, query: &PrincipalQuery<'_, CpuBlock>, work: &mut Work) {
    let (n, k) = (base.cols, query.left.cols);
    let Work { product, left, right } = work;
    for columns in steps(n, query.right.chunk_rows()) {
        let v = View::rows(query.right.values(columns.clone(), right), columns.len(), k).transposed();
        for panel in steps(base.rows.len(), panel_rows(n)) {
            product.clear();
            product.resize(panel.len() * columns.len(), 0.0f32);
            let u = query.left.values(base.rows.start + panel.start..base.rows.start + panel.end, left);
            gemm(product, panel.len(), columns.len(), View::rows(u, panel.len(), k), v);
            for (row, products) in panel.zip(product.chunks_exact(columns.len())) {
                let (i, j) = ((base.at + row) * n + columns.start, (tuned.at + row) * n + columns.start);
                for (c, p) in products.iter().enumerate() {
                    let changed = !diff::unchanged(base.decoder.bf16(i + c), tuned.decoder.bf16(j + c), query.eta);
                    count(out, query.bands, p.abs(), base.decoder.f32(i + c).abs(), changed);
                }
            }
        }
    }
}

/// One weight: |W0^(k)|, |W0| and whether it changed.
#[inline(always)]
fn count(out: &mut [PrincipalCounts], bands: &[PrincipalBand], p: f32, w0: f32, changed: bool) {
    for (band, c) in bands.iter().zip(out) {
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
