//! Counts of |U·diag(σ)·Vᵀ| in bands around the thresholds, a panel of rows at a time, and in it
//! rank after rank: each rank's reconstruction is the one before it and a few more columns.

use crate::element::decode::Decoder;
use crate::element::grid::Grid;
use crate::element::rows::steps;
use crate::kernels::cpu::block::CpuBlock;
use crate::kernels::cpu::gemm::{Left, Packed, accumulate};
use crate::kernels::cpu::matrix::Tile;
use crate::kernels::cpu::panel::COLS;
use crate::kernels::cpu::sizes::panel_rows;
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};

/// Returns zero counts for a query.
pub(crate) fn zero_counts(query: &PrincipalQuery<'_, CpuBlock>) -> Principal {
    let zero = || vec![0u64; BAND_BINS + 1];
    let fresh = |_: &PrincipalBand| PrincipalCounts {
        all: zero(),
        changed: zero(),
        high: zero(),
        changed_high: zero(),
        low_changed: 0,
        low_size: 0,
    };
    Principal {
        bands: query.bands.iter().map(fresh).collect(),
        map: query.map.map_or_else(Vec::new, |(grid, _)| vec![0; grid.cells()]),
    }
}

/// Buffers that all tiles share.
#[derive(Default)]
pub(crate) struct Work {
    product: Vec<f32>,
    left: Vec<f32>,
    right: Vec<f32>,
    packed: Packed,
    /// Masks of each row of a panel.
    lines: Vec<Line>,
    row: Row,
}

