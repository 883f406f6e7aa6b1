//! Deltas by hand, one for each layout and one for each thing that can be wrong with them.

use crate::checkpoint::formats::sparse_delta::summary::DeltaLayout;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pairing, Side, pair_renamed, pair_tensors};
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{self, FileBuilder, bf16_bytes, bytes_file, f32_bytes};
use crate::error::Error;
use crate::settings::Comparison;
use crate::source::Source;
use std::rc::Rc;

type Tensor<'a> = (&'a str, &'a str, usize, Vec<u8>);

/// A safetensors file of lists.
fn file(name: &str, metadata: &str, tensors: &[Tensor<'_>]) -> Rc<dyn Source> {
    let empty = FileBuilder::new().metadata(metadata);
    tensors
        .iter()
        .fold(empty, |file, (tensor, dtype, count, bytes)| {
            file.tensor(tensor, dtype, &[*count as u64], bytes)
        })
        .source(name)
}

fn open(files: Vec<Rc<dyn Source>>) -> Result<Checkpoint, Error> {
    testing::open("x", files)
}

fn indices(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// bf16 of whole numbers below 128.
fn bf16s(values: &[u8]) -> Vec<u8> {
    bf16_bytes(&values.iter().map(|value| f32::from(*value)).collect::<Vec<_>>())
}

/// `a` is 1, 2, 3, 4 and `b` is 5, 6.
fn base() -> Checkpoint {
    open(vec![file(
        "base.safetensors",
        r#"{"format":"pt"}"#,
        &[("a", "BF16", 4, bf16s(&[1, 2, 3, 4])), ("b", "BF16", 2, bf16s(&[5, 6]))],
    )])
    .expect("a good file")
}

fn values(checkpoint: &Checkpoint, name: &str) -> Vec<u8> {
    let entry = checkpoint.get(name).expect("the tensor");
    let bytes = pollster::block_on(entry.view.elements(0..entry.elements())).expect("in range");
    bytes.chunks_exact(2).map(|b| half::bf16::from_le_bytes([b[0], b[1]]).to_f32() as u8).collect()
}

/// A delta as TRL writes it: `a` gets these values.
fn trl(version: u64, places: &[i32], new: &[u8]) -> Rc<dyn Source> {
    let metadata = format!(
        r#"{{"format":"sparse_weight_patch","version":"1","sparse":"True",
"model_version":"{version}","changed_params":"[\"a\"]"}}"#
    );
    file(
        &format!("step_{version:06}.safetensors"),
        &metadata,
        &[
            ("a.indices", "I32", places.len(), indices(places)),
            ("a.values", "BF16", new.len(), bf16s(new)),
        ],
    )
}

#[test]
fn trl_s_deltas_become_checkpoints_on_their_base() {
    let opened = open(vec![trl(11, &[1, 3], &[20, 40])]).expect("a delta");
    assert!(opened.tensors.is_empty(), "a delta alone has no tensors");
    let tuned = opened.put_on_base(&base());
    assert_eq!((values(&tuned, "a"), values(&tuned, "b")), (vec![1, 20, 3, 40], vec![5, 6]));
    let delta = tuned.delta.as_ref().expect("it is one");
    let s = delta.summarize();
    assert_eq!(
        (s.layout, s.base_version, s.target_version, s.changed, delta.comparison),
        (DeltaLayout::Trl, None, Some(11), Some(2), Some(Comparison::PerStep))
    );
    let base = base();
    let Pairing { pairs, left_out, .. } = pair_tensors(&base, &tuned, None);
    assert_eq!((pairs.len(), left_out.len()), (2, 0));
    assert_eq!(pairs[0].stored(Side::Tuned).to_string(), "BF16");
}

#[test]
fn names_of_a_delta_are_changed_as_a_user_asks() {
    let base = open(vec![file("b.safetensors", "{}", &[("x.b", "BF16", 4, bf16s(&[1, 2, 3, 4]))])])
        .expect("a good file");
    // Nothing in `a` and `x.b` says that they are one tensor.
    let tuned = open(vec![trl(11, &[1, 3], &[20, 40])]).expect("a delta").put_on_base(&base);
    assert!(pair_tensors(&base, &tuned, None).pairs.is_empty());
    let found = pair_renamed(&base, &tuned, None, &[["a".into(), "x.b".into()]]);
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    let read = pollster::block_on(found.pairs[0].read_rows(Side::Tuned, 0..1)).expect("in range");
    assert_eq!(read, bf16s(&[1, 20, 3, 40]));
    let rule = &found.renamings[0];
    assert_eq!((rule.from.as_str(), rule.to.as_str(), rule.tensors), ("a", "x.b", 1));
}

