//! Exact Gram matrices against the same integers multiplied plainly, to the last bit.
//!
//! `linalg/tests/whole.rs` holds the whole spectrum that follows from them to an SVD.

use crate::element::Dtype;
use crate::kernels::cpu::Cpu;
use crate::kernels::exact_gram::gpu::BITS;
use crate::kernels::gpu::Gpu;
use crate::kernels::testing::{Case, Place, SHAPES, Stored, Values, gpu, on_each_gpu_place};
use crate::kernels::{Backend, Operand, Residence};
use faer::Mat;
use pollster::block_on;

/// Returns the exponent e with every |x| below 2^e, or −125 if all are smaller than any normal f32.
fn exponent(column: impl Iterator<Item = f64>) -> i32 {
    let largest = column.fold(0.0, |a: f32, x| a.max((x as f32).abs()));
    (largest.to_bits() >> 23).max(1) as i32 - 126
}

/// Computes the lower half of AᵀA for `tuned`, or for `tuned` − `base`, where A has the longer side
/// in its rows.
fn naive_gram(base: Option<&Stored>, tuned: &Stored) -> Mat<f64> {
    let (rows, cols) = tuned.shape;
    let (long, short) = (rows.max(cols), rows.min(cols));
    let at = |t: usize, s: usize| if rows < cols { s * cols + t } else { t * cols + s };
    let value = |stored: Option<&Stored>, t, s| stored.map_or(0.0, |w| w.values[at(t, s)]);
    let both = |t: usize, s: usize| [value(base, t, s), value(Some(tuned), t, s)];
    let exponents: Vec<i32> =
        (0..short).map(|s| exponent((0..long).flat_map(|t| both(t, s)))).collect();
    let columns: Vec<Vec<i128>> = (0..short)
        .map(|s| {
            let scale = 2f64.powi(BITS - exponents[s]);
            let integers = |t| both(t, s).map(|x| (x * scale).round() as i128);
            (0..long).map(integers).map(|[base, tuned]| tuned - base).collect()
        })
        .collect();
    Mat::from_fn(short, short, |i, j| {
        if j > i {
            return 0.0;
        }
        let sum: i128 = columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
        sum as f64 * 2f64.powi(exponents[i] + exponents[j] - 2 * BITS)
    })
}

/// Holds the Gram matrices of tuned and of the difference to the naive ones.
fn check(place: &mut Place<Gpu>, tile: u64, base: &Stored, tuned: &Stored, what: &str) {
    let (a, b) = (place.place(base, tile), place.place(tuned, tile));
    let short = base.shape.0.min(base.shape.1);
    for (operand, want, which) in [
        (Operand::One(&b), naive_gram(None, tuned), "tuned"),
        (Operand::Difference(&a, &b), naive_gram(Some(base), tuned), "difference"),
    ] {
        let got = block_on(place.device.exact_gram(operand, u64::MAX))
            .expect("a Gram matrix")
            .expect("the adapter has dot4I8Packed");
        assert_eq!((got.nrows(), got.ncols()), (short, short));
        for i in 0..short {
            for j in 0..=i {
                let (got, want) = (got[(i, j)], want[(i, j)]);
                let same = got.to_bits() == want.to_bits();
                assert!(same, "{what}, {which} ({i}, {j}): {got} is not {want}");
            }
        }
    }
}

/// Values over many orders of magnitude: signs, zeros, subnormal numbers of bf16 and f32 and the
/// largest finite ones occur.
fn draw_wild(values: &mut Values, case: Case) -> Stored {
    let mut wild = |i: usize| {
        let bits = values.draw_bits();
        // Also what rounds to an infinite bf16.
        let infinite = bits.wrapping_add(0x8000) & 0x7f80_0000 == 0x7f80_0000;
        match i % 7 {
            0 => 0.0,
            // Any other bits.
            1 => f32::from_bits(if infinite { bits ^ 0x4000_0000 } else { bits }).into(),
            _ => f64::from(bits as i32) * (-38f64).exp2(),
        }
    };
    let drawn: Vec<f64> = (0..case.shape.0 * case.shape.1).map(&mut wild).collect();
    Stored::new(case.shape, case.dtype, &drawn)
}