/// Adds the counts of one tile of both tensors.
pub(crate) fn count_tile(
    out: &mut Principal,
    base: &Tile<'_>,
    tuned: &Tile<'_>,
    query: &PrincipalQuery<'_, CpuBlock>,
    work: &mut Work,
) {
    let (n, k) = (base.cols, query.left.cols);
    let Work { product, left, right, packed, lines, row: elements } = work;
    let mut lows: Vec<f32> = Vec::new();
    // Bands of one α share their low-magnitude threshold, whatever the rank.
    let low_of: Vec<usize> =
        query.bands.iter().map(|band| find_or_push(&mut lows, band.low)).collect();
    for columns in steps(n, COLS) {
        let v = query.right.values(columns.clone(), right);
        packed.fill(k, columns.len(), |t, c| v[c * k + t]);
        for panel in steps(base.rows.len(), panel_rows(n)) {
            product.clear();
            product.resize(panel.len() * columns.len(), 0.0f32);
            lines.resize_with(panel.len().max(lines.len()), Line::default);
            for (row, line) in panel.clone().zip(lines.iter_mut()) {
                let at = |tile: &Tile<'_>| (tile.at + row) * n + columns.start;
                let (base, tuned) = ((&*base.decoder, at(base)), (&*tuned.decoder, at(tuned)));
                Fill {
                    line,
                    row: elements,
                    base,
                    tuned,
                    eta: query.eta,
                    lows: &lows,
                    length: columns.len(),
                }
                .run();
            }
            let u =
                query.left.values(base.rows.start + panel.start..base.rows.start + panel.end, left);
            let mut taken = 0;
            let mut add_ranks = |product: &mut [f32], rank: usize| {
                if rank > taken {
                    let terms = Left {
                        data: &u[taken..],
                        row_stride: k,
                        term_stride: 1,
                        terms: rank - taken,
                    };
                    accumulate(product, columns.len(), panel.len(), &[terms], packed, taken);
                    taken = rank;
                }
            };
            for ((band, counts), low) in query.bands.iter().zip(&mut out.bands).zip(&low_of) {
                add_ranks(product, band.rank);
                for (line, p) in lines.iter().zip(product.chunks_exact(columns.len())) {
                    Count { masks: &line.masks[*low], band, p, out: counts }.run();
                }
            }
            if let Some((grid, threshold)) = &query.map {
                add_ranks(product, k);
                for (row, p) in panel.zip(product.chunks_exact(columns.len())) {
                    add_map(
                        &mut out.map,
                        grid,
                        *threshold,
                        base.rows.start + row,
                        columns.start,
                        p,
                    );
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
        let (here, after) =
            rest.split_at((grid.column_group - start % grid.column_group).min(rest.len()));
        map[grid.cell(row, start)] +=
            here.iter().map(|v| u64::from(v.abs() >= threshold)).sum::<u64>();
        start += here.len();
        rest = after;
    }
}

/// Returns the index of `value` in `list`, at whose end it is put if it is new.
fn find_or_push(list: &mut Vec<f32>, value: f32) -> usize {
    list.iter().position(|x| x.to_bits() == value.to_bits()).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

/// Neighbouring elements of one row: the base's weights, and 1 for each that changed.
#[derive(Default)]
struct Row {
    weights: Vec<f32>,
    changed: Vec<u32>,
}

/// Neighbouring elements of one row, as masks for each low-magnitude threshold.
#[derive(Default)]
struct Line {
    masks: Vec<Masks>,
}

/// The classes of each element as bytes of one word: any, changed, high (not of low magnitude),
/// changed and high.
#[derive(Default)]
struct Masks {
    classes: Vec<u32>,
    low_size: u64,
    low_changed: u64,
}

const CHANGED: u32 = 1 << 8;
const HIGH: u32 = 1 << 16;
const CHANGED_HIGH: u32 = 1 << 24;

/// Elements that are compared at a time in vector registers. In about one of four such runs some
/// lie inside a band.
const RUN: usize = 16;
// Words are summed without one byte running over into the next.
const _: () = assert!(COLS.div_ceil(RUN) <= u8::MAX as usize);

/// Returns the four classes of a sum of words.
fn classes(sum: u32) -> [u64; 4] {
    sum.to_le_bytes().map(u64::from)
}

/// Fills a line with the elements that begin at the given places of base and tuned.
struct Fill<'a> {
    line: &'a mut Line,
    row: &'a mut Row,
    base: (&'a Decoder, usize),
    tuned: (&'a Decoder, usize),
    eta: f32,
    lows: &'a [f32],
    length: usize,
}

impl Fill<'_> {
    /// Runs in the widest registers. It is a function of its own, since browsers start in slow code
    /// and change to fast code only between two calls.
    #[inline(never)]
    fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl pulp::WithSimd for Fill<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { line, row: Row { weights, changed }, base, tuned, eta, lows, length } = self;
        weights.resize(length, 0.0);
        changed.resize(length, 0);
        base.0.decode_f32(base.1, weights);
        tuned.0.mark_changed(tuned.1, base.0, base.1, eta, changed);
        line.masks.resize_with(lows.len(), Masks::default);
        for (low, masks) in lows.iter().zip(&mut line.masks) {
            masks.classes.clear();
            masks.classes.extend(weights.iter().zip(changed.iter()).map(|(w, changed)| {
                let high = 1 - u32::from(w.abs() <= *low);
                1 + CHANGED * changed + HIGH * high + CHANGED_HIGH * (changed & high)
            }));
            let mut sums = [0u32; 4];
            for word in &masks.classes {
                sums.iter_mut()
                    .enumerate()
                    .for_each(|(class, sum)| *sum += word >> (8 * class) & 1);
            }
            let [all, changed, high, changed_high] = sums.map(u64::from);
            (masks.low_size, masks.low_changed) = (all - high, changed - changed_high);
        }
    }
}

/// Counts a line's elements, whose reconstructions are `p`, in one band.
struct Count<'a> {
    masks: &'a Masks,
    band: &'a PrincipalBand,
    p: &'a [f32],
    out: &'a mut PrincipalCounts,
}

impl Count<'_> {
    /// Runs as [`Fill::run`] does.
    #[inline(never)]
    fn run(self) {
        pulp::Arch::new().dispatch(self);
    }
}

impl pulp::WithSimd for Count<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { masks, band, p, out } = self;
        let mut above = [0u32; RUN];
        let (runs, rest) = p.as_chunks::<RUN>();
        let (words, last) = masks.classes.as_chunks::<RUN>();
        for (run, words) in runs.iter().zip(words) {
            if add_reached(&mut above, band, run, words) {
                add_inside(band, run, words, out);
            }
        }
        if add_reached(&mut above, band, rest, last) {
            add_inside(band, rest, last, out);
        }
        let mut top = [0; 4];
        above
            .iter()
            .for_each(|sum| top.iter_mut().zip(classes(*sum)).for_each(|(all, some)| *all += some));
        for (class, top) in [&mut out.all, &mut out.changed, &mut out.high, &mut out.changed_high]
            .into_iter()
            .zip(top)
        {
            class[BAND_BINS] += top;
        }
        out.low_size += masks.low_size;
        out.low_changed += masks.low_changed;
    }
}

/// Adds the words of elements at or above the band, and returns whether some lie inside it.
#[inline(always)]
fn add_reached(above: &mut [u32; RUN], band: &PrincipalBand, p: &[f32], words: &[u32]) -> bool {
    let mut inside = 0;
    for ((sum, p), word) in above.iter_mut().zip(p).zip(words) {
        let p = p.abs();
        let reached = u32::from(p >= band.to);
        *sum += reached.wrapping_neg() & word;
        inside |= u32::from(p >= band.from) & !reached;
    }
    inside != 0
}

/// Counts the few elements inside a band by bin.
fn add_inside(band: &PrincipalBand, p: &[f32], words: &[u32], c: &mut PrincipalCounts) {
    for (p, word) in
        p.iter().map(|p| p.abs()).zip(words).filter(|(p, _)| *p >= band.from && *p < band.to)
    {
        let bin = (((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize)
            .min(BAND_BINS - 1);
        let [all, changed, high, changed_high] = classes(*word);
        c.all[bin] += all;
        c.changed[bin] += changed;
        c.high[bin] += high;
        c.changed_high[bin] += changed_high;
    }
}