#[test]
fn several_steps_apply_in_order_and_without_gaps() {
    let tuned = open(vec![trl(13, &[1], &[21]), trl(12, &[1, 2], &[20, 30])])
        .expect("deltas")
        .put_on_base(&base());
    assert_eq!(values(&tuned, "a"), [1, 21, 30, 4]);
    let delta = tuned.delta.as_ref().expect("it is one");
    assert_eq!(
        (delta.target_version, delta.comparison, delta.summarize().changed),
        (Some(13), None, Some(3))
    );
    let error =
        open(vec![trl(13, &[1], &[21]), trl(11, &[1], &[20])]).err().expect("a gap").to_string();
    assert!(error.contains("step_000013") && error.contains("does not follow"), "{error}");
}

#[test]
fn damaged_deltas_of_trl_are_named() {
    let sparse = r#"{"sparse":"True","model_version":"1"}"#;
    let error = |files| open(files).err().expect("it can't be read").to_string();
    let alone =
        error(vec![file("d.safetensors", sparse, &[("a.indices", "I32", 1, indices(&[0]))])]);
    assert!(alone.contains("a.indices has no partner"), "{alone}");
    let draft = error(vec![file(
        "d.safetensors",
        sparse,
        &[("a.idx", "U16", 1, vec![0, 0]), ("a.val", "BF16", 1, bf16s(&[1]))],
    )]);
    assert!(draft.contains("a.idx") && draft.contains("not known"), "{draft}");
    let anchor = file(
        "anchor.safetensors",
        r#"{"sparse":"False"}"#,
        &[("a", "BF16", 4, bf16s(&[1, 2, 3, 4]))],
    );
    assert!(open(vec![anchor.clone()]).expect("an anchor is a checkpoint").delta.is_none());
    let both = error(vec![anchor, trl(2, &[1], &[20])]);
    assert!(both.contains("anchor.safetensors") && both.contains("as the base"), "{both}");
}

#[test]
fn a_delta_of_another_base_says_what_is_needed() {
    let delta = || open(vec![trl(11, &[1], &[20])]).expect("a delta");
    let other = open(vec![file("o.safetensors", "{}", &[("c", "BF16", 1, bf16s(&[1]))])])
        .expect("a good file");
    let placed = delta().put_on_base(&other).placed;
    let problem = &placed.problems[0];
    assert!(problem.detail.contains("none of its tensors is in the base"), "{problem:?}");
    assert!(problem.reason == LeftOutReason::BadDelta && placed.tensors.is_empty());
    let alone = delta();
    let error = alone.delta.as_ref().expect("it is one").needs_base("x").to_string();
    assert!(error.contains("version 11") && error.contains("as the base"), "{error}");
}

fn entry(name: &str, shape: &str, key: &str) -> String {
    format!(
        r#"{{"name":"{name}","global_shape":{shape},"dtype":"bfloat16",
"indices_key":"{key}_indices","values_key":"{key}_values","changed":1}}"#
    )
}

fn by_rank(shape_of_b: &str) -> Rc<dyn Source> {
    let text = format!(
        r#"{{"format":"prime-rl-sparse-hf-v1","base_step":0,"target_step":40,"changed":4,"ranks":[
        {{"rank":0,"base_step":0,"target_step":40,"file":"rank_0.safetensors","tensors":[{},{}]}},
        {{"rank":1,"base_step":0,"target_step":40,"file":"rank_1.safetensors","tensors":[{}]}},
        {{"rank":2,"base_step":0,"target_step":40,"file":"rank_2.safetensors","tensors":[]}}]}}"#,
        entry("a", "[4]", "t0"),
        entry("b", shape_of_b, "t1"),
        entry("a", "[4]", "t0")
    );
    bytes_file("sparse_manifest.json", text)
}

