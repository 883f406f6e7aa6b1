//! Matrices larger than their budget: analysed all the same, in a wasm heap that stays small.

use super::{checkpoint_of, object};
use gatescope::analysis::{Analyzed, Host, Inputs, analyze, plan};
use gatescope::checkpoint::Checkpoint;
use gatescope::error::Error;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::kernels::{Backend, Dtype, Operand};
use gatescope::report::{Settings, TensorReport};
use gatescope::source::BlobSource;
use gatescope::web::{Session, default_settings};
use js_sys::{Array, Function, Reflect, Uint8Array, WebAssembly};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;
use web_sys::Blob;

/// Base and tuned, 131072×512 in BF16, are 256 MiB: as much as the heap may ever take, and three times what may stay
/// whole in it.
const LARGE: (usize, usize) = (131_072, 512);
const HEAP: u32 = 256 << 20;
/// Rows of the part that files are made of.
const PART: usize = 2048;

/// A file of an m×n BF16 matrix with a falling spectrum, made of one part of [`PART`] rows again and again; `moved` moves every seventh weight of
/// the part by one code of bf16.
fn large_file((m, n): (usize, usize), moved: bool) -> Blob {
    let name = "model.layers.0.mlp.down_proj.weight";
    let header = format!(r#"{{"{name}":{{"dtype":"BF16","shape":[{m},{n}],"data_offsets":[0,{}]}}}}"#, 2 * m * n);
    let mut start = (header.len() as u64).to_le_bytes().to_vec();
    start.extend(header.as_bytes());
    let mut state = 1u64;
    let mut part = Vec::with_capacity(2 * PART * n);
    for i in 0..PART * n {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let w = ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) / (1.0 + (i % n) as f32).powi(2);
        let code = (w.to_bits() >> 16) as u16 + u16::from(moved && i % 7 == 0);
        part.extend(code.to_le_bytes());
    }
    let blob = |bytes: &[u8]| Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).expect("a Blob");
    let part = blob(&part);
    let parts = Array::of1(&blob(&start));
    (0..m / PART).for_each(|_| {
        parts.push(&part);
    });
    Blob::new_with_blob_sequence(&parts).expect("a Blob of Blobs")
}

fn heap() -> u32 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    Reflect::get(&memory.buffer(), &"byteLength".into()).expect("a buffer").as_f64().expect("a length") as u32
}

fn assert_heap_below(most: u32) {
    assert!(heap() < most, "the wasm heap grew to {} MiB", heap() >> 20);
}

/// The page's own way, with its own budgets.
async fn by_session(shape: (usize, usize), moved: bool, backend: &str) -> TensorReport {
    let tuned = Array::of1(&checkpoint_of("tuned", large_file(shape, moved)));
    let input = object(&[("base", checkpoint_of("base", large_file(shape, false))), ("tuned", tuned.into())]);
    let mut session = Session::open(input).await.expect("two good files");
    let settings = default_settings().expect("defaults");
    for (key, value) in [("k", 8), ("exact_limit", 0)] {
        Reflect::set(&settings, &key.into(), &value.into()).expect("a plain object");
    }
    session.choose_backend(backend.into()).await.expect("this test needs a WebGPU adapter, a software one will do");
    let found = session.analyze(0, settings, Function::new_no_args("")).await.expect("a result");
    let found: Analyzed = serde_wasm_bindgen::from_value(Reflect::get(&found, &"results".into()).expect("results")).expect("its own format");
    found.tensors.into_iter().next().expect("one tensor").1
}

/// On a device with a budget of its own.
async fn by_device<B: Backend>(device: &B, shape: (usize, usize), memory: u64) -> TensorReport {
    let open = async |moved| {
        let source = BlobSource::new("model.safetensors".into(), large_file(shape, moved));
        Checkpoint::open("x", vec![Rc::new(source)]).await.expect("a good file")
    };
    let inputs = Inputs { base: open(false).await, tuned: vec![open(true).await], fisher: None };
    let settings = Settings { k: 8, exact_limit: 0, ..Settings::default() };
    let (tasks, _) = plan(&inputs, &settings).expect("one task");
    let host = Host { memory, now: &|| 0.0, progress: &|_, _| () };
    analyze(device, &tasks[0], &settings, &host).await.tensors.remove(0).1
}

