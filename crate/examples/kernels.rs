//! Speed of the CPU backend's kernels on one core, natively and in wasm (`npm run bench:kernels`
//! runs both).

mod host;

use faer::Mat;
use gatescope::element::Dtype;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::diff::DiffQuery;
use gatescope::kernels::{Backend, Operand};
use host::print;
use std::hint::black_box;

/// Returns the seconds that this thread has computed, so that other programs' share does not count;
/// on systems that do not tell, wall-clock seconds.
#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    let scheduled = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = scheduled.and_then(|s| s.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(host::now, |ns| ns / 1e9)
}

#[cfg(target_arch = "wasm32")]
use host::now;

/// Returns the seconds of one call: the median of five runs, each of as many calls as the clock
/// needs, which ticks every few milliseconds.
fn seconds(mut call: impl FnMut()) -> f64 {
    call();
    let mut run = |least: f64| {
        let (start, mut calls) = (now(), 0);
        while now() - start < least || calls == 0 {
            call();
            calls += 1;
        }
        (now() - start) / f64::from(calls)
    };
    let mut all: Vec<f64> = (0..5).map(|_| run(0.06)).collect();
    all.sort_by(f64::total_cmp);
    all[2]
}

/// Multiply-adds of registers alone: the peak of one core in f32.
struct Peak {
    steps: usize,
}

/// Vectors that [`Peak`] adds to, enough for two units with a latency of five cycles.
const CHAINS: usize = 12;

impl pulp::WithSimd for Peak {
    /// The floating-point operations, and a sum that keeps the loop from being left out.
    type Output = (f64, f32);
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> (f64, f32) {
        let (a, b) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(1e-3)));
        let mut sums = [a; CHAINS];
        for _ in 0..self.steps {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, a, b);
            }
        }
        let mut total = simd.splat_f32s(0.0);
        for sum in sums {
            total = simd.add_f32s(total, sum);
        }
        let flops = 2.0 * (S::F32_LANES * CHAINS * self.steps) as f64;
        (flops, simd.reduce_sum_f32s(total))
    }
}

