//! Merged weights against those that PEFT itself merged, bit for bit. The files are written by
//! tests/reference/make_peft.py, which says with which versions.
#![cfg(not(target_arch = "wasm32"))]

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::apply_adapter;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{bytes_file, open};
use crate::element::decode::Decoder;
use crate::source::Source;
use half::bf16;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// The list of cases: the base of each.
#[derive(serde::Deserialize)]
struct Cases {
    bases: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/fixtures/peft")
}

fn source(case: &str, file: &str) -> Rc<dyn Source> {
    let path = folder().join(case).join(file);
    bytes_file(file, std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

fn read(case: &str, files: &[&str]) -> Checkpoint {
    open(case, files.iter().map(|file| source(case, file)).collect()).expect(case)
}

fn bits(t: &TensorEntry) -> Vec<u16> {
    let bytes = pollster::block_on(t.view.elements(0..t.elements())).expect("in memory");
    let mut values = vec![0.0; t.elements() as usize];
    Decoder::new(t.dtype(), bytes).decode_f32(0, &mut values);
    values.into_iter().map(|value| bf16::from_f32(value).to_bits()).collect()
}

/// Elements of one tensor whose last bit may be another.
///
/// PEFT sums B·A in f32, here it is summed in f64. Both differ by (r + 2)·2^-24 of the sum of
/// absolute products at most. That decides the rounding to bf16, whose halves are 2^-9 of a weight,
/// for about one weight of 10^4; tensors here have 400.
const DIFFERENT: usize = 1;

#[test]
fn all_that_peft_moves_is_merged_as_peft_merges_it() {
    let text = std::fs::read_to_string(folder().join("cases.json")).expect("the list of cases");
    let cases: Cases = serde_json::from_str(&text).expect("a list of cases");
    assert!(cases.bases.len() > 15);
    for (case, of) in &cases.bases {
        let base = read(of, &["model.safetensors"]);
        let adapter = read(case, &["adapter_model.safetensors", "adapter_config.json"]);
        let merged = read(case, &["merged.safetensors"]);
        let config = adapter.adapter.as_ref().expect(case);
        let applied = apply_adapter(&base, &adapter, config, &[]);
        assert_eq!(applied.left_out, [], "{case}");
        let found: BTreeMap<&str, &TensorEntry> =
            applied.tensors.iter().map(|t| (t.name.as_str(), t)).collect();
        for want in &merged.tensors {
            let t = found.get(want.name.as_str());
            let t = t.unwrap_or_else(|| panic!("{case}: {} is not moved", want.name));
            assert_eq!((&t.shape, t.stored), (&want.shape, want.stored), "{case}: {}", t.name);
            let pairs: Vec<_> =
                bits(t).into_iter().zip(bits(want)).filter(|(a, b)| a != b).collect();
            assert!(
                pairs.len() <= DIFFERENT && pairs.iter().all(|(a, b)| a.abs_diff(*b) == 1),
                "{case}: {}: {} of {} differ",
                t.name,
                pairs.len(),
                t.elements()
            );
        }
        for t in applied.tensors.iter().filter(|t| merged.get(&t.name).is_none()) {
            let own = base.get(&t.name).map(bits);
            assert_eq!(own, Some(bits(t)), "{case}: {} moves, and PEFT's does not", t.name);
        }
    }
}
