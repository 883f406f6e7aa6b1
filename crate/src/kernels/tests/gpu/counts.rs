//! Counting kernels, against counts taken one weight at a time.

use super::*;
use crate::element::grid::Grid;
use crate::kernels::cpu::Cpu;
use crate::kernels::diff::{DiffCounts, DiffQuery, MAGNITUDES, ULP_BINS};
use crate::kernels::principal::{
    BAND_BINS, Principal, PrincipalBand, PrincipalCounts, PrincipalQuery,
};

fn unchanged(a: f32, b: f32, eta: f32) -> bool {
    let (x, y) = (bf16::from_f32(a).to_f32(), bf16::from_f32(b).to_f32());
    a.is_finite()
        && b.is_finite()
        && (x == y
            || (x.is_finite() && y.is_finite() && (y - x).abs() <= eta * x.abs().max(y.abs())))
}

/// A tuned value near, equal to or far from its base, with what breaks comparisons mixed in.
fn awkward(v: &mut Values, n: usize) -> (Vec<f32>, Vec<f32>) {
    let odd = [
        0.0,
        -0.0,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e-39,
        -3e-42,
        f32::MAX,
        3.39e38,
        6e-8,
        65504.0,
    ];
    (0..n)
        .map(|_| {
            let mut pick = |x: f32| match v.bits() >> 20 {
                0..300 => odd[v.bits() as usize % odd.len()],
                300..1500 => x,
                1500..2500 => x * (1.0 + v.next() * 0.002),
                2500..3500 => x + v.next() * 1e-5,
                _ => v.next() * 0.02,
            };
            let a = pick(0.01);
            let b = pick(a);
            (a, b)
        })
        .unzip()
}

fn naive_diff(cols: usize, a: &[f32], b: &[f32], q: &DiffQuery) -> DiffCounts {
    let mut d = DiffCounts {
        unchanged: 0,
        bit_equal: 0,
        within_abs: 0,
        unchanged_stored: 0,
        hidden: 0,
        non_finite: 0,
        ulp: vec![0; ULP_BINS],
        row_changed: vec![0; a.len() / cols],
        column_changed: vec![0; cols],
        magnitude: vec![0; MAGNITUDES],
        magnitude_changed: vec![0; MAGNITUDES],
        magnitude_update: vec![0.0; MAGNITUDES],
        base_squared: 0.0,
        update_squared: 0.0,
        base_dot_update: 0.0,
        max_abs_update: 0.0,
        map_changed: vec![0; q.grid.cells()],
        map_non_finite: vec![0; q.grid.cells()],
        map_update: vec![0.0; q.grid.cells()],
    };
    for (e, (&x, &y)) in a.iter().zip(b).enumerate() {
        let same = unchanged(x, y, q.eta as f32);
        d.unchanged += u64::from(same);
        d.bit_equal += u64::from(x.to_bits() == y.to_bits());
        d.row_changed[e / cols] += u64::from(!same);
        d.column_changed[e % cols] += u64::from(!same);
        let cell = q.grid.cell(e / cols, e % cols);
        d.map_changed[cell] += u64::from(!same);
        if !x.is_finite() || !y.is_finite() {
            d.non_finite += 1;
            d.map_non_finite[cell] += 1;
            continue;
        }
        d.within_abs += u64::from((y - x).abs() <= q.abs_tolerance as f32);
        d.unchanged_stored += u64::from((y - x).abs() <= q.eta as f32 * x.abs().max(y.abs()));
        d.hidden += u64::from(same && x != y);
        let order = |x: f32| {
            let bits = i64::from(bf16::from_f32(x).to_bits());
            if bits & 0x8000 == 0 { bits } else { -(bits & 0x7fff) }
        };
        let step = order(y) - order(x);
        let bin = match step.unsigned_abs() {
            0 => 0,
            n if n >= 1 << 15 => 17,
            n => (1..=16).find(|&j| n <= 1 << (j - 1)).unwrap_or(16),
        };
        d.ulp[(17 + step.signum() * bin) as usize] += 1;
        let m = usize::from(bf16::from_f32(x).to_bits() & 0x7fff);
        d.magnitude[m] += 1;
        d.magnitude_changed[m] += u64::from(!same);
        let u = f64::from(y - x);
        d.magnitude_update[m] += u.abs();
        d.map_update[cell] += u.abs();
        d.base_squared += f64::from(x).powi(2);
        d.update_squared += u * u;
        d.base_dot_update += f64::from(x) * u;
        d.max_abs_update = d.max_abs_update.max(u.abs());
    }
    d
}