/// Two ranks that use one key for their parts of `a`; both carry `b`, which the manifest asks of
/// the first.
fn ranks() -> [Rc<dyn Source>; 2] {
    [(0, 10), (3, 40)].map(|(place, value)| {
        let a = [
            ("t0_indices", "I32", 1, indices(&[place])),
            ("t0_values", "BF16", 1, bf16s(&[value])),
        ];
        let b = [("t1_indices", "I32", 1, indices(&[1])), ("t1_values", "BF16", 1, bf16s(&[60]))];
        file(&format!("rank_{}.safetensors", place / 3), "{}", &[a, b].concat())
    })
}

#[test]
fn ranks_of_prime_rl_come_together() {
    let [first, second] = ranks();
    let tuned = open(vec![first, second, by_rank("[2]")]).expect("a delta").put_on_base(&base());
    assert_eq!((values(&tuned, "a"), values(&tuned, "b")), (vec![10, 2, 3, 40], vec![5, 60]));
    let delta = tuned.delta.as_ref().expect("it is one");
    let s = delta.summarize();
    assert_eq!(
        (s.layout, s.base_version, s.target_version, s.changed),
        (DeltaLayout::PrimeRlSparseHfV1, Some(0), Some(40), Some(3))
    );
    assert_eq!(delta.comparison, Some(Comparison::WholeRun));
    let [first, _] = ranks();
    let error = open(vec![first, by_rank("[2]")]).err().expect("a rank is missing").to_string();
    assert!(error.contains("rank_1.safetensors") && error.contains("not given"), "{error}");
}

#[test]
fn shapes_that_differ_leave_the_tensor_out() {
    let [first, second] = ranks();
    let tuned = open(vec![first, second, by_rank("[1,2]")]).expect("a delta").put_on_base(&base());
    assert!(tuned.get("b").is_none());
    let p = tuned.placed.problems.iter().find(|p| p.name == "b").expect("it is listed");
    assert!(p.reason == LeftOutReason::BadDelta && p.detail.contains("[1, 2]"), "{p:?}");
}

fn one_file(change: (&str, &str)) -> Rc<dyn Source> {
    let text = r#"{"format":"prime-rl-sparse-update","version":1,"step":8,"base_step":7,
"compressed":false,"patch_file":"sparse_update_patch.safetensors",
        "tensors":[{"name":"a","shape":[4],"dtype":"bfloat16","indices":"tensor_0.indices",
"values":"tensor_0.values","numel":4,"changed_numel":2}]}"#;
    bytes_file("sparse_update_manifest.json", text.replace(change.0, change.1))
}

#[test]
fn one_file_of_prime_rl() {
    let patch = || {
        file(
            "sparse_update_patch.safetensors",
            r#"{"format":"pt"}"#,
            &[
                ("tensor_0.indices", "I32", 2, indices(&[0, 2])),
                ("tensor_0.values", "BF16", 2, bf16s(&[10, 30])),
            ],
        )
    };
    let tuned = open(vec![patch(), one_file(("", ""))]).expect("a delta").put_on_base(&base());
    assert_eq!(values(&tuned, "a"), [10, 2, 30, 4]);
    let delta = tuned.delta.as_ref().expect("it is one");
    assert_eq!(
        (delta.layout, delta.base_version, delta.target_version, delta.comparison),
        (DeltaLayout::PrimeRlSparseUpdate, Some(7), Some(8), Some(Comparison::PerStep))
    );
    for (change, words) in [
        (("\"compressed\":false", "\"compressed\":true"), "zstd"),
        (("\"version\":1", "\"version\":2"), "version 2"),
        (("\"tensor_0.values\"", "\"tensor_9.values\""), "tensor_9.values"),
        (("prime-rl-sparse-update", "something-new"), "something-new"),
        (("\"base_step\":7", "\"base\":7"), "base_step"),
    ] {
        let error =
            open(vec![patch(), one_file(change)]).err().expect("it can't be read").to_string();
        assert!(error.contains("sparse_update_manifest.json") && error.contains(words), "{error}");
    }
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn index(change: (&str, &str)) -> Rc<dyn Source> {
    let text = r#"{"metadata":{"version":"000012","base_version":"000011","delta_encoding":"xor",
"compression_format":"zstd","checksum_format":"xxh3-128"},
        "weight_map":{"a":"model-00000-of-00001.safetensors"}}"#;
    bytes_file("model.safetensors.index.json", text.replace(change.0, change.1))
}

