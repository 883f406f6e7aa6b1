//! Products against sums of f64 terms, and streamed against resident.

use crate::element::Dtype;
use crate::kernels::Operand;
use crate::kernels::testing::{
    Case, Place, SHAPES, Stored, TestDevice, Values, assert_close, on_each_place, to_bits,
};

/// Products: whether the transpose is multiplied, and by how many columns.
const PRODUCTS: [(bool, usize); 4] = [(false, 1), (false, 6), (true, 5), (true, 8)];

/// Returns element `e` of W, or of W1 − W0 if there is a base, rounded to f32 as the definition
/// says.
fn element(base: Option<&Stored>, tuned: &Stored, e: usize) -> f64 {
    f64::from((tuned.values[e] - base.map_or(0.0, |base| base.values[e])) as f32)
}

/// Computes an entry of the product in f64, and the sum of its terms' magnitudes.
fn naive_entry(
    (base, tuned): (Option<&Stored>, &Stored),
    transpose: bool,
    (x, k): (&[f32], usize),
    (output, column): (usize, usize),
) -> (f64, f64) {
    let (m, n) = tuned.shape;
    let length = if transpose { m } else { n };
    (0..length).fold((0.0, 0.0), |(sum, size), t| {
        let e = if transpose { t * n + output } else { output * n + t };
        let term = element(base, tuned, e) * f64::from(x[t * k + column]);
        (sum + term, size + term.abs())
    })
}

/// Holds the products of a pair with blocks from `draw` to what `assert` says of each entry.
fn check_products<B: TestDevice>(
    place: &mut Place<B>,
    case: Case,
    (base, tuned): (&Stored, &Stored),
    mut draw: impl FnMut(usize) -> Vec<f32>,
    assert: impl Fn(f32, (f64, f64), &str),
) {
    let (a, b) = (place.place(base, case.tile), place.place(tuned, case.tile));
    let (m, n) = case.shape;
    for (transpose, k) in PRODUCTS {
        let (outputs, length) = if transpose { (n, m) } else { (m, n) };
        let values = draw(length * k);
        let x = place.make_block(length, k, &values);
        for (operand, pair) in
            [(Operand::One(&b), (None, tuned)), (Operand::Difference(&a, &b), (Some(base), tuned))]
        {
            let got = place.multiply(operand, transpose, &x);
            assert_eq!(got.len(), outputs * k, "{case}");
            for (i, value) in got.into_iter().enumerate() {
                let entry = (i / k, i % k);
                let want = naive_entry(pair, transpose, (&values, k), entry);
                let difference = pair.0.is_some();
                let what = format!("{case}: Δ {difference}, ᵀ {transpose}, entry {entry:?}");
                assert(value, want, &what);
            }
        }
    }
}

fn entries_are_close_to_f64_sums<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(1);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = (values.draw_matrix(case), values.draw_matrix(case));
        let close = |got: f32, (want, size), what: &str| {
            assert_close(got.into(), want, size, what);
        };
        check_products(place, case, (&base, &tuned), |count| values.draw_block(count), close);
    }
}

fn products_of_integers_are_exact<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(2);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = (values.draw_integer_matrix(case), values.draw_integer_matrix(case));
        let equal = |got: f32, (want, _), what: &str| {
            assert!(f64::from(got) == want, "{what}: {got} is not {want}");
        };
        check_products(place, case, (&base, &tuned), |count| values.draw_integers(count), equal);
    }
}

fn zero_and_equal_matrices_give_zeros<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(3);
    for case in place.cases(&[(5, 7), (67, 33)]) {
        let (m, n) = case.shape;
        let zero = Stored::new(case.shape, case.dtype, &vec![0.0; m * n]);
        let some = values.draw_matrix(case);
        let (zero, w, same) = (
            place.place(&zero, case.tile),
            place.place(&some, case.tile),
            place.place(&some, case.tile),
        );
        for operand in [Operand::One(&zero), Operand::Difference(&w, &same)] {
            for (transpose, length) in [(false, n), (true, m)] {
                let x = place.make_block(length, 3, &values.draw_block(length * 3));
                let got = place.multiply(operand, transpose, &x);
                assert!(got.iter().all(|y| *y == 0.0), "{case}: {got:?}");
            }
        }
    }
}

fn streamed_products_are_resident_ones<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(4);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = (values.draw_matrix(case), values.draw_matrix(case));
        let (a, b) = (place.place(&base, case.tile), place.place(&tuned, case.tile));
        let (whole_a, whole_b) =
            (place.place_resident(&base, case.tile), place.place_resident(&tuned, case.tile));
        for (transpose, k) in PRODUCTS {
            let length = if transpose { case.shape.0 } else { case.shape.1 };
            let x = place.make_block(length, k, &values.draw_block(length * k));
            let product = |operand| to_bits(&place.multiply(operand, transpose, &x));
            assert_eq!(
                product(Operand::One(&a)),
                product(Operand::One(&whole_a)),
                "{case}, ᵀ {transpose}"
            );
            let want = product(Operand::Difference(&whole_a, &whole_b));
            for (one, other) in [(&a, &b), (&whole_a, &b), (&a, &whole_b)] {
                let got = product(Operand::Difference(one, other));
                assert_eq!(got, want, "{case}, ᵀ {transpose}: Δ, both or one side streamed");
            }
        }
    }
}

/// Tiles that hold at least a chunk of rows begin where a chunk of the sums does.
fn tiles_of_whole_chunks_change_no_sum<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(5);
    let (m, n, dtype) = (1030, 33, Dtype::Bf16);
    let case = Case { shape: (m, n), dtype, tile: (300 * n * dtype.size()) as u64 };
    let stored = values.draw_matrix(case);
    let tiled = place.place(&stored, case.tile);
    let whole = place.place_resident(&stored, 128 << 20);
    assert_eq!((B::count_tiles(&whole), B::count_tiles(&tiled)), (1, 5));
    for (transpose, length) in [(false, n), (true, m)] {
        let x = place.make_block(length, 7, &values.draw_block(length * 7));
        assert_eq!(
            to_bits(&place.multiply(Operand::One(&tiled), transpose, &x)),
            to_bits(&place.multiply(Operand::One(&whole), transpose, &x))
        );
    }
}

on_each_place!(
    each:
        entries_are_close_to_f64_sums,
        products_of_integers_are_exact,
        zero_and_equal_matrices_give_zeros;
    streamed:
        streamed_products_are_resident_ones,
        tiles_of_whole_chunks_change_no_sum
);
