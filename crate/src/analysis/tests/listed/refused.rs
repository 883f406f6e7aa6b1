//! Deltas that can't be read, or not without their base.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tests::listed::expected::{assert_shared, listed, report, tensor};
use crate::analysis::tests::listed::layouts::{add_list, prime, trl, zeros};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{FileBuilder, bytes_file, open};
use crate::error::Error;
use crate::figures::tensor::Status;
use crate::settings::Settings;
use std::collections::BTreeSet;

#[test]
fn runs_in_one_shape_or_not_at_all() {
    // A run that tells no shape takes that of one that does; two shapes can't be compared.
    let told = prime("told", &[("w", &[2, 3], vec![vec![0, 4]]), ("x", &[4], vec![vec![1]])]);
    let other = prime("other", &[("x", &[2, 2], vec![vec![2]])]);
    let untold = trl(
        "untold",
        &[("w", &[], vec![vec![4, 5]]), ("x", &[], vec![vec![0]]), ("y", &[], vec![vec![0]])],
    );
    let found = report(vec![told, other, untold]);
    assert_eq!(
        (tensor(&found, 2, "w").parameters, listed(&found, 2, "w").density),
        (6, Some(2.0 / 6.0))
    );
    assert_shared(&found.overlaps[0], &[&BTreeSet::from([0, 4]), &BTreeSet::from([4, 5])], Some(6));
    assert_eq!(
        (found.overlaps.len(), &found.overlaps[0].runs[..]),
        (1, &[0, 2][..]),
        "no tensor is in all three"
    );
    for (run, words) in
        [(0, "here it is [4]"), (1, "here it is [2, 2]"), (2, "no shape is told here")]
    {
        let [problem] = &found.runs[run].left_out[..] else {
            panic!("{:?}", found.runs[run].left_out)
        };
        assert_eq!((problem.name.as_str(), problem.reason), ("x", LeftOutReason::ShapeDiffers));
        assert!(
            problem.detail.contains(words) && problem.detail.contains("[4] and [2, 2]"),
            "{}",
            problem.detail
        );
    }
    assert!(found.runs[1].tensors.is_empty() && found.runs[1].model.listed.is_none());
    let model = found.runs[2].model.listed.as_ref().expect("a list");
    assert_eq!(
        (model.tensors, model.changed, model.parameters),
        (2, 3, None),
        "y is of unknown shape"
    );
}

#[test]
fn a_list_that_can_t_be_read_stops_no_other() {
    let bad = prime("bad", &[("w", &[2, 3], vec![vec![0, 6]]), ("x", &[4], vec![vec![1]])]);
    let good = || prime("good", &[("w", &[2, 3], vec![vec![0, 5]]), ("x", &[4], vec![vec![1]])]);
    let found = report(vec![good(), bad, good()]);
    let failed = tensor(&found, 1, "w");
    assert_eq!((failed.status, &failed.listed), (Status::Failed, &None));
    let error = failed.error.as_deref().unwrap_or_default();
    assert!(
        error.contains("w: rank_0.safetensors") && error.contains("lie below 6, but number 1 is 6"),
        "{error}"
    );
    assert_eq!(
        found.runs[1].left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect::<Vec<_>>(),
        [("w", LeftOutReason::Failed)]
    );
    assert_eq!(found.runs[1].model.listed.as_ref().map(|l| l.tensors), Some(1));
    let shared = &found.overlaps[0];
    assert_eq!(
        (shared.name.as_deref(), &shared.runs[..], &shared.exactly[..]),
        (Some("w"), &[0, 2][..], &[Some(4), Some(0), Some(2)][..])
    );
    assert_eq!(listed(&found, 2, "w").changed, 2);
    let descending =
        report(vec![trl("d", &[("w", &[], vec![vec![5, 4]]), ("x", &[], vec![vec![0]])])]);
    assert!(
        tensor(&descending, 0, "w").error.as_deref().is_some_and(|e| e.contains("must ascend"))
            && listed(&descending, 0, "x").changed == 1
    );
}

