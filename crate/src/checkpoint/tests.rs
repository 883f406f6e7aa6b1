//! One test for each thing that can be wrong in a file or a pair.

use crate::checkpoint::names::role::Module;
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{self, FileBuilder, bytes_file, f32_bytes, file_bytes};
use crate::checkpoint::*;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::source::{Source, UnreadableSource};
use std::rc::Rc;

/// A safetensors file: header text and data.
fn file(name: &str, header: &str, data: &[u8]) -> Rc<dyn Source> {
    bytes_file(name, file_bytes(header, data))
}

fn open(files: Vec<Rc<dyn Source>>) -> Result<Checkpoint, Error> {
    testing::open("a", files)
}

fn good(name: &str, tensor: &str) -> Rc<dyn Source> {
    FileBuilder::new().tensor(tensor, "BF16", &[2, 2], [1, 0, 2, 0, 3, 0, 4, 0]).source(name)
}

fn only_problem(bad: Rc<dyn Source>) -> LeftOut {
    let checkpoint = open(vec![good("good.safetensors", "w"), bad]).expect("one file is good");
    assert_eq!(checkpoint.tensors.len(), 1);
    assert_eq!(checkpoint.problems.len(), 1, "{:?}", checkpoint.problems);
    checkpoint.problems[0].clone()
}

#[test]
fn broken_files_are_named_and_the_good_ones_read() {
    let header = r#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let misfit = r#"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#;
    let cases = [
        (bytes_file("bad.safetensors", [1, 2]), "too few"),
        (bytes_file("bad.safetensors", [255; 16]), "claims"),
        (file("bad.safetensors", "not json", &[]), "not valid"),
        (file("bad.safetensors", header, &[0; 7]), "truncated"),
        (file("bad.safetensors", header, &[0; 9]), "damaged"),
        (file("bad.safetensors", misfit, &[0; 8]), "shape"),
        (file("bad.safetensors", &header.replace("[0,8]", "[1,9]"), &[0; 9]), "hole"),
        (file("bad.safetensors", &header.replace("[0,8]", "[8,0]"), &[0; 8]), "hole"),
    ];
    for (source, words) in cases {
        let p = only_problem(source);
        assert_eq!((p.name.as_str(), p.reason), ("bad.safetensors", LeftOutReason::BadFile));
        assert!(p.detail.contains(words), "{} does not say «{words}»", p.detail);
    }
}

#[test]
fn unsupported_dtypes_duplicates_and_empty_tensors_are_listed() {
    let bytes =
        file("b.safetensors", r#"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, &[0; 2]);
    let p = only_problem(bytes);
    assert_eq!((p.name.as_str(), p.reason), ("x", LeftOutReason::UnsupportedDtype));
    assert!(p.detail.contains("U8"));
    let unknown =
        file("b.safetensors", r#"{"x":{"dtype":"Q9","shape":[2],"data_offsets":[0,2]}}"#, &[0; 2]);
    assert_eq!(only_problem(unknown).reason, LeftOutReason::UnsupportedDtype);
    assert_eq!(only_problem(good("b.safetensors", "w")).reason, LeftOutReason::Duplicate);
    let empty =
        file("b.safetensors", r#"{"x":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]}}"#, &[]);
    assert_eq!(only_problem(empty).reason, LeftOutReason::Empty);
}

#[test]
fn an_index_names_missing_shards() {
    let index = bytes_file(
        "model.safetensors.index.json",
        br#"{"weight_map":{"w":"good.safetensors","y":"gone.safetensors"}}"#,
    );
    let checkpoint = open(vec![good("good.safetensors", "w"), index]).expect("one shard is good");
    let found: Vec<_> = checkpoint
        .problems
        .iter()
        .map(|p| (p.name.as_str(), p.reason, p.detail.as_str()))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].0, found[0].1), ("gone.safetensors", LeftOutReason::MissingShard));
    assert_eq!(
        found[1],
        ("y", LeftOutReason::MissingShard, "it is in gone.safetensors, which was not given")
    );
    assert_eq!(
        only_problem(bytes_file("model.safetensors.index.json", b"[]")).reason,
        LeftOutReason::BadFile
    );
}

