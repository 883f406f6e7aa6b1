//! Which tensors become weights, and which are left out.

use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pairing, pair_tensors};
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{self, FileBuilder, bytes_file, f32_bytes};
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

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
    let alone =
        open(vec![weight(), second("v.weight_scale", "F32", &[1], [0; 4])]).expect("good files");
    assert_eq!((names(&alone), first(&alone)), (vec!["w.weight"], 1.0));
    assert_eq!(
        listed(&alone),
        [("v.weight_scale".to_string(), LeftOutReason::QuantizationParameter)],
        "a scale of another weight is no weight"
    );
}

fn listed(found: &Checkpoint) -> Vec<(String, LeftOutReason)> {
    found.problems.iter().map(|p| (p.name.clone(), p.reason)).collect()
}

#[test]
fn bad_scales_leave_the_weight_out() {
    let floats = |count: u64| f32_bytes(&vec![1.0; count as usize]);
    for (scales, words) in [
        (vec![("w.weight_scale", "F32", 3)], "[3]"),
        (vec![("w.weight_scale", "I32", 1)], "I32"),
        (vec![("w.weight_scale", "U8", 1)], "U8"),
        (vec![("w.odd_scale", "F32", 1)], "how that is applied"),
        (vec![("w.weight_scales", "F32", 1)], "how that is applied"),
        (vec![("w.scale", "F32", 1), ("w.weight_scale_2", "F32", 1)], "both look like"),
    ] {
        let mut file = FileBuilder::new().f32s("v", &[1], &[1.0]);
        for (name, dtype, count) in &scales {
            let bytes = if *dtype == "U8" { vec![0; 1] } else { floats(*count) };
            file = file.tensor(name, dtype, &[*count], bytes);
        }
        let found = open(vec![weight(), file.source("b.safetensors")]).expect("one is left");
        assert_eq!(names(&found), ["v"], "{scales:?}");
        let problem = &found.problems[0];
        assert_eq!((&*problem.name, problem.reason), ("w.weight", LeftOutReason::BadScale));
        assert!(problem.detail.contains(words), "{}", problem.detail);
        let parameters = scales.iter().map(|(name, ..)| *name);
        let want: Vec<_> = parameters
            .map(|name| (name.to_string(), LeftOutReason::QuantizationParameter))
            .collect();
        assert_eq!(listed(&found)[1..], want);
    }
    let config = bytes_file("config.json", br#"{"quantization_config":{"quant_method":"fp8"}}"#);
    let other = second("v", "F32", &[1], [0; 4]);
    let none = open(vec![weight(), other, config]).expect("one is left");
    assert_eq!(listed(&none), [("w.weight".to_string(), LeftOutReason::BadScale)]);
}

#[test]
fn scales_under_other_names_are_used() {
    let exponent = [128];
    for (name, dtype, bytes) in [
        ("w.scale_weight", "F32", &f32_bytes(&[2.0])[..]),
        ("w.scale", "F32", &f32_bytes(&[2.0])[..]),
        ("w.scale", "F8_E8M0", &exponent[..]),
    ] {
        let input = FileBuilder::new()
            .f32s("w.scale_input", &[1], &[9.0])
            .f32s("w.input_scale", &[1], &[9.0])
            .source("c.safetensors");
        let found =
            open(vec![weight(), second(name, dtype, &[1], bytes), input]).expect("good files");
        assert_eq!((names(&found), first(&found)), (vec!["w.weight"], 2.0), "{name} {dtype}");
        assert!(found.problems.iter().all(|p| !p.reason.is_error()), "{:?}", found.problems);
        assert_eq!(found.problems.len(), 2);
    }
    // A norm's own scale is a weight.
    let norm = FileBuilder::new().f32s("q_norm.scale", &[2], &[1.0; 2]).checkpoint("a");
    assert_eq!(names(&norm), ["q_norm.scale"]);
}

#[test]
fn exponents_stored_as_bytes_are_told_by_their_blocks() {
    // 2×64 ones, one exponent for 32 columns.
    let file = FileBuilder::new().tensor("w.weight", "F8_E4M3", &[2, 64], [0x38; 128]).tensor(
        "w.weight_scale_inv",
        "U8",
        &[2, 2],
        [127, 128, 126, 129],
    );
    let found = file.checkpoint("a");
    let bytes = pollster::block_on(found.tensors[0].view.elements(31..97)).expect("in range");
    let at = |i: usize| f32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().expect("four"));
    assert_eq!([at(0), at(1), at(33), at(65)], [1.0, 2.0, 0.5, 4.0]);
    assert!(found.problems.is_empty());
    // More exponents than are kept: those of a range are read with it.
    let exponents: Vec<u8> = (0..70_000u32).map(|place| 126 + (place % 3) as u8).collect();
    let file = FileBuilder::new()
        .tensor("w.weight", "F8_E4M3", &[2, 1_120_000], vec![0x38; 2_240_000])
        .tensor("w.weight_scale_inv", "U8", &[2, 35_000], exponents);
    let view = &file.checkpoint("a").tensors[0].view;
    for first in [0u64, 1_119_990, 2_000_010] {
        let bytes = pollster::block_on(view.elements(first..first + 40)).expect("in range");
        let want: Vec<f32> =
            (first..first + 40).map(|i| [0.5, 1.0, 2.0][(i / 32 % 3) as usize]).collect();
        assert_eq!(bytes, f32_bytes(&want), "from {first} on");
    }
}