fn assert_complete(report: &TensorReport, moved: bool) {
    assert_eq!((&report.error, &report.geometry_note), (&None, &None));
    let (rows, cols) = (report.shape[0] as usize, report.shape[1] as usize);
    let changed = if moved { rows / PART * (PART * cols).div_ceil(7) } else { 0 };
    assert_eq!(report.precision.as_ref().expect("Gate III").unchanged, (rows * cols - changed) as u64);
    let geometry = report.geometry.as_ref().expect("Gate II");
    assert!(!geometry.exact && geometry.converged && report.masks.len() == 1);
}

fn assert_same(a: &TensorReport, b: &TensorReport) {
    let (g, h) = (a.geometry.as_ref().expect("Gate II"), b.geometry.as_ref().expect("Gate II"));
    for (x, y) in g.spectrum_base.iter().zip(&h.spectrum_base) {
        assert!((x / y - 1.0).abs() < 2e-6, "{x} and {y}");
    }
    assert!((g.nss_top_k / h.nss_top_k - 1.0).abs() < 2e-3, "{} and {}", g.nss_top_k, h.nss_top_k);
    assert!((g.rotation_max / h.rotation_max - 1.0).abs() < 2e-2, "{} and {}", g.rotation_max, h.rotation_max);
}

#[wasm_bindgen_test]
async fn a_pair_as_large_as_the_heap_is_analysed_on_the_cpu() {
    assert_complete(&by_session(LARGE, true, "cpu").await, true);
    assert_heap_below(HEAP);
}

#[wasm_bindgen_test]
async fn a_pair_as_large_as_the_heap_passes_to_the_gpu_in_pieces() {
    // A software adapter needs minutes for the products with an update this large; a smaller one is streamed below.
    assert_complete(&by_session(LARGE, false, "gpu").await, false);
    // One side alone would fill this.
    assert_heap_below(HEAP / 2);
}

#[wasm_bindgen_test]
async fn a_pair_over_the_gpu_s_budget_is_streamed_through_it() {
    let shape = (8192, 256);
    let gpu = Gpu::new(Prefer::Fast).await.expect("this test needs a WebGPU adapter, a software one will do");
    // 8 MiB for both, of which half the budget may stay.
    let streamed = by_device(&gpu.with_memory(12 << 20), shape, 176 << 20).await;
    assert_complete(&streamed, true);
    assert_same(&streamed, &by_device(&Cpu, shape, 176 << 20).await);
}

#[wasm_bindgen_test]
async fn a_gpu_out_of_memory_says_so_at_once_and_goes_on() {
    let gpu = Gpu::new(Prefer::Fast).await.expect("this test needs a WebGPU adapter, a software one will do");
    // SwiftShader offers buffers of 1 GiB and refuses them.
    let (rows, cols) = (1 << 18, 1 << 10);
    let w = gpu.matrix(rows, 1, Dtype::F32, vec![0; 4 * rows]).await.expect("1 MiB");
    let x = gpu.block(1, cols, &vec![1.0; cols]).expect("4 KiB");
    let refused = gpu.product(Operand::One(&w), false, &x).await.err();
    assert!(matches!(&refused, Some(Error::OutOfMemory(what)) if what.contains("1024 MiB")), "{refused:?}");
    let one = gpu.block(1, 1, &[1.0]).expect("4 bytes");
    let y = gpu.product(Operand::One(&w), false, &one).await.expect("1 MiB");
    assert_eq!(gpu.read_rows(&y, 0..1).await.expect("a value"), [0.0]);
}
