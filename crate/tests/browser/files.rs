//! Files, sessions and the heap, as the tests in a browser need them.
#![allow(dead_code)]

use gatescope::analysis::TaskResults;
use gatescope::figures::TensorReport;
use gatescope::web::{Session, default_settings};
use js_sys::{Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

/// Makes a Blob of bytes.
pub fn make_blob(bytes: &[u8]) -> Blob {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).expect("a Blob")
}

/// Makes a plain object.
pub fn make_object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &(*key).into(), value).expect("a plain object");
    }
    object.into()
}

/// Returns a field of an object.
pub fn get_field(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).expect("an object")
}

/// Makes what the page passes as a checkpoint of one file.
pub fn make_checkpoint(name: &str, blob: Blob) -> JsValue {
    let file = make_object(&[("name", "model.safetensors".into()), ("blob", blob.into())]);
    make_object(&[("name", name.into()), ("files", Array::of1(&file).into())])
}

/// Rows of the part that files are made of.
pub const PART: usize = 2048;

/// Makes a file of an m×n BF16 matrix with a falling spectrum from one part of [`PART`] rows, which
/// is repeated. `moved` moves every seventh weight of the part by one code of bf16.
pub fn large_file((m, n): (usize, usize), moved: bool) -> Blob {
    let name = "model.layers.0.mlp.down_proj.weight";
    let header = format!(
        r#"{{"{name}":{{"dtype":"BF16","shape":[{m},{n}],"data_offsets":[0,{}]}}}}"#,
        2 * m * n
    );
    let mut start = (header.len() as u64).to_le_bytes().to_vec();
    start.extend(header.as_bytes());
    let mut state = 1u64;
    let mut part = Vec::with_capacity(2 * PART * n);
    for i in 0..PART * n {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let w = ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) / (1.0 + (i % n) as f32).powi(2);
        let code = (w.to_bits() >> 16) as u16 + u16::from(moved && i % 7 == 0);
        part.extend(code.to_le_bytes());
    }
    let part = make_blob(&part);
    let parts = Array::of1(&make_blob(&start));
    (0..m / PART).for_each(|_| {
        parts.push(&part);
    });
    Blob::new_with_blob_sequence(&parts).expect("a Blob of Blobs")
}

/// Returns the bytes of the wasm heap.
pub fn heap_bytes() -> u32 {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    Reflect::get(&memory.buffer(), &"byteLength".into())
        .expect("a buffer")
        .as_f64()
        .expect("a length") as u32
}

/// Fails if the wasm heap has grown to so many bytes.
pub fn assert_heap_below(most: u32) {
    assert!(heap_bytes() < most, "the wasm heap grew to {} MiB", heap_bytes() >> 20);
}

/// Analyses a pair as the page does, with its memory budgets.
pub async fn analyze_by_session(
    shape: (usize, usize),
    moved: bool,
    backend: &str,
    exact_limit: u32,
) -> TensorReport {
    let tuned = Array::of1(&make_checkpoint("tuned", large_file(shape, moved)));
    let input = make_object(&[
        ("base", make_checkpoint("base", large_file(shape, false))),
        ("tuned", tuned.into()),
    ]);
    let mut session = Session::open(input).await.expect("two good files");
    let settings = default_settings().expect("defaults");
    for (key, value) in [("k", 8), ("exact_limit", exact_limit)] {
        Reflect::set(&settings, &key.into(), &value.into()).expect("a plain object");
    }
    session
        .choose_backend(backend.into())
        .await
        .expect("this test needs a WebGPU adapter, a software one will do");
    let found = session.analyze(0, settings, Function::new_no_args("")).await.expect("a result");
    let found: TaskResults =
        serde_wasm_bindgen::from_value(Reflect::get(&found, &"results".into()).expect("results"))
            .expect("its own format");
    found.tensors.into_iter().next().expect("one tensor").value
}