#[test]
fn floats_of_four_bits_are_weights_of_their_own_name() {
    let scale = f32_bytes(&[0.5]);
    let modelopt = FileBuilder::new()
        .tensor("q.weight", "U8", &[1, 16], [0x32; 16])
        .tensor("q.weight_scale", "F8_E4M3", &[1, 2], [0x38; 2])
        .tensor("q.weight_scale_2", "F32", &[], &scale)
        .tensor("q.input_scale", "F32", &[], &scale)
        .checkpoint("a");
    let compressed = FileBuilder::new()
        .tensor("q.weight_packed", "U8", &[1, 16], [0x32; 16])
        .tensor("q.weight_scale", "F8_E4M3", &[1, 2], [0x38; 2])
        .tensor("q.weight_global_scale", "F32", &[1], &scale)
        .checkpoint("a");
    let blocks = FileBuilder::new()
        .tensor("experts.up_blocks", "U8", &[1, 2, 1, 16], [0x32; 32])
        .tensor("experts.up_scales", "U8", &[1, 2, 1], [127, 128])
        .checkpoint("a");
    for (found, name, shape, want) in [
        (&modelopt, "q.weight", vec![1, 32], f32_bytes(&[0.5, 0.75])),
        (&compressed, "q.weight", vec![1, 32], f32_bytes(&[2.0, 3.0])),
        (&blocks, "experts.up", vec![1, 32, 2], testing::bf16_bytes(&[1.0, 2.0])),
    ] {
        assert_eq!((names(found), &found.tensors[0].shape), (vec![name], &shape));
        let view = &found.tensors[0].view;
        assert_eq!(pollster::block_on(view.elements(0..2)).expect("in range"), want, "{name}");
        assert_eq!(found.summarize().parameters, shape.iter().product::<u64>());
    }
    assert_eq!(listed(&modelopt)[0].1, LeftOutReason::QuantizationParameter);
    assert!(compressed.problems.is_empty() && blocks.problems.is_empty());
}

#[test]
fn floats_of_four_bits_whose_scales_are_in_another_order_are_left_out() {
    let found = FileBuilder::new()
        .f32s("v", &[1], &[1.0])
        .tensor("q.weight", "U8", &[1, 16], [0x32; 16])
        .tensor("q.weight_scale", "F8_E4M3", &[1, 2], [0x38; 2])
        .tensor("q.weight_scale_2", "F32", &[], f32_bytes(&[0.5]))
        .tensor("q.comfy_quant", "U8", &[2], [0; 2])
        .checkpoint("a");
    assert_eq!(names(&found), ["v"]);
    assert_eq!(listed(&found)[0], ("q.weight".to_string(), LeftOutReason::BadScale));
    assert_eq!(found.problems.len(), 4);
}

#[test]
fn integers_are_refused_by_the_name_of_their_quantisation() {
    for (tensors, words) in [
        (vec![("q.qweight", "I32"), ("q.qzeros", "I32"), ("q.scales", "F32")], "GPTQ or AWQ"),
        (vec![("q.qweight", "I32"), ("q.g_idx", "I32"), ("q.scales", "F32")], "GPTQ,"),
        (vec![("q.weight", "U8"), ("q.weight.absmax", "F32")], "bitsandbytes, 4 bits"),
        (vec![("q.weight", "I8"), ("q.SCB", "F32")], "bitsandbytes, 8 bits"),
        (vec![("q.weight_packed", "I32"), ("q.weight_scale", "F32")], "compressed-tensors"),
        (vec![("q.W_q", "U8"), ("q.scale", "F32"), ("q.zero", "F32")], "HQQ"),
        (vec![("q.weight", "U32"), ("q.scales", "F32"), ("q.biases", "F32")], "MLX"),
        (vec![("q.weight", "I8"), ("q.weight_scale", "F32")], "stored as I8"),
        (vec![("q.weight._data", "F8_E4M3"), ("q.weight._scale", "F32")], "Quanto"),
        (vec![("q.dense_weights", "I64"), ("q.row_offsets", "I32"), ("q.col_vals", "I32")], "SpQR"),
        (vec![("q.indices", "I16"), ("q.centroids.weight", "F32"), ("q.perm", "I16")], "VPTQ"),
        (vec![("q.B", "I32"), ("q.s", "F32"), ("q.workspace", "I32")], "Marlin"),
        (vec![("q.weight", "I16"), ("q.scales", "F32"), ("q.tables2", "F32")], "HIGGS"),
        (
            vec![("q.qweight", "U8"), ("q.scales", "U8"), ("q.forward_hadamard_matrix", "F32")],
            "FP-Quant",
        ),
    ] {
        let mut file = FileBuilder::new().f32s("v", &[1], &[1.0]).f32s("q.bias", &[1], &[1.0]);
        for (name, dtype) in &tensors {
            let size = match *dtype {
                "U8" | "I8" | "F8_E4M3" => 1,
                "I16" => 2,
                "I64" => 8,
                _ => 4,
            };
            file = file.tensor(name, dtype, &[1], vec![0; size]);
        }
        let found = file.checkpoint("a");
        assert_eq!(names(&found), ["q.bias", "v"], "{words}");
        let problem = &found.problems[0];
        assert_eq!((&*problem.name, problem.reason), ("q.weight", LeftOutReason::UnsupportedDtype));
        assert!(problem.detail.contains(words), "{}", problem.detail);
        let rest = &listed(&found)[1..];
        assert_eq!(rest.len(), tensors.len() - 1);
        assert!(rest.iter().all(|(_, r)| *r == LeftOutReason::QuantizationParameter), "{rest:?}");
    }
}

