//! Streamed matrices and blocks outside the wasm heap are held to resident ones, bit for bit;
//! natively and in a browser.

use crate::element::Dtype;
use crate::element::grid::Grid;
use crate::element::rows::InMemory;
use crate::kernels::cpu::matrix::tiling;
use crate::kernels::cpu::store::{Limits, under};
use crate::kernels::cpu::{Cpu, CpuBlock, CpuMatrix, PANEL, panel_rows};
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::principal::PrincipalBand;
use crate::kernels::principal::{Principal, PrincipalQuery};
use crate::kernels::{Backend, Operand, Residence};
use crate::linalg::random::Counter;
use faer::Mat;
use pollster::block_on;
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const OUTSIDE: Limits = Limits { large: 0, inside: 0, small: 0 };
const SHAPES: [(usize, usize); 7] =
    [(1, 1), (1, 37), (41, 1), (5, 7), (64, 64), (129, 33), (300, 129)];
const BANDS: [PrincipalBand; 3] = [
    PrincipalBand { rank: 1, from: 0.0, to: 2.0, low: 0.3 },
    PrincipalBand { rank: 1, from: 0.5, to: 1.0, low: 0.0 },
    PrincipalBand { rank: 5, from: 0.5, to: 1.0, low: 0.3 },
];

fn values(count: usize, seed: u32) -> Vec<f32> {
    let random = Counter::new(seed, count, 1);
    (0..count).map(|i| random.normal(i as u64)).collect()
}

fn stored(dtype: Dtype, values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|x| match dtype {
            Dtype::Bf16 => half::bf16::from_f32(*x).to_le_bytes().to_vec(),
            Dtype::F16 => half::f16::from_f32(*x).to_le_bytes().to_vec(),
            Dtype::F32 => x.to_le_bytes().to_vec(),
            Dtype::F64 => f64::from(*x).to_le_bytes().to_vec(),
        })
        .collect()
}

fn placed((m, n): (usize, usize), dtype: Dtype, bytes: &[u8], residence: Residence) -> CpuMatrix {
    let source = InMemory { bytes: bytes.to_vec(), row_bytes: n * dtype.size() };
    block_on(Cpu.place(m, n, dtype, Rc::new(source), residence)).expect("a matrix")
}

/// The bits of everything that a backend computes of a pair.
fn all_results(
    (m, n): (usize, usize),
    k: usize,
    base: &CpuMatrix,
    tuned: &CpuMatrix,
) -> (Vec<u32>, DiffCounts, Principal) {
    let (left, right) = (values(m * k, 3), values(n * k, 4));
    block_on(async {
        let (left, right) =
            (Cpu.block(m, k, &left).expect("left"), Cpu.block(n, k, &right).expect("right"));
        let mut bits = Vec::new();
        for w in [Operand::One(base), Operand::Difference(base, tuned)] {
            for (transpose, x) in [(false, &right), (true, &left)] {
                let y = Cpu.product(w, transpose, x).await.expect("a product");
                let gram = Cpu
                    .gram(&[&y, if transpose { &right } else { &left }], &[&y])
                    .await
                    .expect("a Gram matrix");
                let c = Mat::from_fn(k, k, |i, j| (i + 2 * j) as f64 / k as f64 - 1.0);
                let z = Cpu.combine(Some(&y), &[(&y, c.as_ref())]).await.expect("a combination");
                bits.extend(Cpu.read(&y).await.expect("values").into_iter().map(f32::to_bits));
                bits.extend(Cpu.read(&z).await.expect("values").into_iter().map(f32::to_bits));
                bits.extend(
                    (0..gram.nrows())
                        .flat_map(|i| (0..k).map(move |j| (i, j)))
                        .map(|(i, j)| (gram[(i, j)] as f32).to_bits()),
                );
            }
        }
        let diff = Cpu
            .diff(
                base,
                tuned,
                &DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid: Grid::new(m, n, 7) },
            )
            .await
            .expect("a diff");
        let bands = BANDS.map(|b| PrincipalBand { rank: b.rank.min(k), ..b });
        let query = PrincipalQuery {
            left: &left,
            right: &right,
            bands: &bands,
            eta: 1e-3,
            map: Some((Grid::new(m, n, 7), 0.7)),
        };
        (bits, diff, Cpu.principal_counts(base, tuned, &query).await.expect("counts"))
    })
}

#[test]
fn streamed_is_resident() {
    for dtype in [Dtype::Bf16, Dtype::F16, Dtype::F32, Dtype::F64] {
        for shape in SHAPES {
            let count = shape.0 * shape.1;
            let (a, b) = (stored(dtype, &values(count, 1)), stored(dtype, &values(count, 2)));
            let make = |residence| {
                (placed(shape, dtype, &a, residence), placed(shape, dtype, &b, residence))
            };
            let (a0, b0) = make(Residence::Whole);
            let want = all_results(shape, 6, &a0, &b0);
            // A tile is one panel at least: 64 rows here; then two of them.
            for tile in [1, (130 * shape.1 * dtype.size()) as u64] {
                let (a1, b1) = make(Residence::Streamed(tile));
                assert!(tile > 1 || tiling(Operand::One(&a1)).count() == shape.0.div_ceil(PANEL));
                assert!(
                    all_results(shape, 6, &a1, &b1) == want,
                    "{dtype:?} {shape:?}, tiles of {tile} bytes"
                );
                assert!(
                    all_results(shape, 6, &a0, &b1) == want,
                    "{dtype:?} {shape:?}, one side streamed"
                );
            }
        }
    }
}

#[test]
fn outside_is_inside() {
    // 257 columns make chunks of 3840 rows: three of them along the longer side, which is the rows'
    // and then the columns'.
    for (shape, k) in [((9000, 70), 257), ((70, 9000), 257), ((1, 1), 3), ((300, 129), 1)] {
        let count = shape.0 * shape.1;
        let (a, b) =
            (stored(Dtype::Bf16, &values(count, 1)), stored(Dtype::Bf16, &values(count, 2)));
        let (a, b) = (
            placed(shape, Dtype::Bf16, &a, Residence::Whole),
            placed(shape, Dtype::Bf16, &b, Residence::Streamed(1)),
        );
        let inside = under(Limits { large: usize::MAX, inside: usize::MAX, small: 0 }, || {
            all_results(shape, k, &a, &b)
        });
        let outside = under(OUTSIDE, || all_results(shape, k, &a, &b));
        assert!(inside == outside, "{shape:?}");
    }
}

#[test]
fn blocks_go_outside_when_the_heap_has_its_share() {
    under(Limits { large: 4000, inside: 4096, small: 40 }, || {
        let block = |values| CpuBlock::zeros(values, 1).expect("a block");
        let (first, small) = (block(900), block(10));
        let (second, large) = (block(200), block(1000));
        let places = [&first, &small, &second, &large].map(CpuBlock::is_outside);
        assert_eq!(places, [false, false, true, true]);
        drop(first);
        assert!(!block(200).is_outside(), "a dropped block makes room");
    });
}

#[test]
fn wide_rows_make_low_panels() {
    assert_eq!([1, 32_768, 152_064, 10_000_000].map(panel_rows), [64, 64, 8, 8]);
}
