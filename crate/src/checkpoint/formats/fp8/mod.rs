//! Which tensors are weights, and which are the scales of FP8 weights.

pub mod codes;
pub mod scaled;

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::fp8::codes::Fp8;
use crate::checkpoint::formats::fp8::scaled::Scaled;
use crate::checkpoint::header;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Suffixes of the names of scales; every scale is multiplied with its codes. The first is
/// that of DeepSeek-V3 and of transformers' fine-grained FP8, the second that of compressed-tensors
/// and FBGEMM.
const SCALES: [&str; 2] = ["_scale_inv", "_scale"];

/// Rows and columns of a block of weights that share a scale:
/// `quantization_config.weight_block_size` of a config.json.
pub fn parse_block_size(config: &[u8]) -> Option<(u64, u64)> {
    let root: serde_json::Value = serde_json::from_slice(config).ok()?;
    let of = |config: &serde_json::Value| {
        config.get("quantization_config")?.get("weight_block_size").cloned()
    };
    let found = of(&root).or_else(|| of(root.get("text_config")?))?;
    let (rows, columns) = serde_json::from_value(found).ok()?;
    (rows > 0 && columns > 0).then_some((rows, columns))
}

/// The tensors of a checkpoint that can be read, and what of it can't be used.
///
/// `blocks` is [`block_size`]; `elsewhere` has the tensors, with their files, that the shard index
/// names in files that were not given.
pub fn find_tensors(
    found: &[RawTensor],
    blocks: Option<(u64, u64)>,
    elsewhere: &HashMap<String, String>,
) -> (Vec<TensorEntry>, Vec<LeftOut>) {
    let by_name: HashMap<&str, &RawTensor> = found.iter().map(|t| (t.name.as_str(), t)).collect();
    let (mut tensors, mut problems, mut used) = (Vec::new(), Vec::new(), HashSet::new());
    let mut entry = |t: &RawTensor, view| {
        tensors.push(TensorEntry {
            name: t.name.clone(),
            shape: t.shape.clone(),
            stored: t.dtype,
            view,
            update: None,
        })
    };
    for t in found {
        if t.elements() == 0 {
            continue;
        }
        let Some(kind) = Fp8::of(t.dtype) else {
            continue;
        };
        match open_scaled(t, kind, &by_name, blocks, elsewhere) {
            Ok((view, scale)) => {
                used.extend(scale);
                entry(t, Rc::new(view));
            }
            Err(detail) => problems.push(LeftOut::new(&t.name, LeftOutReason::BadScale, detail)),
        }
    }
    for t in found.iter().filter(|t| !used.contains(t.name.as_str())) {
        if t.elements() == 0 {
            problems.push(LeftOut::new(
                &t.name,
                LeftOutReason::Empty,
                format!("its shape {:?} has no elements", t.shape),
            ));
        } else if let Some(view) = t.view() {
            entry(t, view);
        } else if Fp8::of(t.dtype).is_none() {
            problems.push(header::refuse_dtype(&t.name, &t.dtype.to_string()));
        }
    }
    (tensors, problems)
}

