//! Names, heads and rows of two checkpoints that find each other.

use crate::checkpoint::names::renaming::RenamedSide;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::{Pairing, Side, pair_renamed, pair_tensors};
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{FileBuilder, bytes_file, f32_bytes, open};

/// A checkpoint of F32 tensors, whose elements count on from the place of each, and its config.
fn checkpoint(tensors: &[(&str, &[u64])], config: &str) -> Checkpoint {
    let mut file = FileBuilder::new();
    for (i, (name, shape)) in tensors.iter().enumerate() {
        let count = shape.iter().product::<u64>();
        let values: Vec<f32> = (0..count).map(|j| (100 * i as u64 + j) as f32).collect();
        file = file.f32s(name, shape, &values);
    }
    let files = vec![file.source("model.safetensors"), bytes_file("config.json", config)];
    open("made", files).expect("a good checkpoint")
}

fn names(pairing: &Pairing) -> Vec<&str> {
    pairing.pairs.iter().map(|p| p.name.as_str()).collect()
}

fn left_out(pairing: &Pairing) -> Vec<(&str, LeftOutReason)> {
    pairing.left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect()
}

const MATRIX: &[u64] = &[2, 3];

#[test]
fn wrappers_and_prefixes_of_both_sides_are_told() {
    let base = checkpoint(&[("module.model.layers.0.w", MATRIX), ("module.model.n", &[3])], "{}");
    let tuned = checkpoint(
        &[
            ("_orig_mod.model.text.layers.0.w", MATRIX),
            ("_orig_mod.model.text.n", &[3]),
            ("_orig_mod.model.visual.w", MATRIX),
        ],
        "{}",
    );
    let found = pair_tensors(&base, &tuned, None);
    assert_eq!(names(&found), ["model.layers.0.w", "model.n"]);
    assert_eq!(left_out(&found), [("model.visual.w", LeftOutReason::OnlyInTuned)]);
    let told: Vec<_> = found
        .renamings
        .iter()
        .map(|r| (r.side, r.from.as_str(), r.to.as_str(), r.tensors))
        .collect();
    assert_eq!(
        told,
        [
            (RenamedSide::Base, "module.", "", 2),
            (RenamedSide::Tuned, "_orig_mod.", "", 3),
            (RenamedSide::Tuned, "model.text.", "model.", 2),
        ]
    );
    assert_eq!((found.coverage.base, found.coverage.compared, found.coverage.tuned), (9, 9, 15));
}

#[test]
fn a_user_decides_between_two_towers() {
    let base = checkpoint(&[("layers.0.w", MATRIX)], "{}");
    let tuned = checkpoint(&[("a.layers.0.w", MATRIX), ("b.layers.0.w", MATRIX)], "{}");
    let unsure = pair_tensors(&base, &tuned, None);
    assert!(names(&unsure).is_empty());
    assert!(unsure.left_out[1].detail.contains("fit equally well"), "{:?}", unsure.left_out);
    let asked = [["b.".to_string(), String::new()]];
    let found = pair_renamed(&base, &tuned, None, &asked);
    assert_eq!(names(&found), ["layers.0.w"]);
    let read = pollster::block_on(found.pairs[0].read_rows(Side::Tuned, 0..1)).expect("in range");
    assert_eq!(read, f32_bytes(&[100.0, 101.0, 102.0]));
    assert_eq!(left_out(&found), [("a.layers.0.w", LeftOutReason::OnlyInTuned)]);
    assert_eq!(found.renamings[0].example, ["b.layers.0.w", "layers.0.w"]);
}

#[test]
fn rows_that_both_have_are_compared() {
    let base = checkpoint(
        &[
            ("lm_head.bias", &[4]),
            ("lm_head.weight", &[4, 3]),
            ("model.embed_tokens.weight", &[4, 3]),
            ("model.layers.0.mlp.up_proj.weight", &[4, 3]),
        ],
        "{}",
    );
    let tuned = checkpoint(
        &[
            ("lm_head.bias", &[6]),
            ("lm_head.weight", &[6, 3]),
            ("model.embed_tokens.weight", &[3, 3]),
            ("model.layers.0.mlp.up_proj.weight", &[6, 3]),
        ],
        "{}",
    );
    let found = pair_tensors(&base, &tuned, None);
    let shapes: Vec<_> = found.pairs.iter().map(|p| p.shape.as_slice()).collect();
    assert_eq!(shapes, [&[4][..], &[4, 3], &[3, 3]]);
    let details: Vec<_> = found.left_out.iter().map(|l| (l.reason, l.detail.as_str())).collect();
    use LeftOutReason::{RowsDiffer, ShapeDiffers};
    assert_eq!(
        details,
        [
            (RowsDiffer, "rows 4–5 are only in the tuned checkpoint: the first 4 are compared"),
            (RowsDiffer, "rows 4–5 are only in the tuned checkpoint: the first 4 are compared"),
            (RowsDiffer, "row 3 is only in the base: the first 3 are compared"),
            (ShapeDiffers, "base [4, 3], tuned [6, 3]"),
        ]
    );
    assert_eq!((found.coverage.base, found.coverage.compared), (40, 25));
    let last = pollster::block_on(found.pairs[1].read_rows(Side::Tuned, 3..4)).expect("in range");
    assert_eq!(last, f32_bytes(&[109.0, 110.0, 111.0]));
}

#[test]
fn a_tied_head_is_the_embedding() {
    let untied: &[(&str, &[u64])] =
        &[("lm_head.weight", &[4, 3]), ("model.embed_tokens.weight", &[4, 3])];
    let tied = &untied[1..];
    let (yes, no) = (r#"{"tie_word_embeddings": true}"#, r#"{"tie_word_embeddings": false}"#);
    let values = |found: &Pairing, side| {
        let head = found.pairs.iter().find(|p| p.name == "lm_head.weight").expect("a head");
        pollster::block_on(head.read_rows(side, 0..1)).expect("in range")
    };
    let first = |start: f32| f32_bytes(&[start, start + 1.0, start + 2.0]);

    let found = pair_tensors(&checkpoint(tied, yes), &checkpoint(untied, no), None);
    assert_eq!(names(&found), ["model.embed_tokens.weight", "lm_head.weight"]);
    assert_eq!((values(&found, Side::Base), values(&found, Side::Tuned)), (first(0.0), first(0.0)));
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    assert_eq!((found.coverage.base, found.coverage.compared), (12, 12), "counted once");
    let told = &found.renamings[0];
    assert_eq!((told.side, told.from.as_str()), (RenamedSide::Base, "model.embed_tokens.weight"));

    let found = pair_tensors(&checkpoint(untied, no), &checkpoint(tied, yes), None);
    assert_eq!(names(&found), ["lm_head.weight", "model.embed_tokens.weight"]);
    assert_eq!((found.coverage.base, found.coverage.compared), (24, 24));
    assert_eq!(found.renamings[0].side, RenamedSide::Tuned);

    for config in [no, "{}"] {
        let found = pair_tensors(&checkpoint(tied, config), &checkpoint(untied, no), None);
        assert_eq!(left_out(&found), [("lm_head.weight", LeftOutReason::OnlyInTuned)]);
        let told = found.left_out[0].detail.contains("config.json");
        assert_eq!(told, config == "{}", "{:?}", found.left_out);
    }
}
