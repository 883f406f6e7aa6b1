//! Combinations of blocks against sums of f64 products.

use crate::kernels::testing::{Place, TestDevice, Values, assert_close, on_each_device};
use faer::Mat;
use pollster::block_on;

/// Numbers of rows: one, around four (of a patch on the GPU) and around a window of the CPU.
const ROWS: [usize; 7] = [1, 3, 4, 5, 257, 1030, 20_000];
/// Columns of the two blocks; more than a chunk of 256 terms in the second.
const WIDTHS: [usize; 2] = [3, 257];
/// Columns of the combination.
const COLUMNS: usize = 5;

/// Two blocks, their coefficients, and a block to start from.
struct Terms {
    rows: usize,
    blocks: [Vec<f32>; 2],
    coefficients: [Mat<f64>; 2],
    start: Vec<f32>,
}

impl Terms {
    fn new(rows: usize, mut draw: impl FnMut(usize) -> Vec<f32>) -> Self {
        let blocks = WIDTHS.map(|width| draw(rows * width));
        let coefficients = WIDTHS.map(|width| {
            let values = draw(width * COLUMNS);
            Mat::from_fn(width, COLUMNS, |i, j| f64::from(values[i * COLUMNS + j]))
        });
        Self { rows, blocks, coefficients, start: draw(rows * COLUMNS) }
    }

    fn combine<B: TestDevice>(&self, place: &Place<B>, with_start: bool) -> Vec<f32> {
        let [first, second] =
            [0, 1].map(|b| place.make_block(self.rows, WIDTHS[b], &self.blocks[b]));
        let start = place.make_block(self.rows, COLUMNS, &self.start);
        let terms =
            [(&first, self.coefficients[0].as_ref()), (&second, self.coefficients[1].as_ref())];
        block_on(async {
            let found = place.device.combine(with_start.then_some(&start), &terms).await;
            place.device.read(&found.expect("a combination")).await.expect("its values")
        })
    }

    /// Computes an entry of the combination in f64, and the sum of its terms' magnitudes.
    fn naive_entry(&self, with_start: bool, row: usize, column: usize) -> (f64, f64) {
        let start = if with_start { f64::from(self.start[row * COLUMNS + column]) } else { 0.0 };
        let mut sums = (start, start.abs());
        for ((block, c), width) in self.blocks.iter().zip(&self.coefficients).zip(WIDTHS) {
            for t in 0..width {
                let term = f64::from(block[row * width + t]) * c[(t, column)];
                sums = (sums.0 + term, sums.1 + term.abs());
            }
        }
        sums
    }

    /// Holds every entry to what `assert` says of it.
    fn check<B: TestDevice>(&self, place: &Place<B>, assert: impl Fn(f32, (f64, f64), &str)) {
        for with_start in [false, true] {
            let found = self.combine(place, with_start);
            assert_eq!(found.len(), self.rows * COLUMNS);
            for (i, value) in found.into_iter().enumerate() {
                let (row, column) = (i / COLUMNS, i % COLUMNS);
                let what =
                    format!("{} rows, start {with_start}, entry ({row}, {column})", self.rows);
                assert(value, self.naive_entry(with_start, row, column), &what);
            }
        }
    }
}

fn entries_are_close_to_f64_sums<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(5);
    for rows in ROWS {
        let close = |got: f32, (want, size), what: &str| {
            assert_close(got.into(), want, size, what);
        };
        Terms::new(rows, |count| values.draw_block(count)).check(place, close);
    }
}

fn combinations_of_integers_are_exact<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(6);
    for rows in ROWS {
        let equal = |got: f32, (want, _), what: &str| {
            assert!(f64::from(got) == want, "{what}: {got} is not {want}");
        };
        Terms::new(rows, |count| values.draw_integers(count)).check(place, equal);
    }
}

fn zero_coefficients_leave_the_start<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(7);
    let mut terms = Terms::new(67, |count| values.draw_block(count));
    terms.coefficients = WIDTHS.map(|width| Mat::zeros(width, COLUMNS));
    assert_eq!(terms.combine(place, true), terms.start);
    assert!(terms.combine(place, false).iter().all(|y| *y == 0.0));
}

fn a_combination_of_nothing_is_refused<B: TestDevice>(place: &mut Place<B>) {
    assert!(block_on(place.device.combine(None, &[])).is_err());
}

on_each_device!(
    entries_are_close_to_f64_sums,
    combinations_of_integers_are_exact,
    zero_coefficients_leave_the_start,
    a_combination_of_nothing_is_refused
);
