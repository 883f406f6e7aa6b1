//! Counts of the diff against counts taken one weight at a time, and streamed against resident.

use crate::element::{Dtype, Grid};
use crate::kernels::diff::{DiffCounts, DiffQuery, MAGNITUDES, ULP_BINS};
use crate::kernels::testing::{
    Case, Place, SHAPES, Stored, TestDevice, Values, awkward_pair, on_each_place, unchanged_in_bf16,
};
use half::bf16;
use pollster::block_on;

/// Unit of a device that adds |Δ| in integers.
const UNIT: f64 = 1.0 / (1u64 << 40) as f64;

fn query((m, n): (usize, usize), side: usize) -> DiffQuery {
    DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid: Grid::new(m, n, side) }
}

/// Returns the bf16 bits of a value, which goes by way of f32 as PyTorch casts F64.
fn bf16_bits(x: f64) -> u16 {
    bf16::from_f32(x as f32).to_bits()
}

/// Returns the signed distance of two values in bf16 codes; −0 and +0 are one code.
fn distance(x: f64, y: f64) -> i64 {
    let order = |x: f64| {
        let bits = i64::from(bf16_bits(x));
        if bits & 0x8000 == 0 { bits } else { -(bits & 0x7fff) }
    };
    order(y) - order(x)
}

/// Returns whether |y − x| ≤ tolerance, and whether |y − x| ≤ η·max(|x|, |y|): in f32, in f64 for
/// F64.
fn is_within_and_close(dtype: Dtype, x: f64, y: f64, query: &DiffQuery) -> (bool, bool) {
    let DiffQuery { eta, abs_tolerance, .. } = *query;
    if dtype == Dtype::F64 {
        let apart = (y - x).abs();
        return (apart <= abs_tolerance, apart <= eta * x.abs().max(y.abs()));
    }
    let (x, y) = (x as f32, y as f32);
    let apart = (y - x).abs();
    (apart <= abs_tolerance as f32, apart <= eta as f32 * x.abs().max(y.abs()))
}

fn naive_counts<B: TestDevice>(base: &Stored, tuned: &Stored, query: &DiffQuery) -> DiffCounts {
    let ((rows, cols), dtype) = (base.shape, base.dtype);
    let mut counts = DiffCounts::zero(rows, cols, &query.grid);
    for (e, (&x, &y)) in base.values.iter().zip(&tuned.values).enumerate() {
        let (row, column) = (e / cols, e % cols);
        let cell = query.grid.cell(row, column);
        let same = unchanged_in_bf16(x, y, query.eta as f32);
        let moved = u64::from(!same);
        counts.unchanged += u64::from(same);
        // Equal values have equal bits, but for zeros of two signs and NaN.
        counts.bit_equal += u64::from(x.to_bits() == y.to_bits());
        counts.row_changed[row] += moved;
        counts.column_changed[column] += moved;
        counts.map_changed[cell] += moved;
        if !x.is_finite() || !y.is_finite() {
            counts.non_finite += 1;
            counts.map_non_finite[cell] += 1;
            continue;
        }
        let (within, close) = is_within_and_close(dtype, x, y, query);
        counts.within_abs += u64::from(within);
        counts.unchanged_stored += u64::from(close);
        counts.hidden += u64::from(same && x != y);
        let step = distance(x, y);
        let bin = match step.unsigned_abs() {
            0 => 0,
            size if size >= 1 << 15 => 17,
            size => (1..=16).find(|&j| size <= 1 << (j - 1)).unwrap_or(16),
        };
        counts.ulp[(17 + step.signum() * bin) as usize] += 1;
        let magnitude = usize::from(bf16_bits(x) & 0x7fff);
        counts.magnitude[magnitude] += 1;
        counts.magnitude_changed[magnitude] += moved;
        let update = B::subtract(y, x);
        counts.magnitude_update[magnitude] += update.abs();
        counts.map_update[cell] += update.abs();
        counts.base_squared += x * x;
        counts.update_squared += update * update;
        counts.base_dot_update += x * update;
        counts.max_abs_update = counts.max_abs_update.max(update.abs());
    }
    counts
}

