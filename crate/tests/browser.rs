//! The wasm surface in a real browser: Blob reads, a whole comparison, and a WebGPU adapter that
//! must be there.
#![cfg(target_arch = "wasm32")]

#[path = "browser/files.rs"]
mod files;
#[path = "browser/large.rs"]
mod large;
#[path = "browser/slices.rs"]
mod slices;

use files::{get_field, make_blob, make_checkpoint, make_object};
use gatescope::source::{BlobSource, Source};
use gatescope::web::{Session, default_settings, report_csv};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// A file with one 6×5 bf16 matrix; every `step`-th weight is moved by one code.
fn file(step: usize) -> Vec<u8> {
    let header = r#"{"model.layers.0.mlp.up_proj.weight":{"dtype":"BF16","shape":[6,5],
"data_offsets":[0,60]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    for i in 0..30u16 {
        let code = 0x3c00 + i * 37 % 101 + u16::from(step > 0 && usize::from(i) % step.max(1) == 0);
        bytes.extend(code.to_le_bytes());
    }
    bytes
}

fn checkpoint(name: &str, bytes: &[u8]) -> JsValue {
    make_checkpoint(name, make_blob(bytes))
}

#[wasm_bindgen_test]
async fn a_blob_gives_just_the_range_and_refuses_what_is_outside() {
    let source = BlobSource::new("x".into(), make_blob(&[1, 2, 3, 4]));
    assert_eq!(source.read(1..3).await.expect("inside"), [2, 3]);
    let error = source.read(2..9).await.expect_err("outside").to_string();
    assert!(error.contains("only 4 bytes"), "{error}");
}

#[wasm_bindgen_test]
async fn a_comparison_from_blobs_to_csv() {
    let tuned = Array::of1(&checkpoint("tuned", &file(3)));
    let input = make_object(&[("base", checkpoint("base", &file(0))), ("tuned", tuned.into())]);
    let mut session = Session::open(input).await.expect("two good files");
    let settings = default_settings().expect("defaults");
    let tasks = Array::from(&session.tasks(settings.clone()).expect("one task"));
    assert_eq!(tasks.length(), 1);
    let backend = session.choose_backend("auto".into()).await.expect("a backend");
    let found =
        session.analyze(0, settings.clone(), Function::new_no_args("")).await.expect("a result");
    let (results, stages) = (get_field(&found, "results"), get_field(&found, "stages"));
    assert!(get_field(&stages, "diff").as_f64().is_some_and(|seconds| seconds >= 0.0));
    let timings = make_object(&[("total", 0.5.into()), ("stages", Object::new().into())]);
    let text = write_report(&mut session, settings, backend, &results, timings);
    let report: gatescope::report::Report = serde_json::from_str(&text).expect("its own format");
    let tensor = &report.runs[0].tensors[0];
    assert_eq!(tensor.error, None);
    assert_eq!(tensor.precision.as_ref().expect("Gate III").unchanged, 20);
    assert!(tensor.geometry.as_ref().expect("Gate II").exact);
    assert_eq!(report_csv(&text).expect("a table").lines().count(), 2);
}

/// The text of the report of a task's results, joined from the pieces that the session hands over.
fn write_report(
    session: &mut Session,
    settings: JsValue,
    backend: JsValue,
    results: &JsValue,
    timings: JsValue,
) -> String {
    let pieces = Rc::new(RefCell::new(Vec::new()));
    let kept = pieces.clone();
    let write = Closure::<dyn FnMut(Uint8Array)>::new(move |piece: Uint8Array| {
        kept.borrow_mut().extend(piece.to_vec());
    });
    let text = js_sys::JSON::stringify(results).expect("plain objects");
    session.begin_report(settings).expect("settings");
    session.add_results(&String::from(text)).expect("results");
    let write_to = write.as_ref().unchecked_ref::<Function>().clone();
    session
        .finish_report(backend, timings, "2026-01-01T00:00:00Z".into(), write_to)
        .expect("a report");
    String::from_utf8(pieces.take()).expect("JSON is UTF-8")
}

