//! The wasm surface in a real browser: Blob reads, a whole comparison, and a WebGPU adapter that must be there.
#![cfg(target_arch = "wasm32")]

use gatescope::source::{BlobSource, Source};
use gatescope::web::{Session, default_settings, report_csv};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;
use web_sys::Blob;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn blob(bytes: &[u8]) -> Blob {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).expect("a Blob")
}

fn object(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &(*key).into(), value).expect("a plain object");
    }
    object.into()
}

/// A file with one 6×5 bf16 matrix; every `step`-th weight is moved by one code.
fn file(step: usize) -> Vec<u8> {
    let header = r#"{"model.layers.0.mlp.up_proj.weight":{"dtype":"BF16","shape":[6,5],"data_offsets":[0,60]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    for i in 0..30u16 {
        let code = 0x3c00 + i * 37 % 101 + u16::from(step > 0 && usize::from(i) % step.max(1) == 0);
        bytes.extend(code.to_le_bytes());
    }
    bytes
}

fn checkpoint(name: &str, bytes: &[u8]) -> JsValue {
    let file = object(&[("name", "model.safetensors".into()), ("blob", blob(bytes).into())]);
    object(&[("name", name.into()), ("files", Array::of1(&file).into())])
}

#[wasm_bindgen_test]
async fn a_blob_gives_just_the_range_and_refuses_what_is_outside() {
    let source = BlobSource::new("x".into(), blob(&[1, 2, 3, 4]));
    assert_eq!(source.read(1..3).await.expect("inside"), [2, 3]);
    let error = source.read(2..9).await.expect_err("outside").to_string();
    assert!(error.contains("only 4 bytes"), "{error}");
}

#[wasm_bindgen_test]
async fn a_comparison_from_blobs_to_csv() {
    let tuned = Array::of1(&checkpoint("tuned", &file(3)));
    let input = object(&[("base", checkpoint("base", &file(0))), ("tuned", tuned.into())]);
    let mut session = Session::open(input).await.expect("two good files");
    let settings = default_settings().expect("defaults");
    let tasks = Array::from(&session.tasks(settings.clone()).expect("one task"));
    assert_eq!(tasks.length(), 1);
    let backend = session.choose_backend("auto".into()).await.expect("a backend");
    let results = session.analyze(0, settings.clone(), Function::new_no_args("")).await.expect("a result");
    let timings = object(&[("total", 0.5.into()), ("stages", Object::new().into())]);
    let text = session.assemble(settings, backend, results, timings, "2026-01-01T00:00:00Z".into()).expect("a report");
    let report: gatescope::report::Report = serde_json::from_str(&text).expect("its own format");
    let tensor = &report.runs[0].tensors[0];
    assert_eq!(tensor.error, None);
    assert_eq!(tensor.precision.as_ref().expect("Gate III").unchanged, 20);
    assert!(tensor.geometry.as_ref().expect("Gate II").exact);
    assert_eq!(report_csv(&text).expect("a table").lines().count(), 2);
}

#[wasm_bindgen_test]
async fn errors_are_one_clear_line() {
    let tuned = Array::of1(&checkpoint("tuned", b"nonsense"));
    let input = object(&[("base", checkpoint("base", &file(0))), ("tuned", tuned.into())]);
    let error = Session::open(input).await.err().expect("the tuned file is bad");
    let message = js_sys::Error::from(error).message().as_string().expect("text");
    assert!(message.starts_with("tuned: ") && message.contains("model.safetensors"), "{message}");
}