#[test]
fn gpu_diff() {
    pollster::block_on(async {
        let mut v = Values(3);
        for dtype in DTYPES {
            for (m, n) in SHAPES {
                for values in ["zero", "tame", "huge"] {
                    let (mut a, mut b) = awkward(&mut v, m * n);
                    match values {
                        "zero" => (a, b) = (vec![0.0; m * n], vec![-0.0; m * n]),
                        "tame" => a
                            .iter_mut()
                            .chain(&mut b)
                            .filter(|x| x.is_finite() && x.abs() > 1e5)
                            .for_each(|x| *x = 0.25),
                        _ => {}
                    }
                    let (a, b) = (encode(dtype, &a), encode(dtype, &b));
                    let query =
                        DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid: Grid::new(m, n, 5) };
                    let want = naive_diff(n, &decode(dtype, &a), &decode(dtype, &b), &query);
                    for tile in tilings(n, dtype) {
                        let gpu = gpu().with_tile_bytes(tile);
                        let (ma, mb) = (
                            upload(&gpu, (m, n), dtype, &a).await,
                            upload(&gpu, (m, n), dtype, &b).await,
                        );
                        let got = gpu.diff(&ma, &mb, &query).await.unwrap();
                        check_diff(got, &want, &format!("{dtype:?} {m}x{n} {values} tile {tile}"));
                    }
                }
            }
        }
    });
}

/// Counts exactly; sums within rounding, unless the huge values mixed in overflow an f32 square.
fn check_diff(mut got: DiffCounts, want: &DiffCounts, what: &str) {
    for (m, (g, w)) in got.magnitude_update.iter().zip(&want.magnitude_update).enumerate() {
        // One unit of 2^-40 a weight; beyond 2^20 the device clamps, as documented.
        let bound = want.magnitude[m] as f64 * (-40f64).exp2() + w * 1e-12;
        assert!((g - w).abs() <= bound || *w > 1e6, "{what}: update at {m}: {g} is not {w}");
    }
    if want.base_squared.max(want.update_squared) < 1e30 {
        assert_close(got.base_squared, want.base_squared, want.base_squared, what);
        assert_close(got.update_squared, want.update_squared, want.update_squared, what);
        assert_close(
            got.base_dot_update,
            want.base_dot_update,
            want.base_squared + want.update_squared,
            what,
        );
    }
    assert_eq!(got.max_abs_update as f32, want.max_abs_update as f32, "{what}");
    for (cell, (g, w)) in got.map_update.iter().zip(&want.map_update).enumerate() {
        // One unit of 2^-40 a weight; beyond 2^20 the device clamps, as documented.
        let bound = (want.row_changed.len() * want.column_changed.len()) as f64 * (-40f64).exp2()
            + w * 1e-12;
        assert!(
            (g - w).abs() <= bound || *w > 1e6,
            "{what}: update in cell {cell}: {g} is not {w}"
        );
    }
    got.magnitude_update.clone_from(&want.magnitude_update);
    got.map_update.clone_from(&want.map_update);
    (got.base_squared, got.update_squared) = (want.base_squared, want.update_squared);
    (got.base_dot_update, got.max_abs_update) = (want.base_dot_update, want.max_abs_update);
    assert!(got == *want, "{what}: counts differ");
}

/// Of so few columns are the factors.
const K: usize = 5;
const MAP_THRESHOLD: f32 = 0.375;

