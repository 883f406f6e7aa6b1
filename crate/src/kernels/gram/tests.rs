//! Gram matrices of blocks against sums of f64 products.

use crate::kernels::testing::{Place, TestDevice, Values, assert_close, on_each_device};
use faer::Mat;
use pollster::block_on;

/// Numbers of rows: one, at the end of a chunk of 256 and at 1 less or more, and so many that the
/// GPU sums several chunks before it gives a sum away.
const ROWS: [usize; 7] = [1, 3, 255, 256, 257, 1030, 20_000];
/// Columns of the blocks; rows of 3 and 1 are padded on the GPU.
const WIDTHS: [usize; 3] = [3, 1, 8];

/// Computes the Gram matrix of the first two blocks with all three.
fn gram<B: TestDevice>(place: &Place<B>, rows: usize, values: &[Vec<f32>]) -> Mat<f64> {
    let blocks: Vec<B::Block> =
        WIDTHS.iter().zip(values).map(|(width, v)| place.make_block(rows, *width, v)).collect();
    let all: Vec<&B::Block> = blocks.iter().collect();
    let found = block_on(place.device.gram(&all[..2], &all)).expect("a Gram matrix");
    assert_eq!((found.nrows(), found.ncols()), (4, 12));
    found
}

/// Computes one of its entries in f64, and the sum of the terms' magnitudes.
fn naive_entry(values: &[Vec<f32>], rows: usize, i: usize, j: usize) -> (f64, f64) {
    let at = |r: usize, c: usize| {
        f64::from(match c {
            0..3 => values[0][r * 3 + c],
            3 => values[1][r],
            _ => values[2][r * 8 + c - 4],
        })
    };
    let terms = (0..rows).map(|r| at(r, i) * at(r, j));
    terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

/// Holds every entry to what `assert` says of it, for blocks from `draw`.
fn check_entries<B: TestDevice>(
    place: &Place<B>,
    mut draw: impl FnMut(usize) -> Vec<f32>,
    assert: impl Fn(f64, (f64, f64), &str),
) {
    for rows in ROWS {
        let values = WIDTHS.map(|width| draw(rows * width));
        let found = gram(place, rows, &values);
        for i in 0..4 {
            for j in 0..12 {
                let want = naive_entry(&values, rows, i, j);
                assert(found[(i, j)], want, &format!("{rows} rows, entry ({i}, {j})"));
            }
        }
    }
}

fn entries_are_close_to_f64_sums<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(2);
    let close = |got, (want, size), what: &str| assert_close(got, want, size, what);
    check_entries(place, |count| values.draw_block(count), close);
}

fn entries_of_integers_are_exact<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(3);
    let equal = |got: f64, (want, _), what: &str| assert!(got == want, "{what}: {got}, not {want}");
    check_entries(place, |count| values.draw_integers(count), equal);
}

fn zero_and_missing_blocks_give_zeros<B: TestDevice>(place: &mut Place<B>) {
    let found = gram(place, 257, &WIDTHS.map(|width| vec![0.0; 257 * width]));
    assert_eq!(found, Mat::<f64>::zeros(4, 12));
    let nothing = block_on(place.device.gram(&[], &[])).expect("an empty Gram matrix");
    assert_eq!((nothing.nrows(), nothing.ncols()), (0, 0));
}

/// Columns that are multiples of one another, with a power of two between them.
fn dependent_columns_have_dependent_entries<B: TestDevice>(place: &mut Place<B>) {
    let rows = 1030;
    let column = Values::new(4).draw_block(rows);
    let scaled: Vec<f32> = column.iter().flat_map(|x| [*x, 2.0 * x, -0.5 * x]).collect();
    let block = place.make_block(rows, 3, &scaled);
    let found = block_on(place.device.gram(&[&block], &[&block])).expect("a Gram matrix");
    let factors = [1.0, 2.0, -0.5];
    let want = Mat::from_fn(3, 3, |i, j| factors[i] * factors[j] * found[(0, 0)]);
    assert_eq!(found, want);
}

on_each_device!(
    entries_are_close_to_f64_sums,
    entries_of_integers_are_exact,
    zero_and_missing_blocks_give_zeros,
    dependent_columns_have_dependent_entries
);