/// An FP8 weight, and the name of its scale where it has one.
fn open_scaled<'a>(
    weight: &RawTensor,
    kind: Fp8,
    by_name: &HashMap<&str, &'a RawTensor>,
    blocks: Option<(u64, u64)>,
    elsewhere: &HashMap<String, String>,
) -> Result<(Scaled, Option<&'a str>), String> {
    for name in SCALES.map(|end| format!("{}{end}", weight.name)) {
        if let Some(scale) = by_name.get(name.as_str()) {
            return Ok((
                Scaled::new(weight.clone(), kind, Some(scale), blocks)?,
                Some(&scale.name),
            ));
        }
        if let Some(file) = elsewhere.get(&name) {
            return Err(format!("its scale {name} is in {file}, which was not given: add it"));
        }
    }
    Ok((Scaled::new(weight.clone(), kind, None, blocks)?, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::open::Checkpoint;
    use crate::checkpoint::pairing::{Pairing, pair_tensors};
    use crate::checkpoint::testing::{self, FileBuilder, bytes_file, f32_bytes};
    use crate::error::Error;
    use crate::source::Source;

    fn open(files: Vec<Rc<dyn Source>>) -> Result<Checkpoint, Error> {
        testing::open("a", files)
    }

    /// A 2×2 weight of ones in FP8.
    fn weight() -> Rc<dyn Source> {
        FileBuilder::new().tensor("w.weight", "F8_E4M3", &[2, 2], [0x38; 4]).source("a.safetensors")
    }

    /// A second file with one tensor.
    fn second(name: &str, dtype: &str, shape: &[u64], data: impl AsRef<[u8]>) -> Rc<dyn Source> {
        FileBuilder::new().tensor(name, dtype, shape, data).source("b.safetensors")
    }

    fn names(checkpoint: &Checkpoint) -> Vec<&str> {
        checkpoint.tensors.iter().map(|t| t.name.as_str()).collect()
    }

    fn first(checkpoint: &Checkpoint) -> f32 {
        let bytes =
            pollster::block_on(checkpoint.get("w.weight").expect("the weight").view.elements(0..1))
                .expect("in range");
        f32::from_le_bytes(bytes.try_into().expect("one f32"))
    }

    #[test]
    fn scales_of_another_shard_are_used_and_no_tensors_of_their_own() {
        for name in ["w.weight_scale_inv", "w.weight_scale"] {
            let found = open(vec![weight(), second(name, "F32", &[1], f32_bytes(&[0.75]))])
                .expect("good files");
            assert_eq!(
                (names(&found), found.problems.len(), first(&found)),
                (vec!["w.weight"], 0, 0.75),
                "{name}"
            );
            let summary = found.summarize();
            assert_eq!((summary.parameters, summary.bytes, summary.dtypes["F8_E4M3"]), (4, 4, 1));
            let Pairing { pairs, left_out, .. } =
                pair_tensors(&found, &open(vec![weight()]).expect("a good file"), None);
            assert_eq!(
                (pairs.len(), left_out.len()),
                (1, 0),
                "a side without scales leaves nothing over"
            );
        }
        let alone = open(vec![weight(), second("v.weight_scale", "F32", &[1], [0; 4])])
            .expect("good files");
        assert_eq!(
            (names(&alone), first(&alone)),
            (vec!["v.weight_scale", "w.weight"], 1.0),
            "a scale of another weight"
        );
    }

    #[test]
    fn bad_scales_leave_the_weight_out() {
        let listed = |found: &Checkpoint| {
            found.problems.iter().map(|p| (p.name.clone(), p.reason)).collect::<Vec<_>>()
        };
        let misshapen = open(vec![weight(), second("w.weight_scale", "F32", &[3], [0; 12])])
            .expect("one tensor is left");
        assert_eq!(
            (names(&misshapen), listed(&misshapen)),
            (vec!["w.weight_scale"], vec![("w.weight".into(), LeftOutReason::BadScale)])
        );
        let other = second("v", "F32", &[1], [0; 4]);
        let integers = open(vec![weight(), second("w.weight_scale", "I32", &[1], [0; 4]), other])
            .expect("one tensor is left");
        let want = [
            ("w.weight", LeftOutReason::BadScale),
            ("w.weight_scale", LeftOutReason::UnsupportedDtype),
        ]
        .map(|(name, reason)| (name.to_string(), reason));
        assert_eq!((names(&integers), listed(&integers)), (vec!["v"], want.to_vec()));
    }

    #[test]
    fn a_scale_in_a_shard_that_is_missing_is_no_scale_of_one() {
        let index = bytes_file("model.safetensors.index.json",
br#"{"weight_map":{"w.weight":"a.safetensors","w.weight_scale_inv":"gone.safetensors"}}"#);
        let found = open(vec![weight(), second("v", "F32", &[1], [0; 4]), index])
            .expect("one tensor is left");
        let bad = found
            .problems
            .iter()
            .find(|p| p.reason == LeftOutReason::BadScale)
            .expect("the weight is left out");
        assert!(bad.name == "w.weight" && bad.detail.contains("gone.safetensors"), "{bad:?}");
    }

    #[test]
    fn the_block_size_is_read_from_config_json() {
        assert_eq!(
            parse_block_size(br#"{"quantization_config":{"weight_block_size":[128,64]}}"#),
            Some((128, 64))
        );
        assert_eq!(
            parse_block_size(
                br#"{"text_config":{"quantization_config":{"weight_block_size":[32,32]}}}"#
            ),
            Some((32, 32))
        );
        for none in [
            &b"{}"[..],
            b"not JSON",
            br#"{"quantization_config":{"weight_block_size":null}}"#,
            br#"{"quantization_config":{"weight_block_size":[0,1]}}"#,
        ] {
            assert_eq!(parse_block_size(none), None);
        }
        // One scale a column: blocks that nothing but config.json tells.
        let scale = || second("w.weight_scale_inv", "F32", &[1, 2], f32_bytes(&[2.0, 3.0]));
        let config =
            bytes_file("config.json", br#"{"quantization_config":{"weight_block_size":[2,1]}}"#);
        let found = open(vec![weight(), scale(), config]).expect("good files");
        let bytes = pollster::block_on(found.tensors[0].view.elements(0..4)).expect("in range");
        assert_eq!(bytes, f32_bytes(&[2.0, 3.0, 2.0, 3.0]));
        assert_eq!(
            open(vec![weight(), scale()]).expect("the scale is left").problems[0].reason,
            LeftOutReason::BadScale
        );
    }
}