#[test]
fn a_shard_that_is_a_pointer_is_named_with_its_tensors() {
    let index = bytes_file(
        "model.safetensors.index.json",
        br#"{"weight_map":{
            "w": "a-00001-of-00002.safetensors", "y": "a-00002-of-00002.safetensors"}}"#,
    );
    let pointer = bytes_file("a-00002-of-00002.safetensors", b"version https://git-lfs.github.com");
    let files = vec![good("a-00001-of-00002.safetensors", "w"), pointer, index];
    let problems = open(files).expect("one shard is good").problems;
    let found: Vec<_> = problems.iter().map(|p| (p.name.as_str(), p.reason)).collect();
    assert_eq!(
        found,
        [("a-00002-of-00002.safetensors", LeftOutReason::BadFile), ("y", LeftOutReason::BadFile)]
    );
    assert!(problems[0].detail.contains("git lfs pull"), "{}", problems[0].detail);
    assert!(problems[1].detail.contains("a-00002-of-00002.safetensors"), "{}", problems[1].detail);
}

#[test]
fn what_cannot_be_read_at_all_says_so_itself() {
    let link = Rc::new(UnreadableSource::new("model.safetensors", "it is a link to gone"));
    let error = open(vec![link]).err().expect("nothing to read").to_string();
    assert!(error.contains("a link to gone"), "{error}");
}

#[test]
fn an_index_of_another_save_is_one_remark() {
    let index = bytes_file(
        "model.safetensors.index.json",
        br#"{"weight_map":{
            "w": "model-00001-of-00030.safetensors", "z": "model-00030-of-00030.safetensors"}}"#,
    );
    let problems = open(vec![good("model-00001-of-00001.safetensors", "w"), index])
        .expect("a whole set")
        .problems;
    let [p] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!(p.reason, LeftOutReason::NotUsed);
    assert!(p.detail.contains("names 2 files that are not here"), "{}", p.detail);
    assert!(p.detail.contains("1 of its tensors"), "{}", p.detail);
}

#[test]
fn an_adapter_beside_a_whole_model_is_not_used() {
    let config = || bytes_file("adapter_config.json", br#"{"peft_type": "LORA"}"#);
    let factor = FileBuilder::new()
        .f32s("base_model.model.w.lora_A.weight", &[1, 2], &[1.0; 2])
        .source("adapter_model.safetensors");
    let whole = open(vec![good("model.safetensors", "w"), factor.clone(), config()]);
    let whole = whole.expect("a whole model");
    assert!(whole.adapter.is_none());
    assert_eq!(whole.problems[0].name, "adapter_model.safetensors");
    let adapter = open(vec![factor, config()]).expect("an adapter");
    assert!(adapter.adapter.is_some());
}

#[test]
fn nothing_to_read_is_an_error_in_plain_words() {
    let error = open(vec![bytes_file("config.json", b"{}")]).err().expect("no safetensors");
    assert!(error.to_string().contains("no weights"), "{error}");
    assert!(open(vec![bytes_file("x.safetensors", b"")]).is_err());
}

#[test]
fn tensors_stand_in_natural_order() {
    let files = ["m.layers.10.w", "m.layers.2.w", "a"]
        .iter()
        .map(|t| good(&format!("{t}.safetensors"), t))
        .collect();
    let names: Vec<String> =
        open(files).expect("good files").tensors.into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["a", "m.layers.2.w", "m.layers.10.w"]);
}

#[test]
fn what_has_no_partner_is_listed() {
    let base = FileBuilder::new()
        .tensor("a", "BF16", &[2], [0; 4])
        .tensor("b", "BF16", &[2], [0; 4])
        .tensor("c", "F16", &[2], [0; 4])
        .checkpoint("base");
    let tuned = FileBuilder::new()
        .tensor("b", "BF16", &[3], [0; 6])
        .tensor("c", "BF16", &[2], [0; 4])
        .tensor("d", "F16", &[2], [0; 4])
        .checkpoint("tuned");
    let Pairing { pairs, left_out, .. } = pair_tensors(&base, &tuned, None);
    assert_eq!(
        pairs.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        ["c"],
        "dtypes may differ"
    );
    let reasons: Vec<_> = left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("a", LeftOutReason::OnlyInBase),
            ("b", LeftOutReason::ShapeDiffers),
            ("d", LeftOutReason::OnlyInTuned)
        ]
    );
}

