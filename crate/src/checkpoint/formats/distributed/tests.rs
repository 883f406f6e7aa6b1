use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::checkpoint::testing::{FileBuilder, bytes_file, f32_bytes, open};
use crate::checkpoint::{Checkpoint, RawTensor};
use crate::source::{FileSource, Source};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Two slices of a matrix, and a vector that one rank holds.
fn slice(file: &str, first: u64, last: u64, offset: u64) -> Rc<dyn Source> {
    let places =
        format!(r#"{{"w":{{"saved_offsets":[{offset},0]}},"norm":{{"saved_offsets":[0]}}}}"#);
    let metadata = format!(r#"{{"DCP_SHARDING_INFO":{places:?}}}"#);
    let values: Vec<f32> = (first * 2..last * 2).map(|n| n as f32).collect();
    let builder = FileBuilder::new().metadata(&metadata).f32s("w", &[last - first, 2], &values);
    let builder = if offset == 0 { builder.f32s("norm", &[2], &[8.0, 9.0]) } else { builder };
    builder.source(file)
}

fn read(checkpoint: &Checkpoint, name: &str) -> Vec<u8> {
    let raw = checkpoint.raw.iter().find(|raw| raw.name == name).expect("a tensor of this name");
    pollster::block_on(raw.read(0..raw.elements())).expect("its bytes")
}

#[test]
fn joins_slices_by_their_offsets() {
    let files = vec![slice("shard-00001.safetensors", 0, 3, 0), slice("b.safetensors", 3, 5, 3)];
    let checkpoint = open("run", files).expect("slices that fit");
    assert_eq!(checkpoint.problems, []);
    let shape = |name: &str| checkpoint.get(name).expect("joined").shape.clone();
    assert_eq!((shape("w"), shape("norm")), (vec![5, 2], vec![2]));
    let values: Vec<f32> = (0..10).map(|n| n as f32).collect();
    assert_eq!(read(&checkpoint, "w"), f32_bytes(&values));
    assert_eq!(read(&checkpoint, "norm"), f32_bytes(&[8.0, 9.0]));
}

#[test]
fn says_which_slices_make_no_whole() {
    let cases = [
        (vec![slice("a.safetensors", 0, 2, 0), slice("b.safetensors", 3, 5, 3)], "8 of 10"),
        (vec![slice("a.safetensors", 0, 3, 0), slice("b.safetensors", 2, 5, 2)], "overlap"),
        (vec![slice("a.safetensors", 3, 5, u64::MAX)], "no place that fits"),
    ];
    for (files, message) in cases {
        let names: Vec<_> = files.iter().map(|file| file.name().to_owned()).collect();
        match open("run", files) {
            Ok(checkpoint) => {
                let problem = &checkpoint.problems[0];
                assert_eq!(problem.name, "w");
                assert!(problem.detail.contains(message), "{names:?}: {}", problem.detail);
                assert!(checkpoint.get("w").is_none());
            }
            Err(error) => assert!(error.to_string().contains(message), "{names:?}: {error}"),
        }
    }
    let text = FileBuilder::new().metadata(r#"{"DCP_SHARDING_INFO":"[]"}"#);
    let Err(error) = open("run", vec![text.f32s("w", &[1], &[1.0]).source("a.safetensors")]) else {
        panic!("offsets that are none are taken");
    };
    assert!(error.to_string().contains("does not tell where slices start"), "{error}");
}

/// The fixtures that PyTorch wrote (tests/reference/make_distributed.py).
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/fixtures/distributed")
}

/// The files of a fixture's folder, in no order that matters.
fn files_of(folder: &str) -> Vec<Rc<dyn Source>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(fixtures().join(folder))
        .expect("the fixture's folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort_by_key(|path| std::cmp::Reverse(path.clone()));
    let open = |path: &PathBuf| -> Rc<dyn Source> {
        let name = path.file_name().expect("a name").to_string_lossy();
        Rc::new(FileSource::open(path, &name).expect("the fixture's file"))
    };
    paths.iter().map(open).collect()
}

#[test]
fn reads_what_pytorch_s_ranks_wrote_to_the_bit() {
    let whole = open("whole", files_of("whole")).expect("the whole weights");
    for folder in ["dcp_safetensors", "dtensor", "hybrid", "parallel", "sharded_tensor", "dcp"] {
        let joined = open(folder, files_of(folder)).expect(folder);
        let errors: Vec<_> = joined.problems.iter().filter(|p| p.reason.is_error()).collect();
        assert!(errors.is_empty(), "{folder}: {errors:?}");
        assert_eq!(joined.tensors.len(), whole.tensors.len(), "{folder}");
        for tensor in &whole.tensors {
            let name = &tensor.name;
            let same = joined.get(name).unwrap_or_else(|| panic!("{folder}: {name}"));
            assert_eq!((&same.shape, same.stored), (&tensor.shape, tensor.stored), "{name}");
            assert_eq!(read(&joined, name), read(&whole, name), "{folder}: {name}");
        }
    }
    let dcp = open("dcp", files_of("dcp")).expect("the folder");
    let passed: Vec<_> = dcp.problems.iter().map(|p| (p.name.as_str(), p.reason)).collect();
    assert_eq!(passed, [("optimizer", LeftOutReason::NotUsed)]);
}

/// A fixture's files without those whose names end so.
fn files_without(folder: &str, end: &str) -> Vec<Rc<dyn Source>> {
    files_of(folder).into_iter().filter(|file| !file.name().ends_with(end)).collect()
}

#[test]
fn joins_nothing_where_a_part_is_missing() {
    let cases = [
        ("dtensor", "_1.pt", "model_world_size_3_rank_1.pt was not given: 2 of 3 ranks"),
        ("sharded_tensor", "_0.pt", "model_world_size_3_rank_0.pt was not given"),
        ("dcp", ".metadata", ".metadata was not given"),
    ];
    for (folder, end, message) in cases {
        let Err(error) = open(folder, files_without(folder, end)) else {
            panic!("{folder} is read without {end}");
        };
        assert!(error.to_string().contains(message), "{error}");
    }
    // Tensors that have no part in the missing file are read.
    let dcp = open("dcp", files_without("dcp", "__0_0.distcp")).expect("what is whole");
    let missing = |p: &&LeftOut| p.reason == LeftOutReason::MissingShard;
    let missing: Vec<_> = dcp.problems.iter().filter(missing).collect();
    assert!(missing.iter().all(|p| p.detail.contains("__0_0.distcp, which was not given")));
    assert_eq!(dcp.tensors.len() + missing.len(), 5);
    assert!(dcp.get("model.embed_tokens.weight").is_none());
}

#[test]
fn uses_the_one_save_that_is_complete() {
    let rename = |file: &Rc<dyn Source>, name: &str| -> Rc<dyn Source> {
        let bytes = pollster::block_on(file.read(0..file.len())).expect("its bytes");
        bytes_file(name, bytes)
    };
    let files = files_of("dtensor");
    let rank = files.iter().find(|file| file.name().ends_with("_0.pt")).expect("a rank");
    let older = rename(rank, "model_world_size_2_rank_0.pt");
    let both = [&files[..], std::slice::from_ref(&older)].concat();
    let checkpoint = open("run", both).expect("the complete save");
    assert_eq!(checkpoint.tensors.len(), 5);
    assert!(checkpoint.problems.iter().any(|p| p.name == older.name()));
    let second = rename(rank, "model_world_size_2_rank_1.pt");
    let Err(error) = open("run", [&files[..], &[older, second]].concat()) else {
        panic!("two saves are taken for one");
    };
    assert!(error.to_string().contains("two saves"), "{error}");
}

#[test]
fn says_what_a_folder_that_is_not_read_holds() {
    let junk = [b"PK\x03\x04".as_slice(), &[0; 60]].concat();
    let cases: [(&[&str], &str); 6] = [
        (
            &["pytorch_model_fsdp_0/.metadata", "pytorch_model_fsdp_0/__0_0.distcp"],
            "accelerate merge-weights",
        ),
        (&["pytorch_model_fsdp_0/__0_0.distcp"], "fsdp_0/.metadata was not given"),
        (&["zero_pp_rank_0_mp_rank_00_model_states.pt"], "zero_to_fp32.py"),
        (&["mp_rank_00/model_optim_rng.pt", "mp_rank_01/model_optim_rng.pt"], "Megatron-Bridge"),
        (&["pytorch_model_fsdp_rank0.bin"], "SHARDED_STATE_DICT"),
        (&["model_world_size_1_rank_0.pt"], "Without this rank's part"),
    ];
    for (names, message) in cases {
        let files = names.iter().map(|name| bytes_file(name, junk.clone())).collect();
        let Err(error) = open("run", files) else { panic!("{names:?} are read") };
        assert!(error.to_string().contains(message), "{names:?}: {error}");
    }
}

#[test]
fn damaged_files_are_errors_and_never_panics() {
    let damage = |folder: &str, end: &str| {
        let mut files = files_of(folder);
        let place = files.iter().position(|f| f.name().ends_with(end)).expect("the file");
        let name = files[place].name().to_owned();
        let bytes = pollster::block_on(files[place].read(0..files[place].len())).expect("bytes");
        let mut rest = Vec::new();
        for file in &files {
            let bytes = pollster::block_on(file.read(0..file.len())).expect("bytes");
            rest.push(bytes_file(file.name(), bytes));
        }
        files = rest;
        let mut outcomes = [0, 0];
        let mut attempt = |bytes: Vec<u8>| {
            files[place] = bytes_file(&name, bytes);
            let Ok(opened) = open(folder, files.clone()) else {
                outcomes[1] += 1;
                return;
            };
            let is_error = |p: &LeftOut| p.reason.is_error();
            let read = |raw: &RawTensor| pollster::block_on(raw.read(0..raw.elements())).is_err();
            let failed = opened.raw.iter().filter(|raw| read(raw)).count();
            outcomes[usize::from(failed > 0 || opened.problems.iter().any(is_error))] += 1;
        };
        for at in (0..bytes.len()).step_by(11) {
            let mut changed = bytes.clone();
            changed[at] ^= if at % 2 == 0 { 0xff } else { 1 };
            attempt(changed);
        }
        for length in (0..bytes.len()).step_by(211) {
            attempt(bytes[..length].to_vec());
        }
        assert!(outcomes.iter().all(|count| *count > 0), "{folder}: {outcomes:?}");
    };
    damage("parallel", "rank_1.pt");
    damage("sharded_tensor", "rank_1.pt");
    damage("dcp", ".metadata");
    damage("dcp", "__1_0.distcp");
}
