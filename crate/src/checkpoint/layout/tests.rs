//! Which files of a folder are chosen, and what is said of the others.

use crate::checkpoint::layout::{choose_weights, may_hold_weights};
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{FileBuilder, bytes_file};
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n";

/// A file of this name: an index of the shards after `=`, a pointer after `!`, else weights.
fn file(text: &str) -> Rc<dyn Source> {
    if let Some((name, shards)) = text.split_once('=') {
        let map: Vec<_> =
            shards.split(',').enumerate().map(|(i, s)| format!(r#""t{i}":"{s}""#)).collect();
        return bytes_file(name, format!(r#"{{"weight_map":{{{}}}}}"#, map.join(",")));
    }
    match text.strip_prefix('!') {
        Some(name) => bytes_file(name, POINTER),
        None => FileBuilder::new().f32s("w", &[1], &[1.0]).source(text),
    }
}

fn choose(names: &[&str]) -> Result<(Vec<String>, Vec<String>), Error> {
    let files: Vec<_> = names.iter().map(|name| file(name)).collect();
    let layout = pollster::block_on(choose_weights("m", &files))?;
    let unused = layout.left_out.iter().filter(|l| l.reason == LeftOutReason::NotUsed);
    let chosen = layout.weights.iter().map(|w| w.name().to_string());
    Ok((chosen.collect(), unused.map(|l| l.name.clone()).collect()))
}

const TWO: [&str; 2] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

#[test]
fn one_set_is_chosen_and_the_others_are_named() {
    let [a, b] = TWO;
    let index = format!("model.safetensors.index.json={a},{b}");
    let stale = "model.safetensors.index.json=model-00001-of-00030.safetensors,\
                 model-00002-of-00030.safetensors";
    // Names of files; the chosen ones; those that are not used.
    let cases: &[(&[&str], &[&str], &[&str])] = &[
        (&["model.safetensors", a, b, &index], &["model.safetensors"], &[a, b]),
        (&["!model.safetensors", a, b], &[a, b], &["model.safetensors"]),
        (&[a, "model.safetensors"], &["model.safetensors"], &[a]),
        (&[a, b, stale], &[a, b], &[]),
        (
            &[a, b, "model-00001-of-00030.safetensors", stale],
            &[a, b],
            &["model-00001-of-00030.safetensors"],
        ),
        (&["consolidated.safetensors", a, b], &[a, b], &["consolidated.safetensors"]),
        (&["consolidated.safetensors", a], &["consolidated.safetensors"], &[a]),
        (&[a, b, "mtp.safetensors", &index], &[a, b], &["mtp.safetensors"]),
        (
            &[a, b, "mtp.safetensors", &format!("{index},mtp.safetensors")],
            &[a, b, "mtp.safetensors"],
            &[],
        ),
        (
            &["model.fp16.safetensors", "MODEL.safetensors", "ema_model.safetensors"],
            &["MODEL.safetensors"],
            &["model.fp16.safetensors", "ema_model.safetensors"],
        ),
        (
            &["diffusion_pytorch_model.non_ema.safetensors"],
            &["diffusion_pytorch_model.non_ema.safetensors"],
            &[],
        ),
        (
            &["adapter_model.safetensors", "model.safetensors"],
            &["model.safetensors"],
            &["adapter_model.safetensors"],
        ),
        (
            &["adapter_model.safetensors", "value_head.safetensors"],
            &["adapter_model.safetensors"],
            &["value_head.safetensors"],
        ),
        (
            &["optimizer.safetensors", "model.safetensors", "optimizer.pt", "pytorch_model.bin"],
            &["model.safetensors"],
            &["optimizer.safetensors", "pytorch_model.bin"],
        ),
        // transformers loads the pickle: it looks for none of the others.
        (
            &["consolidated.safetensors", "pytorch_model.bin"],
            &["pytorch_model.bin"],
            &["consolidated.safetensors"],
        ),
        (
            &["model.fp16.safetensors", "pytorch_model.bin"],
            &["pytorch_model.bin"],
            &["model.fp16.safetensors"],
        ),
        (&[a, b, "pytorch_model.bin"], &["pytorch_model.bin"], &[a, b]),
        (&[a, b, &index, "pytorch_model.bin"], &[a, b], &["pytorch_model.bin"]),
        (&["exp_avg_sq.safetensors"], &["exp_avg_sq.safetensors"], &[]),
        (
            &["model.safetensors", "original/model.safetensors", "original/x.safetensors"],
            &["model.safetensors"],
            &["original/"],
        ),
        (
            &["rank_0.safetensors", "rank_1.safetensors"],
            &["rank_0.safetensors", "rank_1.safetensors"],
            &[],
        ),
        (
            &["model.safetensors.index.json=../model.safetensors,/etc/x", "model.safetensors"],
            &["model.safetensors"],
            &[],
        ),
    ];
    for (names, chosen, unused) in cases {
        let found = choose(names).unwrap_or_else(|e| panic!("{names:?}: {e}"));
        let expected: [Vec<String>; 2] =
            [chosen, unused].map(|n| n.iter().map(|n| n.to_string()).collect());
        assert_eq!([found.0, found.1], expected, "{names:?}");
    }
}

#[test]
fn where_nothing_tells_which_set_is_meant_both_are_named() {
    let three =
        ["model-1-of-3.safetensors", "model-2-of-3.safetensors", "model-3-of-3.safetensors"];
    let error = choose(&[&TWO[..], &three].concat()).expect_err("two sets").to_string();
    assert!(error.contains(TWO[0]) && error.contains(three[0]), "{error}");
    let index = format!("model.safetensors.index.json={}", three.join(","));
    let (chosen, _) = choose(&[&TWO[..], &three, &[&index]].concat()).expect("the index tells");
    assert_eq!(chosen, three);
}

#[test]
fn what_is_no_safetensors_is_named_with_what_to_do() {
    for (names, words) in [
        (&["pytorch_model_fsdp_0/__0_0.distcp", "optimizer.pt"][..], "accelerate merge-weights"),
        (&["pytorch_model.bin"], "save_pretrained"),
        (&["zero_pp_rank_0_mp_rank_00_optim_states.pt"], "zero_to_fp32.py"),
        (&["model_world_size_2_rank_0.pt", "config.json"], "verl.model_merger"),
        (&["a.gguf"], "made from"),
        (&["tf_model.h5", "config.json"], "but tf_model.h5: weights of TensorFlow"),
        (&["all.zip"], "but an archive: unpack it"),
        (&["model.safetensors.index.json=a", "config.json=x"], "none of the shards: add them"),
        (&["README.md"], "found: README.md"),
        (&[], "empty"),
    ] {
        // Some of these formats may be read.
        if names.iter().any(|name| may_hold_weights(name)) {
            continue;
        }
        let error = choose(names).expect_err("no weights").to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn shards_that_their_numbers_tell_of_are_missed() {
    let files = vec![file(TWO[1]), file("config.json=x")];
    let layout = pollster::block_on(choose_weights("m", &files)).expect("a shard");
    let missing: Vec<_> = layout.left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    assert_eq!(missing, [(TWO[0], LeftOutReason::MissingShard)]);
    let alone = pollster::block_on(choose_weights("m", &files[..1])).expect("a shard");
    assert!(alone.left_out.is_empty(), "{:?}", alone.left_out);
}

#[test]
fn the_page_has_the_same_rules_for_names() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/unit/weights-names.json");
    let text = std::fs::read_to_string(path).expect("the list of names");
    let names: std::collections::BTreeMap<String, bool> =
        serde_json::from_str(&text).expect("names with what they are");
    assert!(names.len() > 40);
    for (name, holds) in names {
        assert_eq!(may_hold_weights(&name), holds, "{name}");
    }
}
