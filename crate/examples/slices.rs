//! Measures what exact Gram matrices from 8-bit slices can save: the seconds of the f64 Gram matrix
//! AᵀA on one core of the CPU with the panels' decoding, and of the eigenvalues and eigenvectors
//! that follow; natively also those of the slices on the WebGPU adapter at hand. `cargo run
//! --release -p gatescope --example slices`; in wasm, built as scripts/bench-kernels.mjs builds
//! `kernels`.

mod host;

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, Par, Side};
use gatescope::element::Decoder;
use gatescope::element::Dtype;
use host::{now, print};

/// Returns the seconds of the shorter of two calls, and what it returned. Other programs may
/// compute at the same time.
fn seconds<T>(mut call: impl FnMut() -> T) -> (f64, T) {
    let mut timed = || {
        let start = now();
        let found = call();
        (now() - start, found)
    };
    let (first, second) = (timed(), timed());
    if second.0 < first.0 { second } else { first }
}

/// Computes the lower half of AᵀA from the bits of A in bf16, as the exact route does.
fn f64_gram(bits: &Decoder, m: usize, n: usize) -> Mat<f64> {
    let mut g = Mat::zeros(n, n);
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    let step = ((4 << 20) / (8 * n)).clamp(1, 4096);
    for start in (0..m).step_by(step) {
        let a = Mat::from_fn(step.min(m - start), n, |i, j| bits.f64((start + i) * n + j));
        triangular::matmul(
            g.as_mut(),
            lower,
            Accum::Add,
            a.transpose(),
            full,
            a.as_ref(),
            full,
            1.0,
            Par::Seq,
        );
    }
    g
}

#[cfg(not(target_arch = "wasm32"))]
mod device {
    use faer::Mat;
    use gatescope::element::Dtype;
    use gatescope::kernels::gpu::{Gpu, Prefer};
    use gatescope::kernels::{Backend, Operand};

    pub struct Device(Gpu);

    impl Device {
        pub fn new() -> Self {
            Self(
                pollster::block_on(Gpu::new(Prefer::Fast))
                    .expect("a WebGPU adapter")
                    .with_exact_grams(true),
            )
        }
        pub fn name(&self) -> String {
            format!("{} ({})", self.0.info().name, self.0.info().backend)
        }
        /// Returns the seconds of the Gram matrix, and its largest difference from `want` in units
        /// of √(G_ii G_jj).
        pub fn gram(&self, m: usize, n: usize, bytes: Vec<u8>, want: &Mat<f64>) -> (f64, f64) {
            let w = pollster::block_on(self.0.matrix(m, n, Dtype::Bf16, bytes)).expect("upload");
            let run = || {
                pollster::block_on(self.0.exact_gram(Operand::One(&w), u64::MAX))
                    .expect("a Gram matrix")
                    .expect("dot4I8Packed")
            };
            let (seconds, got) = super::seconds(run);
            let far = |i: usize, j: usize| {
                (got[(i, j)] - want[(i, j)]).abs() / (want[(i, i)] * want[(j, j)]).sqrt()
            };
            (
                seconds,
                (0..n)
                    .flat_map(|i| (0..=i).map(move |j| (i, j)))
                    .fold(0.0, |most: f64, (i, j)| most.max(far(i, j))),
            )
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod device {
    pub struct Device;

    impl Device {
        pub fn new() -> Self {
            Self
        }
        pub fn name(&self) -> String {
            "no device here".into()
        }
        pub fn gram(
            &self,
            _m: usize,
            _n: usize,
            _bytes: Vec<u8>,
            _want: &faer::Mat<f64>,
        ) -> (f64, f64) {
            (f64::NAN, f64::NAN)
        }
    }
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn bench() {
    compare_exact_grams();
}

fn main() {
    compare_exact_grams();
}

fn compare_exact_grams() {
    let device = device::Device::new();
    print(&device.name());
    print(
        "| A | Gram in f64, s | eigenvalues, s | with vectors, s | slices, s | billion dots | \
        difference |",
    );
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (m, n) in [(4096, 512), (4864, 896), (4096, 1024), (2048, 2048), (8192, 2048)] {
        let mut state = 1u64;
        let mut code = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            half::bf16::from_f32((state >> 32) as i32 as f32)
        };
        let bytes: Vec<u8> = (0..m * n).flat_map(|_| code().to_le_bytes()).collect();
        let bits = Decoder::new(Dtype::Bf16, bytes.clone());
        let (cpu, want) = seconds(|| f64_gram(&bits, m, n));
        let (values, _) =
            seconds(|| want.self_adjoint_eigenvalues(Side::Lower).expect("eigenvalues"));
        let (vectors, _) = seconds(|| want.self_adjoint_eigen(Side::Lower).expect("eigenvectors"));
        let (slices, error) = device.gram(m, n, bytes, &want);
        let dots = 16.0 * (m as f64 / 4.0) * (n * (n + 1) / 2) as f64;
        print(&format!(
            "| {m}×{n} | {cpu:.3} | {values:.2} | {vectors:.2} | {slices:.2} | {:.1} | \
            {error:.0e} |",
            dots / 1e9
        ));
    }
}