/// Compares counts exactly, and sums within rounding.
fn assert_counts<B: TestDevice>(mut got: DiffCounts, want: &DiffCounts, what: &str) {
    let weights = (want.row_changed.len() * want.column_changed.len()) as f64;
    let assert_update = |got: f64, want: f64, weights: f64, part: &str, i: usize| {
        // One unit per weight; beyond 2^20 such a device clamps, as documented.
        let bound = weights * UNIT + want * 1e-12;
        let clamped = want > 1e6;
        assert!((got - want).abs() <= bound || clamped, "{what}: {part} {i}: {got}, not {want}");
    };
    for (m, (got, want_here)) in got.magnitude_update.iter().zip(&want.magnitude_update).enumerate()
    {
        assert_update(*got, *want_here, want.magnitude[m] as f64, "update at magnitude", m);
    }
    for (cell, (got, want)) in got.map_update.iter().zip(&want.map_update).enumerate() {
        assert_update(*got, *want, weights, "update in cell", cell);
    }
    // Squares of the huge values mixed in overflow an f32.
    let both = want.base_squared + want.update_squared;
    if both < 1e30 {
        for (got, want, size) in [
            (got.base_squared, want.base_squared, want.base_squared),
            (got.update_squared, want.update_squared, want.update_squared),
            (got.base_dot_update, want.base_dot_update, both),
        ] {
            assert!((got - want).abs() <= B::SUM_ERROR * size, "{what}: {got} is not {want}");
        }
    }
    assert_eq!(got.max_abs_update as f32, want.max_abs_update as f32, "{what}");
    got.magnitude_update.clone_from(&want.magnitude_update);
    got.map_update.clone_from(&want.map_update);
    (got.base_squared, got.update_squared) = (want.base_squared, want.update_squared);
    (got.base_dot_update, got.max_abs_update) = (want.base_dot_update, want.max_abs_update);
    // Whole, since the lists are too long to read.
    assert!(got == *want, "{what}: counts differ");
}

fn diff<B: TestDevice>(
    place: &Place<B>,
    base: &B::Matrix,
    tuned: &B::Matrix,
    query: &DiffQuery,
) -> DiffCounts {
    block_on(place.device.diff(base, tuned, query)).expect("counts")
}

fn check<B: TestDevice>(place: &mut Place<B>, case: Case, base: &Stored, tuned: &Stored, of: &str) {
    let query = query(case.shape, 5);
    let want = naive_counts::<B>(base, tuned, &query);
    let (a, b) = (place.place(base, case.tile), place.place(tuned, case.tile));
    assert_counts::<B>(diff(place, &a, &b, &query), &want, &format!("{case}: {of}"));
}

fn counts_are_the_naive_ones<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(3);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = awkward_pair(&mut values, case);
        check(place, case, &base, &tuned, "huge values, NaN and infinities mixed in");
        // Without the huge ones, so that norms are compared, too.
        let tame = |stored: &Stored| {
            let tame = |x: &f64| if x.is_finite() && x.abs() > 1e5 { 0.25 } else { *x };
            Stored::new(case.shape, case.dtype, &stored.values.iter().map(tame).collect::<Vec<_>>())
        };
        check(place, case, &tame(&base), &tame(&tuned), "NaN and infinities mixed in");
    }
}

fn long_runs_of_equal_weights_are_counted<B: TestDevice>(place: &mut Place<B>) {
    // Lengths at blocks of 16 weights; what differs or is not finite stands alone.
    let mut values = Values::new(7);
    for case in place.cases(&[(9, 15), (9, 16), (7, 33), (5, 64), (3, 111), (2, 300)]) {
        let base: Vec<f64> = (0..case.shape.0 * case.shape.1).map(|_| values.draw()).collect();
        let mut base = Stored::new(case.shape, case.dtype, &base).values;
        let mut tuned = base.clone();
        for i in 0..base.len() {
            match values.draw_bits() % 256 {
                0 => tuned[i] = values.draw(),
                1 => tuned[i] *= 1.0 + 1e-6 * values.draw(),
                2 => tuned[i] = f64::NAN,
                3 => (base[i], tuned[i]) = (f64::INFINITY, f64::INFINITY),
                4 => (base[i], tuned[i]) = (3.39e38, 3.39e38),
                5 => (base[i], tuned[i]) = (0.0, -0.0),
                _ => {}
            }
        }
        let stored = |values: &[f64]| Stored::new(case.shape, case.dtype, values);
        check(place, case, &stored(&base), &stored(&tuned), "long runs of equal weights");
    }
}

