//! Files that PyTorch wrote (tests/reference/make_torch_fixtures.py), and bytes that are no good
//! ones.

use super::*;
use crate::checkpoint::formats::torch::counting::peak_of;
use crate::checkpoint::formats::{self, is_weights};
use crate::checkpoint::kinds::Support;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::testing::{bytes_file, open};
use std::path::Path;

fn bytes(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/fixtures/torch");
    std::fs::read(folder.join(file)).expect("a fixture")
}

fn source(file: &str) -> Rc<dyn Source> {
    bytes_file(file, bytes(file))
}

fn read(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    pollster::block_on(formats::read_file(source))
}

/// Names, dtypes, shapes and bytes of tensors, by name.
fn contents(tensors: &[RawTensor]) -> Vec<(String, String, Vec<u64>, Vec<u8>)> {
    let mut all: Vec<_> = tensors
        .iter()
        .map(|t| {
            let bytes = pollster::block_on(t.read(0..t.elements())).expect("inside the file");
            (t.name.clone(), t.dtype.to_string(), t.shape.clone(), bytes)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_form_holds_what_safetensors_holds_to_the_bit() {
    let (safetensors, _) = read(&source("a.safetensors")).expect("a good file");
    let want = contents(&safetensors.tensors);
    assert_eq!(want.len(), 12);
    let shards = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"];
    let forms: [&[&str]; 5] =
        [&["flat.pt"], &["legacy.pth"], &["protocol4.pt"], &["training.ckpt"], &shards];
    for files in forms {
        let mut tensors = Vec::new();
        for file in files {
            let (read, left_out) = read(&source(file)).expect(file);
            assert!(left_out.is_empty() || *file == "training.ckpt", "{left_out:?}");
            tensors.extend(read.tensors);
        }
        assert_eq!(contents(&tensors), want, "{files:?}");
    }
}

#[test]
fn the_weights_of_a_training_state_are_found_and_the_rest_is_named() {
    let (_, left_out) = read(&source("training.ckpt")).expect("a good file");
    let mut listed: Vec<_> = left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    listed.sort_by_key(|(name, _)| *name);
    let not_used = |name| (name, LeftOutReason::NotUsed);
    assert_eq!(listed, ["averages", "loops", "optimizer_states"].map(not_used));
    let optimizer = left_out.iter().find(|l| l.name == "optimizer_states").expect("listed");
    assert_eq!(
        optimizer.detail,
        "2 tensors of training.ckpt here are not compared: the weights are taken from state_dict, \
        which holds most"
    );
}

#[test]
fn the_index_of_bin_shards_tells_which_are_missing() {
    let index = || source("pytorch_model.bin.index.json");
    let first = || source("pytorch_model-00001-of-00002.bin");
    let second = || source("pytorch_model-00002-of-00002.bin");
    let missing = |files| {
        let found = open("a", files).expect("good files");
        let problems = found.problems.iter();
        problems
            .filter(|p| p.reason == LeftOutReason::MissingShard && p.name.ends_with(".bin"))
            .count()
    };
    assert_eq!(missing(vec![first(), second(), index()]), 0);
    assert_eq!(missing(vec![first(), index()]), 1);
}

#[test]
fn tensors_of_other_kinds_are_refused_by_name() {
    let (file, left_out) = read(&source("kinds.pt")).expect("a good file");
    assert_eq!(file.tensors.len(), 1);
    let table = [
        ("quantized.weight", LeftOutReason::UnsupportedDtype, "quantized"),
        ("sparse.weight", LeftOutReason::UnsupportedDtype, "sparse"),
        ("meta.weight", LeftOutReason::BadFile, "meta tensor"),
        ("expanded.weight", LeftOutReason::BadFile, "repeats"),
        ("complex.weight", LeftOutReason::UnsupportedDtype, "torch.complex128"),
    ];
    assert_eq!(left_out.len(), table.len(), "{left_out:?}");
    for (name, reason, part) in table {
        let found = left_out.iter().find(|l| l.name == name).expect(name);
        assert!(found.reason == reason && found.detail.contains(part), "{found:?}");
    }
}

#[test]
fn files_that_can_not_be_read_are_refused_with_the_cause() {
    let flat = bytes("flat.pt");
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let table = [
        (bytes("module.pt"), "the class torch.nn.modules.linear.Linear"),
        (bytes("list.pt"), "no tensors by names"),
        (bytes("script.pt"), "TorchScript"),
        (bytes("compressed.pt"), "is compressed"),
        (bytes("legacy.pth")[..1500].to_vec(), "truncated"),
        (flat[..flat.len() - 1].to_vec(), "truncated"),
        (tar, "before 0.2"),
        (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "git lfs pull"),
        (bytes("a.safetensors"), "name it .safetensors"),
        (b"\x80\x02}.".to_vec(), "torch.save did not write"),
        (b"neither".to_vec(), "torch.save did not write"),
        (b"<html>".to_vec(), "a web page"),
        (Vec::new(), "empty"),
    ];
    for (bytes, part) in table {
        let why = match read(&bytes_file("a.pt", bytes)) {
            Ok((file, _)) => panic!("{} tensors, though {part}", file.tensors.len()),
            Err(error) => error.to_string(),
        };
        assert!(why.starts_with("a.pt: ") && why.contains(part), "{part}: {why}");
    }
}

#[test]
fn what_the_list_of_kinds_says_is_so() {
    for kind in KINDS {
        match kind.support {
            Support::Read => assert!(read(&source(kind.example)).is_ok(), "{kind:?}"),
            Support::Refused if kind.what.contains("tar") => {}
            Support::Refused => assert!(read(&source(kind.example)).is_err(), "{kind:?}"),
            Support::PassedOver => assert!(!is_weights(kind.example), "{kind:?}"),
        }
    }
}

#[test]
fn prefixes_and_changed_bytes_never_panic_nor_take_much_memory() {
    for file in ["flat.pt", "legacy.pth"] {
        let whole = bytes(file);
        let most = pickle::MOST_PER_BYTE * whole.len() + pickle::ALWAYS;
        let check = |bytes: Vec<u8>, what: &str, place: usize| {
            let source = bytes_file("a.pt", bytes);
            let peak = peak_of(|| {
                if let Ok((file, _)) = read(&source) {
                    contents(&file.tensors);
                }
            });
            assert!(peak < most, "{file}, {what} {place}: {peak} bytes at once");
        };
        for end in 0..whole.len() {
            check(whole[..end].to_vec(), "cut at", end);
        }
        for place in 0..whole.len() {
            for change in [1, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[place] ^= change;
                check(changed, "changed at", place);
            }
        }
    }
}