#[test]
fn stacks_of_4_bit_floats_are_decoded_under_their_names() {
    // Two experts of one row of 32: each code is 1, each scale as the bytes say.
    let codes =
        |shape: &[u64], name: &str| FileBuilder::new().tensor(name, "U8", shape, [0x22; 32]);
    let of_openai = codes(&[2, 1, 1, 16], "mlp1_weight.blocks").tensor(
        "mlp1_weight.scales",
        "U8",
        &[2, 1, 1],
        [128, 127],
    );
    let of_nvidia = codes(&[2, 1, 16], "experts.down_proj")
        .tensor("experts.down_proj_weight_scale", "F8_E4M3", &[2, 1, 2], [0x38; 4])
        .f32s("experts.down_proj_weight_scale_2", &[2], &[2.0, 1.0])
        .f32s("experts.down_proj_input_scale", &[2], &[9.0; 2]);
    for (file, name, spare) in [(of_openai, "mlp1_weight", 0), (of_nvidia, "experts.down_proj", 1)]
    {
        let found = file.checkpoint("a");
        assert_eq!(names(&found), [name], "{:?}", found.problems);
        assert_eq!(found.tensors[0].shape, [2, 1, 32]);
        let view = crate::checkpoint::views::widen_view(
            &found.tensors[0].view,
            crate::element::dtype::Dtype::F32,
        );
        let bytes = pollster::block_on(view.elements(31..33)).expect("in range");
        assert_eq!(bytes, f32_bytes(&[2.0, 1.0]), "{name}");
        assert_eq!(found.problems.len(), spare, "{:?}", found.problems);
    }
}

#[test]
fn buffers_are_no_weights() {
    let found = FileBuilder::new()
        .f32s("h.0.attn.bias", &[1, 1, 2, 2], &[1.0, 0.0, 1.0, 1.0])
        .f32s("h.0.attn.masked_bias", &[], &[-1e9])
        .f32s("h.0.attn.c_attn.bias", &[2], &[1.0; 2])
        .f32s("logit_scale", &[], &[1.0])
        .checkpoint("a");
    assert_eq!(names(&found), ["h.0.attn.c_attn.bias", "logit_scale"]);
    assert!(listed(&found).iter().all(|(_, reason)| *reason == LeftOutReason::Buffer));
    assert_eq!(found.summarize().parameters, 3);
}

#[test]
fn a_scale_in_a_shard_that_is_missing_is_no_scale_of_one() {
    let index = bytes_file(
        "model.safetensors.index.json",
        br#"{"weight_map":{"w.weight":"a.safetensors","w.weight_scale_inv":"gone.safetensors"}}"#,
    );
    let found =
        open(vec![weight(), second("v", "F32", &[1], [0; 4]), index]).expect("one tensor is left");
    let bad = found
        .problems
        .iter()
        .find(|p| p.reason == LeftOutReason::BadScale)
        .expect("the weight is left out");
    assert!(bad.name == "w.weight" && bad.detail.contains("gone.safetensors"), "{bad:?}");
}

#[test]
fn blocks_of_any_size_are_told_by_config_json() {
    // One scale a column: blocks that nothing but config.json tells.
    let scale = || second("w.weight_scale_inv", "F32", &[1, 2], f32_bytes(&[2.0, 3.0]));
    let config =
        bytes_file("config.json", br#"{"quantization_config":{"weight_block_size":[2,1]}}"#);
    let found = open(vec![weight(), scale(), config]).expect("good files");
    let bytes = pollster::block_on(found.tensors[0].view.elements(0..4)).expect("in range");
    assert_eq!(bytes, f32_bytes(&[2.0, 3.0, 2.0, 3.0]));
    let error = open(vec![weight(), scale()]).err().expect("no scale fits").to_string();
    assert!(error.contains("its scale w.weight_scale_inv"), "{error}");
}