fn zeros_of_both_signs_are_unchanged<B: TestDevice>(place: &mut Place<B>) {
    for case in place.cases(&SHAPES) {
        let zeros = |zero: f64| {
            Stored::new(case.shape, case.dtype, &vec![zero; case.shape.0 * case.shape.1])
        };
        check(place, case, &zeros(0.0), &zeros(-0.0), "zeros of two signs");
    }
}

fn one_row(codes: &[u16]) -> Stored {
    let values: Vec<f64> = codes.iter().map(|code| bf16::from_bits(*code).to_f64()).collect();
    Stored::new((1, codes.len()), Dtype::Bf16, &values)
}

fn counts_of_rows<B: TestDevice>(place: &mut Place<B>, base: &[u16], tuned: &[u16]) -> DiffCounts {
    // A tile of one row.
    let tile = 2 * base.len() as u64;
    let (base, tuned) = (one_row(base), one_row(tuned));
    let (a, b) = (place.place(&base, tile), place.place(&tuned, tile));
    diff(place, &a, &b, &query(base.shape, 2))
}

fn nan_and_infinities_are_changed_and_have_no_distance<B: TestDevice>(place: &mut Place<B>) {
    let counts = counts_of_rows(
        place,
        &[0x0000, 0x8000, 0x7fc0, 0x7f80, 0x3f80],
        &[0x8000, 0x0000, 0x7fc0, 0x7f80, 0x3f81],
    );
    assert_eq!((counts.unchanged, counts.non_finite, counts.bit_equal), (2, 2, 2));
    assert_eq!(counts.row_changed, [3]);
    assert_eq!(
        (counts.map_changed, counts.map_non_finite, counts.map_update),
        (vec![1, 2], vec![1, 1], vec![0.0, 1.0 / 128.0])
    );
    assert_eq!(counts.ulp.iter().sum::<u64>(), 3);
    assert_eq!(counts.ulp[18], 1);
    assert_eq!(counts.update_squared, (1.0f64 / 128.0).powi(2));
}

fn distances_fall_into_the_bins_of_the_definition<B: TestDevice>(place: &mut Place<B>) {
    /// Returns the code at this place in the order of values, 0 being zero.
    fn code(order: i32) -> u16 {
        order.unsigned_abs() as u16 | if order < 0 { 0x8000 } else { 0 }
    }
    for (from, distance, bin) in [
        (1, 0, 17),
        (1, 1, 18),
        (2, -1, 16),
        (-1, 2, 19),
        (1, 3, 20),
        (1, 4, 20),
        (-2, 5, 21),
        (4, -8, 13),
        (1, 9, 22),
        (1, 1 << 14, 17 + 15),
        (1, (1 << 14) + 1, 17 + 16),
        (-200, (1 << 15) - 1, 17 + 16),
        (-200, 1 << 15, 34),
        (0x7f7f, -65_278, 0),
    ] {
        let counts = counts_of_rows(place, &[code(from)], &[code(from + distance)]);
        let mut want = vec![0; ULP_BINS];
        want[bin] = 1;
        assert_eq!(counts.ulp, want, "distance {distance}");
    }
    assert_eq!(MAGNITUDES, 1 << 15);
}

fn streamed_counts_are_resident_ones<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(11);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = (values.draw_matrix(case), values.draw_matrix(case));
        let query = query(case.shape, 7);
        let (a, b) = (place.place(&base, case.tile), place.place(&tuned, case.tile));
        let (whole_a, whole_b) =
            (place.place_resident(&base, case.tile), place.place_resident(&tuned, case.tile));
        let want = diff(place, &whole_a, &whole_b, &query);
        for (base, tuned) in [(&a, &b), (&whole_a, &b), (&a, &whole_b)] {
            assert!(diff(place, base, tuned, &query) == want, "{case}: both or one side streamed");
        }
    }
}

on_each_place!(
    each:
        counts_are_the_naive_ones,
        long_runs_of_equal_weights_are_counted,
        zeros_of_both_signs_are_unchanged,
        nan_and_infinities_are_changed_and_have_no_distance,
        distances_fall_into_the_bins_of_the_definition;
    streamed:
        streamed_counts_are_resident_ones
);
