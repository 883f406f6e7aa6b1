//! The integer dot products of the browser's own WGSL compiler.

use gatescope::element::Dtype;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::kernels::{Backend, Operand};
use wasm_bindgen_test::*;

/// bf16 weights of like size: their products and sums are exact in f64, so that the Gram matrix has
/// to be equal to the last bit.
#[wasm_bindgen_test]
async fn exact_gram_matrices_are_exact_in_the_browser() {
    let device = Gpu::new(Prefer::Fast)
        .await
        .expect("a WebGPU adapter, as webdriver.json asks for")
        .with_exact_grams(true);
    let (m, n) = (301, 70);
    let codes: Vec<u16> = (0..m * n)
        .map(|i| (0x3c00 + (i * 7919 % 1021) as u16) | ((i % 3 == 0) as u16) << 15)
        .collect();
    let bytes = codes.iter().flat_map(|c| c.to_le_bytes()).collect();
    let w = device.matrix(m, n, Dtype::Bf16, bytes).await.expect("upload");
    let got = device
        .exact_gram(Operand::One(&w), u64::MAX)
        .await
        .expect("a Gram matrix")
        .expect("this browser has dot4I8Packed");
    let value = |t: usize, j: usize| f64::from(f32::from_bits(u32::from(codes[t * n + j]) << 16));
    for i in 0..n {
        for j in 0..=i {
            let want: f64 = (0..m).map(|t| value(t, i) * value(t, j)).sum();
            assert_eq!(
                got[(i, j)].to_bits(),
                want.to_bits(),
                "({i}, {j}): {} is not {want}",
                got[(i, j)]
            );
        }
    }
}
