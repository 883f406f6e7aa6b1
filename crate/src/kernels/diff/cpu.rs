//! Gate III, element by element: The Path Not Taken, Def. 2.1 and 2.2; docs/numerics.md §9.

use crate::element::decode::{Element, with_element};
use crate::element::gate::passes;
use crate::element::grid::Grid;
use crate::kernels::cpu::matrix::Tile;
use crate::kernels::diff::{DiffCounts, DiffQuery, FAR, MAGNITUDES, ULP_BINS, ULP_ZERO};

/// Returns the place of a bf16 code in the order of values; −0 and +0 have the same.
fn order_code(bits: u16) -> i32 {
    let magnitude = i32::from(bits & 0x7fff);
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// Returns the bin of a signed distance in bf16 codes.
fn ulp_bin(distance: i32) -> usize {
    let size = distance.unsigned_abs();
    let j = match size {
        0 => 0,
        FAR.. => ULP_ZERO,
        _ => (32 - (size - 1).leading_zeros() as usize + 1).min(16),
    };
    if distance < 0 { ULP_ZERO - j } else { ULP_ZERO + j }
}

/// The counts of one bf16 magnitude of the base. They lie side by side, since each changed weight
/// touches all three.
#[derive(Clone, Copy, Default)]
struct Magnitude {
    count: u64,
    changed: u64,
    update: f64,
}

/// bf16 codes from here on are infinite or NaN.
const INFINITE: u16 = 0x7f80;

/// Adds the counts of one tile of both tensors.
pub(crate) fn count_tile(c: &mut DiffCounts, base: &Tile<'_>, tuned: &Tile<'_>, query: &DiffQuery) {
    with_element!(base.decoder.dtype(), E => count_elements::<E>(c, base, tuned, query));
}

/// Adds the counts of one tile whose elements are stored as `E`.
fn count_elements<E: Element>(
    c: &mut DiffCounts,
    base: &Tile<'_>,
    tuned: &Tile<'_>,
    query: &DiffQuery,
) {
    let cols = base.cols;
    let mut magnitudes: Vec<Magnitude> = (0..MAGNITUDES)
        .map(|m| Magnitude {
            count: c.magnitude[m],
            changed: c.magnitude_changed[m],
            update: c.magnitude_update[m],
        })
        .collect();
    let cells: Vec<usize> = (0..cols).map(|column| query.grid.cell(0, column)).collect();
    for r in base.rows.clone() {
        let line = |t: &Tile<'_>| (r - t.rows.start + t.at) * cols;
        count_row::<E>(
            c,
            r,
            (base.decoder.bytes_of(line(base), cols), tuned.decoder.bytes_of(line(tuned), cols)),
            query,
            &mut magnitudes,
            &cells,
        );
    }
    for (code, m) in magnitudes.into_iter().enumerate() {
        (c.magnitude[code], c.magnitude_changed[code], c.magnitude_update[code]) =
            (m.count, m.changed, m.update);
    }
}

/// Adds the counts of row `r`. It is a function of its own, called once per row, since browsers
/// start in slow code and change to fast code only between two calls.
#[inline(never)]
fn count_row<E: Element>(
    c: &mut DiffCounts,
    r: usize,
    (base, tuned): (&[u8], &[u8]),
    query: &DiffQuery,
    magnitudes: &mut [Magnitude],
    cells: &[usize],
) {
    // Sums go row by row into one total, so that its rounding does not depend on the tiles.
    let (mut w0_squared, mut update_squared, mut dot) = (0.0, 0.0, 0.0);
    let (mut row_equal, mut row_changed) = (0, 0);
    let row_cells = query.grid.cell(r, 0)..query.grid.cell(r, 0) + query.grid.columns;
    let (map_changed, map_update) =
        (&mut c.map_changed[row_cells.clone()], &mut c.map_update[row_cells.clone()]);
    let columns = c.column_changed.iter_mut().zip(cells);
    for ((b0, b1), (column, cell)) in
        base.chunks_exact(E::SIZE).zip(tuned.chunks_exact(E::SIZE)).zip(columns)
    {
        let (e0, e1) = (E::read(b0), E::read(b1));
        let code0 = e0.bf16();
        let magnitude = &mut magnitudes[usize::from(code0 & 0x7fff)];
        // A finite f32 may round to an infinite bf16, so the code alone does not tell; the slow way
        // does.
        if e0.bits() == e1.bits() && code0 & 0x7fff < INFINITE {
            let w0 = e0.f64();
            row_equal += 1;
            magnitude.count += 1;
            w0_squared += w0 * w0;
            continue;
        }
        let (w0, w1) = (e0.f64(), e1.f64());
        c.bit_equal += u64::from(e0.bits() == e1.bits());
        if !(w0.is_finite() && w1.is_finite()) {
            c.non_finite += 1;
            row_changed += 1;
            *column += 1;
            map_changed[*cell] += 1;
            c.map_non_finite[row_cells.start + cell] += 1;
            continue;
        }
        let code1 = e1.bf16();
        magnitude.count += 1;
        w0_squared += w0 * w0;
        let gate = passes(w0, w1, code0, code1, query.eta as f32);
        if w0 == w1 {
            c.unchanged += 1;
            c.within_abs += 1;
            c.unchanged_stored += 1;
            c.ulp[ULP_ZERO] += 1;
            continue;
        }
        let delta = w1 - w0;
        c.unchanged += u64::from(gate);
        c.hidden += u64::from(gate);
        c.within_abs += u64::from(e1.is_within(e0, query.abs_tolerance));
        c.unchanged_stored += u64::from(e1.is_close(e0, query.eta));
        c.ulp[ulp_bin(order_code(code1) - order_code(code0))] += 1;
        magnitude.update += delta.abs();
        update_squared += delta * delta;
        dot += w0 * delta;
        if delta.abs() > c.max_abs_update {
            c.max_abs_update = delta.abs();
        }
        let moved = u64::from(!gate);
        magnitude.changed += moved;
        map_update[*cell] += delta.abs();
        map_changed[*cell] += moved;
        row_changed += moved;
        *column += moved;
    }
    for counter in [
        &mut c.bit_equal,
        &mut c.unchanged,
        &mut c.within_abs,
        &mut c.unchanged_stored,
        &mut c.ulp[ULP_ZERO],
    ] {
        *counter += row_equal;
    }
    c.row_changed[r] = row_changed;
    c.base_squared += w0_squared;
    c.update_squared += update_squared;
    c.base_dot_update += dot;
}

impl DiffCounts {
    /// Returns zero counts for a matrix of this shape.
    pub fn zero(rows: usize, cols: usize, grid: &Grid) -> Self {
        Self {
            unchanged: 0,
            bit_equal: 0,
            within_abs: 0,
            unchanged_stored: 0,
            hidden: 0,
            non_finite: 0,
            ulp: vec![0; ULP_BINS],
            row_changed: vec![0; rows],
            column_changed: vec![0; cols],
            magnitude: vec![0; MAGNITUDES],
            magnitude_changed: vec![0; MAGNITUDES],
            magnitude_update: vec![0.0; MAGNITUDES],
            map_changed: vec![0; grid.cells()],
            map_non_finite: vec![0; grid.cells()],
            map_update: vec![0.0; grid.cells()],
            base_squared: 0.0,
            update_squared: 0.0,
            base_dot_update: 0.0,
            max_abs_update: 0.0,
        }
    }
}