fn shard(tensor: &str, packed: Vec<u8>) -> Rc<dyn Source> {
    file(
        "model-00000-of-00001.safetensors",
        r#"{"a":"0123"}"#,
        &[(tensor, "U8", packed.len(), packed.clone())],
    )
}

#[test]
fn slime_s_bytes_change_their_tensors() {
    // bf16 1 is 3f80 and 8 is 4100: xor 7e80 turns one into the other.
    let mask = [0x80, 0x7e, 0, 0, 0, 0, 0, 0];
    let tuned = open(vec![shard("a", frame(&mask)), index(("", ""))])
        .expect("a delta")
        .put_on_base(&base());
    assert_eq!((values(&tuned, "a"), values(&tuned, "b")), (vec![8, 2, 3, 4], vec![5, 6]));
    let delta = tuned.delta.as_ref().expect("it is one");
    let s = delta.summarize();
    assert_eq!(
        (s.layout, s.base_version, s.target_version, s.changed, delta.comparison),
        (DeltaLayout::SlimeDiskDelta, Some(11), Some(12), None, Some(Comparison::PerStep))
    );
    let places: Vec<u8> = [2u32, 6, 7].iter().flat_map(|w| w.to_le_bytes()).collect();
    let bytes = [places, vec![0, 0x41]].concat();
    let tuned = open(vec![shard("a", frame(&bytes)), index(("xor", "overwrite"))])
        .expect("a delta")
        .put_on_base(&base());
    assert_eq!(values(&tuned, "a"), [1, 2, 3, 8]);
}

#[test]
fn bytes_of_codes_and_of_scales_change_alike() {
    // Codes 1 and 2 at scale ½; the delta doubles the scale (3f000000 → 3f800000) and the first
    // code (38 → 40).
    let base = open(vec![file(
        "base.safetensors",
        "{}",
        &[("w", "F8_E4M3", 2, vec![0x38, 0x40]), ("w_scale", "F32", 1, f32_bytes(&[0.5]))],
    )])
    .expect("FP8");
    let (codes, scale) = (frame(&[0x78, 0]), frame(&[0, 0, 0x80, 0]));
    let shard = file(
        "model-00000-of-00001.safetensors",
        "{}",
        &[("w", "U8", codes.len(), codes.clone()), ("w_scale", "U8", scale.len(), scale.clone())],
    );
    let index = index((
        "\"a\":\"model-00000-of-00001.safetensors\"",
        concat!(
            "\"w\":\"model-00000-of-00001.safetensors\",",
            "\"w_scale\":\"model-00000-of-00001.safetensors\""
        ),
    ));
    let tuned = open(vec![shard, index]).expect("a delta").put_on_base(&base);
    let bytes = pollster::block_on(tuned.get("w").expect("the weight").view.elements(0..2))
        .expect("in range");
    assert_eq!(bytes, f32_bytes(&[2.0, 2.0]));
    let problems = &tuned.placed.problems;
    assert!(tuned.get("w_scale").is_none() && problems.is_empty(), "{problems:?}");
}

#[test]
fn indices_that_are_no_known_delta_are_named() {
    for (change, words) in [
        (("xor", "add"), "add"),
        (("\"zstd\"", "\"lz4\""), "lz4"),
        (("model-00000", "model-00007"), "model-00007"),
    ] {
        let error = open(vec![shard("a", frame(&[0; 8])), index(change)])
            .err()
            .expect("it can't be read")
            .to_string();
        assert!(error.contains("model.safetensors.index.json") && error.contains(words), "{error}");
    }
    let tuned = open(vec![shard("a", frame(&[0; 9])), index(("", ""))])
        .expect("a delta")
        .put_on_base(&base());
    let error = pollster::block_on(tuned.get("a").expect("the tensor").view.elements(0..1))
        .expect_err("it is too long")
        .to_string();
    assert!(error.contains("another base"), "{error}");
    // An index without the word is that of a checkpoint.
    assert!(
        open(vec![shard("a", vec![1; 8]), index(("delta_encoding", "total_size"))])
            .err()
            .expect("bytes are no weights")
            .to_string()
            .contains("U8")
    );
}