fn entries_are_those_of_integers<const N: usize>(
    place: &mut Place<Gpu>,
    shapes: [(usize, usize); N],
) {
    let mut values = Values::new(1);
    for case in place.cases(&shapes) {
        // Halves have no room for wild values.
        let mut draw = || match case.dtype {
            Dtype::F16 => values.draw_matrix(case),
            _ => draw_wild(&mut values, case),
        };
        let (base, tuned) = (draw(), draw());
        check(place, case.tile, &base, &tuned, &case.to_string());
    }
}

fn entries_are_exact(place: &mut Place<Gpu>) {
    entries_are_those_of_integers(place, SHAPES);
}

/// Sides around the blocks of 32 × 16 entries that a workgroup computes, either way.
fn entries_are_exact_at_the_edges_of_workgroups(place: &mut Place<Gpu>) {
    let shapes = [(33, 67), (31, 40), (40, 31), (32, 40), (15, 16), (17, 33), (2, 1030)];
    entries_are_those_of_integers(place, shapes);
}

fn degenerate_matrices_are_exact(place: &mut Place<Gpu>) {
    let shape = (90, 35);
    let zeros =
        |shape: (usize, usize)| Stored::new(shape, Dtype::F32, &vec![0.0; shape.0 * shape.1]);
    for case in place.cases(&[shape]).into_iter().filter(|case| case.dtype == Dtype::F32) {
        let from = |at: &dyn Fn(usize) -> f64| {
            Stored::new(shape, case.dtype, &(0..90 * 35).map(at).collect::<Vec<_>>())
        };
        check(place, case.tile, &zeros(shape), &zeros(shape), "zero");
        let mut values = Values::new(3);
        let row: Vec<f64> = (0..35).map(|_| values.draw()).collect();
        check(place, case.tile, &zeros(shape), &from(&|i| row[i % 35]), "rank one");
        // The top digit at its ends, in the difference too.
        let largest = from(&|i| f64::from(if i % 2 == 0 { f32::MAX } else { f32::MIN }));
        let opposite = from(&|i| f64::from(if i % 2 == 0 { f32::MIN } else { f32::MAX }));
        check(place, case.tile, &largest, &opposite, "largest");
        check(place, case.tile, &opposite, &largest, "largest, other side");
    }
}

/// Takes more rows than a dispatch does, either way, and more columns than one strip of sums; and
/// fills a dispatch with lower digits of −128, where the i32 sums reach their bound.
fn sums_go_on_over_many_buffers(place: &mut Place<Gpu>) {
    for shape in [(20_001, 3), (3, 20_001), (40, 1100), (1100, 1050)] {
        // A quarter of the matrix, but two rows.
        let tile = (shape.0 * shape.1 / 2).max(4 * shape.1) as u64;
        let case = Case { shape, dtype: Dtype::Bf16, tile };
        let mut values = Values::new(5);
        let base = values.draw_matrix(case);
        let changed = base.values.iter().enumerate();
        let changed: Vec<f64> =
            changed.map(|(i, x)| if i % 11 == 0 { values.draw() } else { *x }).collect();
        let tuned = Stored::new(shape, case.dtype, &changed);
        check(place, case.tile, &base, &tuned, &case.to_string());
    }
    let shape = (9000, 2);
    let digits = Stored::new(shape, Dtype::F32, &[f64::from(0x83_fbfc); 18_000]);
    let zeros = Stored::new(shape, Dtype::F32, &[0.0; 18_000]);
    check(place, 20_000, &zeros, &digits, "digits of −128");
    check(place, 20_000, &digits, &zeros, "digits of −128 in the base");
}

on_each_gpu_place!(
    entries_are_exact,
    entries_are_exact_at_the_edges_of_workgroups,
    degenerate_matrices_are_exact,
    sums_go_on_over_many_buffers
);

/// Returns whether a device gives the Gram matrix of a 40 × 40 matrix in so many bytes.
fn gives_gram<B: Backend>(device: &B, room: u64) -> bool {
    let case = Case { shape: (40, 40), dtype: Dtype::Bf16, tile: 1 << 20 };
    let w = Values::new(1).draw_matrix(case).place(device, Residence::Whole);
    block_on(device.exact_gram(Operand::One(&w), room)).expect("no error").is_some()
}

#[test]
fn a_device_may_leave_grams_to_the_cpu() {
    assert!(gives_gram(&gpu(), 16 << 20));
    assert!(!gives_gram(&gpu(), 8 << 20), "there is no room for the digits");
    assert!(!gives_gram(&gpu().with_exact_grams(false), 16 << 20));
    assert!(!gives_gram(&Cpu, 16 << 20), "the CPU sums in f64");
}