/// Times the peak, and the diff of pairs in which a share of the weights differs, beside a copy of
/// the same bytes.
fn time_ceilings(show: &dyn Fn(&str, f64, f64), each: &dyn Fn(&str, usize, f64)) {
    let run = || pulp::Arch::new().dispatch(Peak { steps: 100_000 });
    let flops = run().0;
    show("multiply-adds in registers (peak)", flops, seconds(|| _ = black_box(run())));
    let (m, n) = (4864, 896);
    // Weights as of a normal distribution: a sum of uniform ones.
    let word = |i: usize| gatescope::linalg::random::Counter::new(1, m, n).word(i as u64);
    let weights: Vec<f32> = (0..m * n)
        .map(|i| {
            let word = word(i);
            let parts = (0..4).map(|p| f32::from((word >> (16 * p)) as u16) / 65536.0 - 0.5);
            0.035 * parts.sum::<f32>()
        })
        .collect();
    for dtype in [Dtype::Bf16, Dtype::F32] {
        let bytes_of = |share: f64| -> Vec<u8> {
            let changed = |i: usize| word(i + m * n) as f64 / u64::MAX as f64 <= share;
            let values = weights.iter().enumerate();
            let moved = values.map(|(i, w)| if changed(i) && share > 0.0 { w * 1.01 } else { *w });
            match dtype {
                Dtype::Bf16 => moved.flat_map(|w| half::bf16::from_f32(w).to_le_bytes()).collect(),
                _ => moved.flat_map(f32::to_le_bytes).collect(),
            }
        };
        let base = bytes_of(0.0);
        let mut to = vec![0; 2 * base.len()];
        let s = seconds(|| {
            let (first, second) = to.split_at_mut(base.len());
            first.copy_from_slice(black_box(&base));
            second.copy_from_slice(black_box(&base));
        });
        each(&format!("{m}×{n} copy of two in {dtype}"), m * n, s);
        for share in [0.0, 0.002, 0.02, 0.14, 0.5, 1.0] {
            pollster::block_on(async {
                let w = Cpu.matrix(m, n, dtype, base.clone()).await.expect("a matrix");
                let t = Cpu.matrix(m, n, dtype, bytes_of(share)).await.expect("a matrix");
                let grid = gatescope::element::Grid::new(m, n, 64);
                let query = DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid };
                let s =
                    seconds(|| drop(pollster::block_on(Cpu.diff(&w, &t, &query)).expect("counts")));
                each(&format!("{m}×{n} diff, {dtype}, {:.1} % differ", 100.0 * share), m * n, s);
            });
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn bench() {
    time_kernels();
}

fn main() {
    time_kernels();
}

fn time_kernels() {
    let show = |name: &str, flops: f64, s: f64| {
        print(&format!("{name:44} {:8.2} ms {:8.1} GFLOP/s", 1e3 * s, flops / s / 1e9))
    };
    let each = |name: &str, weights: usize, s: f64| {
        print(&format!("{name:44} {:8.2} ms {:8.2} ns a weight", 1e3 * s, 1e9 * s / weights as f64))
    };
    time_ceilings(&show, &each);
    let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 9) as u16 % 512;
    pollster::block_on(async {
        for (m, n) in [(4864, 896), (896, 4864), (896, 896)] {
            let bytes: Vec<u8> =
                (0..m * n).flat_map(|i| (0x3c00 + noise(i)).to_le_bytes()).collect();
            let moved: Vec<u8> = (0..m * n)
                .flat_map(|i| (0x3c00 + noise(i) + (i % 7 == 0) as u16).to_le_bytes())
                .collect();
            let w = Cpu.matrix(m, n, Dtype::Bf16, bytes).await.expect("a matrix");
            let t = Cpu.matrix(m, n, Dtype::Bf16, moved).await.expect("a matrix");
            for b in [16, 64, 144] {
                let x = Cpu.block(n, b, &vec![0.5; n * b]).expect("a block");
                let y = Cpu.block(m, b, &vec![0.5; m * b]).expect("a block");
                let flops = 2.0 * (m * n * b) as f64;
                let run = |transpose: bool, w: Operand<'_, _>| {
                    let x = if transpose { &y } else { &x };
                    seconds(|| {
                        drop(pollster::block_on(Cpu.product(w, transpose, x)).expect("a product"))
                    })
                };
                show(&format!("{m}×{n} W·X, {b} columns"), flops, run(false, Operand::One(&w)));
                show(&format!("{m}×{n} Wᵀ·X, {b} columns"), flops, run(true, Operand::One(&w)));
                show(
                    &format!("{m}×{n} Δ·X, {b} columns"),
                    flops,
                    run(false, Operand::Difference(&w, &t)),
                );
            }
            let basis: Vec<_> =
                (0..12).map(|_| Cpu.block(m, 16, &vec![0.5; m * 16]).expect("a block")).collect();
            let all: Vec<_> = basis.iter().collect();
            let flops = 2.0 * (m * 12 * 16 * 16) as f64;
            show(
                &format!("{m}: gram 192 by 16"),
                flops,
                seconds(|| drop(pollster::block_on(Cpu.gram(&all, &[&basis[0]])).expect("a gram"))),
            );
            let c = Mat::<f64>::from_fn(16, 16, |i, j| (i + j) as f64);
            let terms: Vec<_> = all.iter().map(|b| (*b, c.as_ref())).collect();
            show(
                &format!("{m}: combine 192 to 16"),
                flops,
                seconds(|| {
                    drop(pollster::block_on(Cpu.combine(Some(&basis[0]), &terms)).expect("a block"))
                }),
            );
            let grid = gatescope::element::Grid::new(m, n, 64);
            let query = DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid };
            let s = seconds(|| drop(pollster::block_on(Cpu.diff(&w, &t, &query)).expect("counts")));
            each(&format!("{m}×{n} diff"), m * n, s);
            let (left, right) = (
                Cpu.block(m, 64, &vec![0.5; m * 64]).expect("a block"),
                Cpu.block(n, 64, &vec![0.25; n * 64]).expect("a block"),
            );
            let bands =
                [1, 2, 4, 8, 16, 32, 64].map(|rank| gatescope::kernels::principal::PrincipalBand {
                    rank,
                    from: 9.0,
                    to: 10.0,
                    low: 0.01,
                });
            let query = gatescope::kernels::principal::PrincipalQuery {
                left: &left,
                right: &right,
                bands: &bands,
                eta: 1e-3,
                map: Some((grid, 1.0)),
            };
            let s = seconds(|| {
                drop(pollster::block_on(Cpu.principal_counts(&w, &t, &query)).expect("counts"))
            });
            each(&format!("{m}×{n} principal counts, ranks up to 64"), m * n, s);
        }
        for n in [64, 128, 224, 288] {
            let a = Mat::<f64>::from_fn(n, n, |i, j| f64::from(noise(i * n + j)) - 256.0);
            let g = a.transpose() * &a;
            show(
                &format!("f64 SVD of {n}×{n}"),
                22.0 * (n as f64).powi(3),
                seconds(|| drop(gatescope::linalg::small::svd(a.as_ref()))),
            );
            show(
                &format!("f64 eigenvectors of {n}×{n}"),
                9.0 * (n as f64).powi(3),
                seconds(|| drop(gatescope::linalg::small::eigen(g.as_ref()))),
            );
            show(
                &format!("f64 eigenvalues of {n}×{n}"),
                1.3 * (n as f64).powi(3),
                seconds(|| drop(gatescope::linalg::small::eigenvalues(g.as_ref()))),
            );
            show(
                &format!("f64 product of {n}×{n}"),
                2.0 * (n as f64).powi(3),
                seconds(|| drop(&a * &a)),
            );
        }
    });
}
