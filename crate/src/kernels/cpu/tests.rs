//! The CPU as a device: blocks outside the program's own memory, and the heights of panels.
//! Natively and in a browser.

use crate::element::{Dtype, Grid};
use crate::kernels::cpu::sizes::panel_rows;
use crate::kernels::cpu::store::{Limits, with_limits};
use crate::kernels::cpu::{Cpu, CpuBlock, CpuMatrix};
use crate::kernels::diff::{DiffCounts, DiffQuery};
use crate::kernels::principal::{Principal, PrincipalBand, PrincipalQuery};
use crate::kernels::testing::{Case, OUTSIDE, Values, to_bits};
use crate::kernels::{Backend, Operand, Residence};
use faer::Mat;
use pollster::block_on;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const BANDS: [PrincipalBand; 3] = [
    PrincipalBand { rank: 1, from: 0.0, to: 2.0, low: 0.3 },
    PrincipalBand { rank: 1, from: 0.5, to: 1.0, low: 0.0 },
    PrincipalBand { rank: 5, from: 0.5, to: 1.0, low: 0.3 },
];

/// Computes everything that the CPU can of a pair with blocks of `k` columns, as bits.
fn compute_all(
    (m, n): (usize, usize),
    k: usize,
    base: &CpuMatrix,
    tuned: &CpuMatrix,
) -> (Vec<u32>, DiffCounts, Principal) {
    let mut values = Values::new(3);
    let (left, right) = (values.draw_block(m * k), values.draw_block(n * k));
    block_on(async {
        let (left, right) =
            (Cpu.block(m, k, &left).expect("left"), Cpu.block(n, k, &right).expect("right"));
        let mut found = Vec::new();
        for w in [Operand::One(base), Operand::Difference(base, tuned)] {
            for (transpose, x) in [(false, &right), (true, &left)] {
                let y = Cpu.product(w, transpose, x).await.expect("a product");
                let beside = if transpose { &right } else { &left };
                let gram = Cpu.gram(&[&y, beside], &[&y]).await.expect("a Gram matrix");
                let c = Mat::from_fn(k, k, |i, j| (i + 2 * j) as f64 / k as f64 - 1.0);
                let z = Cpu.combine(Some(&y), &[(&y, c.as_ref())]).await.expect("a combination");
                found.extend(to_bits(&Cpu.read(&y).await.expect("values")));
                found.extend(to_bits(&Cpu.read(&z).await.expect("values")));
                let entries = (0..gram.nrows()).flat_map(|i| (0..k).map(move |j| (i, j)));
                found.extend(entries.map(|(i, j)| (gram[(i, j)] as f32).to_bits()));
            }
        }
        let grid = Grid::new(m, n, 7);
        let diff = DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid };
        let diff = Cpu.diff(base, tuned, &diff).await.expect("a diff");
        let bands = BANDS.map(|band| PrincipalBand { rank: band.rank.min(k), ..band });
        let query = PrincipalQuery {
            left: &left,
            right: &right,
            bands: &bands,
            eta: 1e-3,
            map: Some((grid, 0.7)),
        };
        (found, diff, Cpu.principal_counts(base, tuned, &query).await.expect("counts"))
    })
}

#[test]
fn where_blocks_lie_changes_no_bit() {
    // 257 columns make chunks of 3840 rows: three of them along the longer side, which is the rows'
    // and then the columns'.
    for (shape, k) in [((9000, 70), 257), ((70, 9000), 257), ((1, 1), 3), ((300, 129), 1)] {
        let mut values = Values::new(1);
        let case = Case { shape, dtype: Dtype::Bf16, tile: 1 };
        let base = values.draw_matrix(case).place(&Cpu, Residence::Whole);
        let tuned = values.draw_matrix(case).place(&Cpu, Residence::Streamed(case.tile));
        let inside = Limits { large: usize::MAX, inside: usize::MAX, small: 0 };
        let inside = with_limits(inside, || compute_all(shape, k, &base, &tuned));
        let outside = with_limits(OUTSIDE, || compute_all(shape, k, &base, &tuned));
        assert!(inside == outside, "{shape:?}");
    }
}

#[test]
fn blocks_go_outside_when_the_heap_has_its_share() {
    with_limits(Limits { large: 4000, inside: 4096, small: 40 }, || {
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
