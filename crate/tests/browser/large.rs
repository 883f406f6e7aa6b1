//! Matrices larger than their budget: analysed all the same, in a wasm heap that stays small.

use super::files::{PART, analyze_by_session, assert_heap_below, large_file};
use gatescope::analysis::{Host, Inputs, analyze, plan};
use gatescope::checkpoint::Checkpoint;
use gatescope::element::Dtype;
use gatescope::error::Error;
use gatescope::figures::TensorReport;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::kernels::{Backend, Operand};
use gatescope::settings::Settings;
use gatescope::source::BlobSource;
use std::rc::Rc;
use wasm_bindgen_test::*;

/// Base and tuned, 131072×512 in BF16, are 256 MiB: as much as the heap may ever take, and three
/// times what may stay whole in it.
const LARGE: (usize, usize) = (131_072, 512);
const HEAP: u32 = 256 << 20;

/// Analyses a pair on a device with a budget of its own.
async fn analyze_on_device<B: Backend>(
    device: &B,
    shape: (usize, usize),
    memory: u64,
) -> TensorReport {
    let open = async |moved| {
        let source = BlobSource::new("model.safetensors".into(), large_file(shape, moved));
        Checkpoint::open("x", vec![Rc::new(source)]).await.expect("a good file")
    };
    let inputs =
        Inputs { base: Some(open(false).await), tuned: vec![open(true).await], fisher: None };
    let settings = Settings { k: 8, exact_limit: 0, ..Settings::default() };
    let tasks = plan(&inputs, &settings).expect("one task").tasks;
    let host = Host { memory, now: &|| 0.0, progress: &|_, _| () };
    analyze(device, &tasks[0], &settings, &host).await.tensors.remove(0).value
}

fn assert_complete(report: &TensorReport, moved: bool) {
    assert_eq!((&report.error, &report.geometry_note), (&None, &None));
    let (rows, cols) = (report.shape[0] as usize, report.shape[1] as usize);
    let changed = if moved { rows / PART * (PART * cols).div_ceil(7) } else { 0 };
    assert_eq!(
        report.precision.as_ref().expect("Gate III").unchanged,
        (rows * cols - changed) as u64
    );
    let geometry = report.geometry.as_ref().expect("Gate II");
    let levels = Settings::default().alphas.len();
    assert!(!geometry.exact && geometry.converged && report.masks.len() == levels);
}

fn assert_same(a: &TensorReport, b: &TensorReport) {
    let (g, h) = (a.geometry.as_ref().expect("Gate II"), b.geometry.as_ref().expect("Gate II"));
    for (x, y) in g.spectrum_base.iter().zip(&h.spectrum_base) {
        assert!((x / y - 1.0).abs() < 2e-6, "{x} and {y}");
    }
    assert!((g.nss_top_k / h.nss_top_k - 1.0).abs() < 2e-3, "{} and {}", g.nss_top_k, h.nss_top_k);
    assert!(
        (g.rotation_max / h.rotation_max - 1.0).abs() < 2e-2,
        "{} and {}",
        g.rotation_max,
        h.rotation_max
    );
}

#[wasm_bindgen_test]
async fn a_pair_as_large_as_the_heap_is_analysed_on_the_cpu() {
    assert_complete(&analyze_by_session(LARGE, true, "cpu", 0).await, true);
    assert_heap_below(HEAP);
}

#[wasm_bindgen_test]
async fn a_pair_as_large_as_the_heap_passes_to_the_gpu_in_pieces() {
    // A software adapter needs minutes for the products with an update this large; a smaller one is
    // streamed below.
    assert_complete(&analyze_by_session(LARGE, false, "gpu", 0).await, false);
    // One side alone would fill this.
    assert_heap_below(HEAP / 2);
}

#[wasm_bindgen_test]
async fn a_pair_over_the_gpu_s_budget_is_streamed_through_it() {
    let shape = (8192, 256);
    let gpu = Gpu::new(Prefer::Fast)
        .await
        .expect("this test needs a WebGPU adapter, a software one will do");
    // The pair takes 8 MiB, and half of the budget may stay.
    let streamed = analyze_on_device(&gpu.with_memory(12 << 20), shape, 176 << 20).await;
    assert_complete(&streamed, true);
    assert_same(&streamed, &analyze_on_device(&Cpu, shape, 176 << 20).await);
}

#[wasm_bindgen_test]
async fn a_gpu_out_of_memory_says_so_at_once_and_goes_on() {
    let gpu = Gpu::new(Prefer::Fast)
        .await
        .expect("this test needs a WebGPU adapter, a software one will do");
    // SwiftShader offers buffers of 1 GiB and refuses them.
    let (rows, cols) = (1 << 18, 1 << 10);
    let w = gpu.matrix(rows, 1, Dtype::F32, vec![0; 4 * rows]).await.expect("1 MiB");
    let x = gpu.block(1, cols, &vec![1.0; cols]).expect("4 KiB");
    let refused = gpu.product(Operand::One(&w), false, &x).await.err();
    assert!(
        matches!(&refused, Some(Error::OutOfMemory(what)) if what.contains("1024 MiB")),
        "{refused:?}"
    );
    let one = gpu.block(1, 1, &[1.0]).expect("4 bytes");
    let y = gpu.product(Operand::One(&w), false, &one).await.expect("1 MiB");
    assert_eq!(gpu.read_rows(&y, 0..1).await.expect("a value"), [0.0]);
}