/// A file with one m×n f32 matrix of pseudo-random weights; `scale` moves each by up to that share.
fn matrix_file(m: usize, n: usize, scale: f32) -> Vec<u8> {
    let (size, name) = (4 * m * n, "model.layers.0.mlp.down_proj.weight");
    let header =
        format!(r#"{{"{name}":{{"dtype":"F32","shape":[{m},{n}],"data_offsets":[0,{size}]}}}}"#);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    let mut state = 1u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    for i in 0..m * n {
        // Columns of falling size give a falling spectrum, so the iteration has something to find.
        let w = uniform() / (1.0 + (i % n) as f32).sqrt();
        bytes.extend((w * (1.0 + scale * uniform())).to_le_bytes());
    }
    bytes
}

async fn analyzed(backend: &str) -> gatescope::figures::TensorReport {
    let tuned = Array::of1(&checkpoint("tuned", &matrix_file(131, 97, 1e-3)));
    let input = make_object(&[
        ("base", checkpoint("base", &matrix_file(131, 97, 0.0))),
        ("tuned", tuned.into()),
    ]);
    let mut session = Session::open(input).await.expect("two good files");
    let settings = default_settings().expect("defaults");
    for (key, value) in [("k", 8), ("exact_limit", 0)] {
        Reflect::set(&settings, &key.into(), &value.into()).expect("a plain object");
    }
    let info = session
        .choose_backend(backend.into())
        .await
        .expect("this test needs a WebGPU adapter, a software one will do");
    assert_eq!(get_field(&info, "kind"), backend);
    let found = session.analyze(0, settings, Function::new_no_args("")).await.expect("a result");
    let found: gatescope::analysis::TaskResults =
        serde_wasm_bindgen::from_value(get_field(&found, "results")).expect("its own format");
    let tensor = found.tensors.into_iter().next().expect("one tensor").value;
    assert_eq!(tensor.error, None);
    tensor
}

#[wasm_bindgen_test]
async fn webgpu_and_cpu_agree() {
    let (gpu, cpu) = (analyzed("gpu").await, analyzed("cpu").await);
    let (p, q) = (gpu.precision.expect("Gate III"), cpu.precision.expect("Gate III"));
    assert_eq!(
        (p.unchanged, p.bit_equal, p.ulp_histogram),
        (q.unchanged, q.bit_equal, q.ulp_histogram)
    );
    let (g, h) = (gpu.geometry.expect("Gate II"), cpu.geometry.expect("Gate II"));
    assert!(!g.exact && g.converged && h.converged);
    // Both are within 1e-6 (values), 1e-3 (NSS) and 1 % (angles) of the truth, so within twice that
    // of each other.
    for (a, b) in g.spectrum_base.iter().zip(&h.spectrum_base) {
        assert!((a / b - 1.0).abs() < 2e-6, "{a} and {b}");
    }
    assert!((g.nss_top_k / h.nss_top_k - 1.0).abs() < 2e-3, "{} and {}", g.nss_top_k, h.nss_top_k);
    assert!(
        (g.rotation_max / h.rotation_max - 1.0).abs() < 2e-2,
        "{} and {}",
        g.rotation_max,
        h.rotation_max
    );
    let (m, o) = (&gpu.masks[0], &cpu.masks[0]);
    assert!(
        m.principal.both.abs_diff(o.principal.both) <= 3 && m.low.both == o.low.both,
        "{m:?} and {o:?}"
    );
}

#[wasm_bindgen_test]
async fn errors_are_one_clear_line() {
    let tuned = Array::of1(&checkpoint("tuned", b"nonsense"));
    let input = make_object(&[("base", checkpoint("base", &file(0))), ("tuned", tuned.into())]);
    let error = Session::open(input).await.err().expect("the tuned file is bad");
    let message = js_sys::Error::from(error).message().as_string().expect("text");
    assert!(message.starts_with("tuned: ") && message.contains("model.safetensors"), "{message}");
}
