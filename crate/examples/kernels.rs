//! Speed of the CPU backend's kernels on one core, natively and in wasm (`npm run bench:kernels`
//! runs both).

mod host;

use faer::Mat;
use gatescope::element::Dtype;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::{Backend, Operand};
use host::print;

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
            let query =
                gatescope::kernels::diff::DiffQuery { eta: 1e-3, abs_tolerance: 1e-5, grid };
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