#[test]
fn headers_that_do_not_fit_are_left_out() {
    /// Dtype, number and bytes per number of a tensor of zeros.
    type Zeros = (&'static str, u64, u64);
    let add = |file: FileBuilder, name: &str, (dtype, count, size): Zeros| {
        file.tensor(name, dtype, &[count], vec![0; (count * size) as usize])
    };
    let delta = |indices: Zeros, values: Zeros| {
        let file = FileBuilder::new().metadata(r#"{"sparse":"True"}"#);
        let file = add(add(file, "w.indices", indices), "w.values", values);
        let file = add_list(file, "x", &[0], (".indices", ".values"));
        open("d", vec![file.source("d.safetensors")]).expect("a good file")
    };
    for (indices, values, words) in [
        (("U16", 1, 2), ("BF16", 1, 2), "U16"),
        (("I32", 2, 4), ("BF16", 1, 2), "[2]"),
        (("I32", 1, 4), ("U8", 1, 1), "U8"),
    ] {
        let found = report(vec![delta(indices, values)]);
        let [problem] = &found.runs[0].left_out[..] else { panic!("{:?}", found.runs[0].left_out) };
        assert!(
            problem.reason == LeftOutReason::BadDelta && problem.detail.contains(words),
            "{problem:?}"
        );
        assert_eq!(listed(&found, 0, "x").changed, 1);
    }
    let found = report(vec![prime(
        "p",
        &[
            ("empty", &[0, 4], vec![vec![]]),
            ("huge", &[1 << 40, 1 << 40], vec![vec![0]]),
            ("long", &[1 << 50, 2], vec![vec![0]]),
            ("wide", &[4, 1 << 20, 1 << 20], vec![vec![0]]),
            ("mlp.experts.many", &[1_000_000_000_000, 2, 2], vec![vec![0]]),
            ("w", &[2], vec![vec![0]]),
        ],
    )]);
    let reasons: Vec<_> =
        found.runs[0].left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("empty", LeftOutReason::Empty),
            ("huge", LeftOutReason::BadDelta),
            ("long", LeftOutReason::BadDelta),
            ("mlp.experts.many", LeftOutReason::BadDelta),
            ("wide", LeftOutReason::BadDelta)
        ]
    );
    // Rows and columns are counted one by one: a short manifest must not ask for them.
    let long = found.runs[0].left_out.iter().filter(|l| l.detail.contains("give the base"));
    assert_eq!(long.count(), 3);
    // Nor for slices.
    let names: Vec<String> = (0..20).map(|i| format!("layers.{i}.experts.w")).collect();
    let shape = [1 << 14, 1, 1];
    let stacks: Vec<(&str, &[u64], _)> =
        names.iter().map(|name| (&**name, &shape[..], vec![vec![0]])).collect();
    let found = Inputs::new(None, vec![prime("p", &stacks)], None)
        .and_then(|inputs| plan(&inputs, &Settings::default()))
        .expect("some are read");
    assert_eq!(found.tasks.len(), 1 << 18);
    assert_eq!(found.runs[0].left_out.len(), 4);
}

#[test]
fn what_says_nothing_without_a_base_is_refused() {
    let error =
        |tuned: Vec<Checkpoint>, fisher: Option<Checkpoint>| match Inputs::new(None, tuned, fisher)
        {
            Err(Error::NeedsBase { file, what }) => format!("{file}: {what}"),
            other => panic!("not refused: {:?}", other.err()),
        };
    let delta = || trl("d", &[("w", &[], vec![vec![0]])]);
    let whole = || zeros(&[("w", &[2])]);
    let found = error(vec![delta(), whole()], None);
    assert!(
        found.contains("base: it is a whole checkpoint") && found.contains("trained from"),
        "{found}"
    );
    let found = error(vec![delta()], Some(whole()));
    assert!(found.contains("Fisher") && found.contains("give the base"), "{found}");
    let adapter = bytes_file("adapter_config.json", r#"{"peft_type":"LORA","r":1,"lora_alpha":1}"#);
    let factors = FileBuilder::new()
        .bf16s("base_model.model.m.lora_A.weight", &[1, 1], &[0.0])
        .source("adapter_model.safetensors");
    let found = error(vec![open("a", vec![adapter, factors]).expect("an adapter")], None);
    assert!(found.contains("LoRA") && found.contains("give the model"), "{found}");
    let frame = ruzstd::encoding::compress_to_vec(
        &[0u8; 4][..],
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let index = r#"{"metadata":{"version":"12","base_version":"11","delta_encoding":"xor",
"compression_format":"zstd"},"weight_map":{"w":"m.safetensors"}}"#;
    let file =
        FileBuilder::new().tensor("w", "U8", &[frame.len() as u64], frame).source("m.safetensors");
    let bytes = open("s", vec![file, bytes_file("model.safetensors.index.json", index)])
        .expect("good files");
    let found = error(vec![bytes], None);
    assert!(found.contains("changed bytes") && found.contains("version 11 as the base"), "{found}");
}