#[test]
fn stacked_experts_become_one_matrix_a_slice() {
    let experts = || {
        let name = "model.layers.1.mlp.experts.up_proj";
        FileBuilder::new()
            .tensor(name, "BF16", &[2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8])
            .checkpoint("experts")
    };
    let (base, tuned) = (experts(), experts());
    let pairs = pair_tensors(&base, &tuned, None).pairs;
    assert_eq!(pairs[1].name, "model.layers.1.mlp.experts.up_proj[1]");
    assert_eq!((pairs[1].shape.as_slice(), pairs[1].role.module), (&[1, 2][..], Module::Expert));
    let bytes = pollster::block_on(pairs[1].read_rows(Side::Tuned, 0..1)).expect("in range");
    assert_eq!(bytes, [5, 6, 7, 8]);
}

#[test]
fn sides_of_different_dtypes_are_read_in_one_that_holds_both() {
    // A stack, so that the second slice starts behind the first in either dtype: bf16 1, 2 | 3, 4
    // and f32 10, 20 | 30, 40.
    let shape = [2, 1, 2];
    let name = "mlp.experts.up_proj";
    let base = FileBuilder::new().bf16s(name, &shape, &[1.0, 2.0, 3.0, 4.0]).checkpoint("base");
    let tuned =
        FileBuilder::new().f32s(name, &shape, &[10.0, 20.0, 30.0, 40.0]).checkpoint("tuned");
    let Pairing { pairs, left_out, .. } = pair_tensors(&base, &tuned, None);
    assert!(left_out.is_empty(), "{left_out:?}");
    let second = &pairs[1];
    assert_eq!((second.dtype, second.bytes(), second.stored_bytes()), (Dtype::F32, 8, 12));
    assert_eq!(
        [second.stored(Side::Base).to_string(), second.stored(Side::Tuned).to_string()],
        ["BF16", "F32"]
    );
    let read = |side| pollster::block_on(second.read_rows(side, 0..1)).expect("in range");
    assert_eq!(
        (read(Side::Base), read(Side::Tuned)),
        (f32_bytes(&[3.0, 4.0]), f32_bytes(&[30.0, 40.0]))
    );
}

#[test]
fn layers_can_be_chosen() {
    let set = LayerSet::parse("0-1, 7").expect("a list");
    assert!(set.contains(1) && set.contains(7) && !set.contains(2));
    for wrong in ["", "a", "3-1", "1-"] {
        assert!(LayerSet::parse(wrong).is_err(), "{wrong}");
    }
    let one = || {
        open(vec![good("x.safetensors", "model.layers.2.mlp.up_proj.weight")]).expect("a good file")
    };
    let (base, tuned) = (one(), one());
    let Pairing { pairs, left_out, .. } = pair_tensors(&base, &tuned, Some(&set));
    assert!(pairs.is_empty());
    assert_eq!(left_out[0].reason, LeftOutReason::LayerNotSelected);
}

#[test]
fn shards_beyond_4_gib_are_read_where_usize_ends_there() {
    // A source that only knows its length: nobody holds 5 GB for a test.
    struct Long(Vec<u8>, u64);
    impl Source for Long {
        fn name(&self) -> &str {
            "long.safetensors"
        }
        fn len(&self) -> u64 {
            self.1
        }
        fn read(&self, range: std::ops::Range<u64>) -> crate::source::ReadFuture<'_> {
            Box::pin(async move { Ok(self.0[range.start as usize..range.end as usize].to_vec()) })
        }
    }
    let header = r#"{"x":{"dtype":"BF16","shape":[50000,50000],"data_offsets":[0,5000000000]}}"#;
    let bytes = file_bytes(header, &[]);
    let length = bytes.len() as u64 + 5_000_000_000;
    let checkpoint = open(vec![Rc::new(Long(bytes, length))]).expect("a long shard");
    assert_eq!(checkpoint.summarize().bytes, 5_000_000_000);
}