fn naive_principal(
    n: usize,
    (a, b): (&[f32], &[f32]),
    (l, r): (&[f32], &[f32]),
    bands: &[PrincipalBand],
    grid: &Grid,
) -> Principal {
    let reconstructed = |e: usize, rank: usize| {
        (0..rank).map(|j| l[e / n * K + j] * r[e % n * K + j]).sum::<f32>().abs()
    };
    let zero = || vec![0; BAND_BINS + 1];
    let counted = |band: &PrincipalBand| {
        let mut c = PrincipalCounts {
            all: zero(),
            changed: zero(),
            high: zero(),
            changed_high: zero(),
            low_changed: 0,
            low_size: 0,
        };
        for e in 0..a.len() {
            let p = reconstructed(e, band.rank);
            let (moved, is_low) = (!unchanged(a[e], b[e], 1e-3), a[e].abs() <= band.low);
            c.low_size += u64::from(is_low);
            c.low_changed += u64::from(is_low && moved);
            if p < band.from {
                continue;
            }
            let inside = ((p - band.from) / (band.to - band.from) * BAND_BINS as f32) as usize;
            let bin = if p >= band.to { BAND_BINS } else { inside.min(BAND_BINS - 1) };
            let classes = [&mut c.all, &mut c.changed, &mut c.high, &mut c.changed_high];
            classes
                .into_iter()
                .zip([true, moved, !is_low, moved && !is_low])
                .for_each(|(class, yes)| class[bin] += u64::from(yes));
        }
        c
    };
    let mut map = vec![0; grid.cells()];
    (0..a.len()).for_each(|e| {
        map[grid.cell(e / n, e % n)] += u64::from(reconstructed(e, K) >= MAP_THRESHOLD)
    });
    Principal { bands: bands.iter().map(counted).collect(), map }
}

/// Counts of two matrices of shape `(m, n)`, given by their bytes, whose base has the factors `(l,
/// r)`.
async fn principal_on<B: Backend>(
    device: &B,
    (m, n): (usize, usize),
    dtype: Dtype,
    (a, b): (&[u8], &[u8]),
    (l, r): (&[f32], &[f32]),
    bands: &[PrincipalBand],
    grid: Grid,
) -> Principal {
    let (base, tuned) = (
        device.matrix(m, n, dtype, a.to_vec()).await.unwrap(),
        device.matrix(m, n, dtype, b.to_vec()).await.unwrap(),
    );
    let (left, right) = (device.block(m, K, l).unwrap(), device.block(n, K, r).unwrap());
    let query = PrincipalQuery {
        left: &left,
        right: &right,
        bands,
        eta: 1e-3,
        map: Some((grid, MAP_THRESHOLD)),
    };
    device.principal_counts(&base, &tuned, &query).await.unwrap()
}

#[test]
fn principal_counts_on_the_cpu_and_the_gpu() {
    pollster::block_on(async {
        let mut v = Values(4);
        let bands = [
            (1, 0.0, 0.5, 0.005),
            (1, 0.25, 1.25, 0.0),
            (2, 0.25, 1.25, 0.0),
            (5, 0.0, 0.5, 0.005),
            (5, 0.25, 1.25, 0.0),
            (5, 0.25, 0.5, 0.01),
        ]
        .map(|(rank, from, to, low)| PrincipalBand { rank, from, to, low });
        for dtype in DTYPES {
            // The last is wider than what the CPU takes at a time.
            for (m, n) in SHAPES.into_iter().chain([(3, 700)]) {
                let (a, b) = awkward(&mut v, m * n);
                let (a, b) = (encode(dtype, &a), encode(dtype, &b));
                // Multiples of 1/8 multiply and add exactly, so that the bins must agree to the
                // last count.
                let mut eighths = |n: usize| {
                    v.many(n).iter().map(|x| (x * 8.0).round() / 8.0).collect::<Vec<f32>>()
                };
                let (l, r) = (eighths(m * K), eighths(n * K));
                let grid = Grid::new(m, n, 5);
                let want = naive_principal(
                    n,
                    (&decode(dtype, &a), &decode(dtype, &b)),
                    (&l, &r),
                    &bands,
                    &grid,
                );
                // Whole, since two such lists are too long to read.
                assert!(
                    principal_on(&Cpu, (m, n), dtype, (&a, &b), (&l, &r), &bands, grid).await
                        == want,
                    "CPU: {dtype:?} {m}x{n}"
                );
                for tile in tilings(n, dtype) {
                    let found = principal_on(
                        &gpu().with_tile_bytes(tile),
                        (m, n),
                        dtype,
                        (&a, &b),
                        (&l, &r),
                        &bands,
                        grid,
                    )
                    .await;
                    assert!(found == want, "GPU: {dtype:?} {m}x{n} tile {tile}");
                }
            }
        }
    });
}
