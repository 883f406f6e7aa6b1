//! Counts of the reconstruction against counts taken one weight at a time, and streamed against
//! resident.

use crate::element::Grid;
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};
use crate::kernels::testing::{
    Case, Place, SHAPES, Stored, TestDevice, Values, awkward_pair, on_each_place, unchanged_in_bf16,
};
use pollster::block_on;

/// Columns of the factors.
const K: usize = 5;
/// η of the update mask.
const ETA: f32 = 1e-3;

/// A shape that is wider than what the CPU takes at a time, beside all others.
const WIDE: (usize, usize) = (3, 700);

/// Bands as (rank, from, to, low).
fn bands<const N: usize>(bands: [(usize, f32, f32, f32); N]) -> [PrincipalBand; N] {
    bands.map(|(rank, from, to, low)| PrincipalBand { rank, from, to, low })
}

/// The factors of a reconstruction, m × K and n × K.
struct Factors {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Factors {
    fn new((m, n): (usize, usize), mut draw: impl FnMut(usize) -> Vec<f32>) -> Self {
        Self { left: draw(m * K), right: draw(n * K) }
    }
}

/// The bands to count in, and the cells and the threshold of the map.
struct Question<'a> {
    bands: &'a [PrincipalBand],
    map: (Grid, f32),
}

fn zero_counts() -> PrincipalCounts {
    let zero = || vec![0; BAND_BINS + 1];
    PrincipalCounts {
        all: zero(),
        changed: zero(),
        high: zero(),
        changed_high: zero(),
        low_changed: 0,
        low_size: 0,
    }
}

fn naive_counts(
    (base, tuned): (&Stored, &Stored),
    factors: &Factors,
    question: &Question<'_>,
) -> Principal {
    let n = base.shape.1;
    let weights = base.values.len();
    let reconstructed = |e: usize, rank: usize| {
        let (row, column) = (e / n, e % n);
        let terms = (0..rank).map(|j| factors.left[row * K + j] * factors.right[column * K + j]);
        terms.sum::<f32>().abs()
    };
    let count = |band: &PrincipalBand| {
        let mut counts = zero_counts();
        for e in 0..weights {
            let size = reconstructed(e, band.rank);
            let moved = !unchanged_in_bf16(base.values[e], tuned.values[e], ETA);
            let low = (base.values[e] as f32).abs() <= band.low;
            counts.low_size += u64::from(low);
            counts.low_changed += u64::from(low && moved);
            if size < band.from {
                continue;
            }
            let inside = ((size - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize;
            let bin = if size >= band.to { BAND_BINS } else { inside.min(BAND_BINS - 1) };
            let belongs = [true, moved, !low, moved && !low];
            let PrincipalCounts { all, changed, high, changed_high, .. } = &mut counts;
            for (class, belongs) in [all, changed, high, changed_high].into_iter().zip(belongs) {
                class[bin] += u64::from(belongs);
            }
        }
        counts
    };
    let (grid, threshold) = question.map;
    let mut map = vec![0; grid.cells()];
    for e in 0..weights {
        map[grid.cell(e / n, e % n)] += u64::from(reconstructed(e, K) >= threshold);
    }
    Principal { bands: question.bands.iter().map(count).collect(), map }
}

fn counts<B: TestDevice>(
    place: &Place<B>,
    (m, n): (usize, usize),
    (base, tuned): (&B::Matrix, &B::Matrix),
    factors: &Factors,
    question: &Question<'_>,
) -> Principal {
    let query = PrincipalQuery {
        left: &place.make_block(m, K, &factors.left),
        right: &place.make_block(n, K, &factors.right),
        bands: question.bands,
        eta: ETA,
        map: Some(question.map),
    };
    block_on(place.device.principal_counts(base, tuned, &query)).expect("counts")
}

/// Holds the counts of one case to the naive ones.
fn check<B: TestDevice>(
    place: &mut Place<B>,
    case: Case,
    (base, tuned): (&Stored, &Stored),
    factors: &Factors,
) {
    let bands = bands([
        (1, 0.0, 0.5, 0.005),
        (1, 0.25, 1.25, 0.0),
        (2, 0.25, 1.25, 0.0),
        (5, 0.0, 0.5, 0.005),
        (5, 0.25, 1.25, 0.0),
        (5, 0.25, 0.5, 0.01),
    ]);
    let map = (Grid::new(case.shape.0, case.shape.1, 5), 0.375);
    let question = Question { bands: &bands, map };
    let want = naive_counts((base, tuned), factors, &question);
    let (a, b) = (place.place(base, case.tile), place.place(tuned, case.tile));
    // Whole, since two such lists are too long to read.
    assert!(counts(place, case.shape, (&a, &b), factors, &question) == want, "{case}");
}

/// Multiples of 1/8 multiply and add exactly, so that the bins must agree to the last count.
fn eighths(values: &mut Values, count: usize) -> Vec<f32> {
    values.draw_block(count).iter().map(|x| (x * 8.0).round() / 8.0).collect()
}

fn counts_are_the_naive_ones<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(4);
    for case in place.cases(&[&SHAPES[..], &[WIDE]].concat()) {
        let (base, tuned) = awkward_pair(&mut values, case);
        let factors = Factors::new(case.shape, |count| eighths(&mut values, count));
        check(place, case, (&base, &tuned), &factors);
    }
}

fn zero_and_rank_deficient_reconstructions_are_counted<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(5);
    for case in place.cases(&[(5, 7), (67, 33)]) {
        let (base, tuned) = awkward_pair(&mut values, case);
        let mut factors = Factors::new(case.shape, |count| eighths(&mut values, count));
        // All columns from the second on add nothing.
        let rows = factors.left.iter_mut().enumerate();
        rows.filter(|(i, _)| i % K > 0).for_each(|(_, x)| *x = 0.0);
        check(place, case, (&base, &tuned), &factors);
        factors.left.fill(0.0);
        check(place, case, (&base, &tuned), &factors);
    }
}

fn streamed_counts_are_resident_ones<B: TestDevice>(place: &mut Place<B>) {
    let mut values = Values::new(11);
    let bands = bands([
        (1, 0.0, 2.0, 0.3),
        (1, 0.5, 1.0, 0.0),
        (2, 0.1, 0.9, 0.3),
        (5, 0.1, 0.9, 0.3),
        (5, 0.5, 1.0, 0.3),
    ]);
    for case in place.cases(&SHAPES) {
        let (base, tuned) = (values.draw_matrix(case), values.draw_matrix(case));
        let factors = Factors::new(case.shape, |count| values.draw_block(count));
        let map = (Grid::new(case.shape.0, case.shape.1, 7), 0.5);
        let question = Question { bands: &bands, map };
        let (a, b) = (place.place(&base, case.tile), place.place(&tuned, case.tile));
        let (whole_a, whole_b) =
            (place.place_resident(&base, case.tile), place.place_resident(&tuned, case.tile));
        let want = counts(place, case.shape, (&whole_a, &whole_b), &factors, &question);
        for pair in [(&a, &b), (&whole_a, &b), (&a, &whole_b)] {
            let got = counts(place, case.shape, pair, &factors, &question);
            assert!(got == want, "{case}: both or one side streamed");
        }
    }
}

on_each_place!(
    each:
        counts_are_the_naive_ones,
        zero_and_rank_deficient_reconstructions_are_counted;
    streamed:
        streamed_counts_are_resident_ones
);
