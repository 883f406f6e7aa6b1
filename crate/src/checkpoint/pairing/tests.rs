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
fn what_is_no_weight_on_both_sides_is_listed_once() {
    let base = checkpoint(&[("w", MATRIX), ("rotary_emb.inv_freq", &[2])], "{}");
    let tuned =
        checkpoint(&[("w", MATRIX), ("rotary_emb.inv_freq", &[2]), ("h.masked_bias", &[])], "{}");
    let told: Vec<_> = pair_tensors(&base, &tuned, None)
        .left_out
        .into_iter()
        .map(|l| (l.name, l.detail.split_once(':').map(|(place, _)| place.to_string())))
        .collect();
    let one = |name: &str, place: &str| (name.to_string(), Some(place.to_string()));
    assert_eq!(
        told,
        [
            one("rotary_emb.inv_freq", "in both checkpoints"),
            one("h.masked_bias", "in the tuned checkpoint")
        ]
    );
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

#[test]
fn a_head_that_an_adapter_holds_whole_is_compared_with_the_tied_embedding() {
    let embedding = FileBuilder::new().f32s("model.embed_tokens.weight", &[2, 2], &[1.0; 4]);
    let config = bytes_file("config.json", r#"{"tie_word_embeddings": true}"#);
    let base = open("base", vec![embedding.source("model.safetensors"), config]).expect("a base");
    let head = FileBuilder::new().f32s("base_model.model.lm_head.weight", &[2, 2], &[2.0; 4]);
    let config = bytes_file("adapter_config.json", r#"{"peft_type": "LORA", "r": 1}"#);
    let files = vec![head.source("adapter_model.safetensors"), config];
    let found = pair_tensors(&base, &open("adapter", files).expect("an adapter"), None);
    assert_eq!(names(&found), ["lm_head.weight"]);
    assert_eq!(left_out(&found), [("model.embed_tokens.weight", LeftOutReason::NotAdapted)]);
}

/// Elements of one side of all pairs, by name, read as rows.
fn read_all(found: &Pairing, side: Side) -> Vec<(&str, Vec<u8>)> {
    let read = |p: &crate::checkpoint::pairing::Pair| {
        pollster::block_on(p.read_rows(side, 0..p.rows())).expect("in range")
    };
    let mut all: Vec<_> = found.pairs.iter().map(|p| (p.name.as_str(), read(p))).collect();
    all.sort();
    all
}

/// Two experts of 2 × 3 and 3 × 2 in one tensor each; `up` and so on are the words of the names.
fn experts_apart(words: [&str; 3], parent: &str) -> Vec<(String, Vec<u64>, Vec<f32>)> {
    let mut all = Vec::new();
    for expert in 0..2u8 {
        for (i, word) in words.iter().enumerate() {
            let start = f32::from(expert) * 100.0 + i as f32 * 10.0;
            let values = (0..6u8).map(|j| start + f32::from(j)).collect();
            let shape = if i == 2 { vec![3, 2] } else { vec![2, 3] };
            all.push((format!("{parent}.experts.{expert}.{word}.weight"), shape, values));
        }
    }
    all
}

/// The same experts stacked: gate and up fused, or their transposes.
fn experts_stacked(transposed: bool) -> Vec<(String, Vec<u64>, Vec<f32>)> {
    let apart = experts_apart(["g", "u", "d"], "x");
    let turn = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
        (0..columns).flat_map(|c| (0..rows).map(move |r| values[r * columns + c])).collect()
    };
    let (mut fused, mut down) = (Vec::new(), Vec::new());
    for expert in apart.chunks(3) {
        let both = [expert[0].2.clone(), expert[1].2.clone()].concat();
        fused.extend(if transposed { turn(&both, 4, 3) } else { both });
        down.extend(if transposed { turn(&expert[2].2, 3, 2) } else { expert[2].2.clone() });
    }
    let (of_fused, of_down) =
        if transposed { (vec![2, 3, 4], vec![2, 2, 3]) } else { (vec![2, 4, 3], vec![2, 3, 2]) };
    vec![
        ("layers.0.mlp.experts.gate_up_proj".into(), of_fused, fused),
        ("layers.0.mlp.experts.down_proj".into(), of_down, down),
    ]
}

fn of_values(tensors: &[(String, Vec<u64>, Vec<f32>)], config: &str) -> Checkpoint {
    let mut file = FileBuilder::new();
    for (name, shape, values) in tensors {
        file = file.f32s(name, shape, values);
    }
    let files = vec![file.source("model.safetensors"), bytes_file("config.json", config)];
    open("made", files).expect("a good checkpoint")
}

#[test]
fn experts_are_compared_however_they_are_stacked() {
    let apart =
        || of_values(&experts_apart(["gate_proj", "up_proj", "down_proj"], "layers.0.mlp"), "{}");
    let mixtral = of_values(&experts_apart(["w1", "w3", "w2"], "layers.0.block_sparse_moe"), "{}");
    let stacked = |transposed| of_values(&experts_stacked(transposed), "{}");
    let prefixed: Vec<_> = experts_stacked(true)
        .into_iter()
        .chain([("layers.0.w".to_string(), vec![2], vec![1.0, 2.0])])
        .map(|(name, shape, values)| (format!("text.{name}"), shape, values))
        .collect();
    let mut with_norm = experts_apart(["gate_proj", "up_proj", "down_proj"], "layers.0.mlp");
    with_norm.push(("layers.0.w".into(), vec![2], vec![1.0, 2.0]));
    for (base, tuned) in [
        (apart(), stacked(false)),
        (apart(), stacked(true)),
        (stacked(false), apart()),
        (stacked(true), apart()),
        (stacked(true), stacked(false)),
        (stacked(false), stacked(true)),
        (
            stacked(false),
            of_values(&experts_apart(["w1", "w3", "w2"], "layers.0.block_sparse_moe"), "{}"),
        ),
        (mixtral, stacked(true)),
        (of_values(&with_norm, "{}"), of_values(&prefixed, "{}")),
    ] {
        let found = pair_tensors(&base, &tuned, None);
        assert!(found.left_out.is_empty(), "{:?}", found.left_out);
        let elements = found.coverage.base;
        assert_eq!((found.coverage.compared, found.coverage.tuned), (elements, elements));
        assert_eq!(read_all(&found, Side::Base), read_all(&found, Side::Tuned));
        assert!(found.pairs.iter().all(|p| base.get(&p.name).is_some() || p.name.ends_with(']')));
        assert!(found.renamings.iter().any(|r| r.from.contains("experts.")));
    }
    let told = pair_tensors(&apart(), &stacked(false), None).renamings;
    let fused = told.iter().find(|r| r.from == "experts.gate_up_proj").expect("a rule");
    assert_eq!(fused.to, "experts.{e}.gate_proj.weight, experts.{e}.up_proj.weight");
    assert_eq!(fused.tensors, 1);
}

#[test]
fn experts_that_do_not_fit_are_told_and_square_ones_go_by_type() {
    // Of three experts one is missing.
    let mut few = experts_apart(["gate_proj", "up_proj", "down_proj"], "layers.0.mlp");
    few.truncate(3);
    few.push(("n".into(), vec![1], vec![0.0]));
    let mut stacked = experts_stacked(false);
    stacked.push(("n".into(), vec![1], vec![0.0]));
    let found = pair_tensors(&of_values(&few, "{}"), &of_values(&stacked, "{}"), None);
    assert_eq!(names(&found), ["n"]);
    let last = found.left_out.last().expect("left out");
    assert!(last.detail.contains("do not tell"), "{last:?}");
    // [2, 2, 2] may be either way.
    let square = |name: &str, expert: f32| {
        (name.to_string(), vec![2, 2], vec![expert, expert + 1.0, expert + 2.0, expert + 3.0])
    };
    let apart = [square("a.experts.0.w2.weight", 0.0), square("a.experts.1.w2.weight", 4.0)];
    let stack =
        [("a.experts.down_proj".to_string(), vec![2, 2, 2], (0..8).map(|i| i as f32).collect())];
    for (config, first) in [
        ("{}", None),
        (r#"{"model_type": "qwen3_moe"}"#, Some([0.0, 1.0])),
        (r#"{"model_type": "llama4"}"#, Some([0.0, 2.0])),
    ] {
        let found = pair_tensors(&of_values(&apart, config), &of_values(&stack, config), None);
        let read = read_all(&found, Side::Tuned);
        let row = read.first().map(|(_, bytes)| bytes[..8].to_vec());
        assert_eq!(row, first.map(|row| f32_bytes(&row)), "{config}");
    }
    // Stacks apart against fused ones.
    let numbers = |n: u8| (0..n).map(f32::from).collect::<Vec<_>>();
    let stack =
        |name: &str, shape: &[u64], n| (format!("a.experts.{name}"), shape.to_vec(), numbers(n));
    let apart = [stack("w1", &[1, 3, 2], 6), stack("w3", &[1, 3, 2], 6)];
    for (shape, fits) in [
        ([1, 6, 2], true),
        ([1, 3, 4], true),
        ([1, 4, 3], true),
        ([1, 12, 1], false),
        ([1, 2, 6], true),
    ] {
        let fused = [stack("gate_up_proj", &shape, 12)];
        let found = pair_tensors(&of_values(&apart, "{}"), &of_values(&fused, "{}"), None);
        assert_eq!(found.coverage.compared, if fits { 12 } else { 0 }, "{shape:?}");
    }
    // Those of gpt-oss alternate.
    let oss = r#"{"model_type": "gpt_oss"}"#;
    let found = pair_tensors(&of_values(&few, oss), &of_values(&stacked, oss), None);
    assert!(found.left_out.last().is_some_and(|l| l.detail.contains("alternate")));
}

#[test]
fn fused_projections_and_old_names_find_their_parts() {
    let apart: &[(&str, &[u64])] = &[
        ("layers.0.attn.q_proj.weight", &[4, 3]),
        ("layers.0.attn.k_proj.weight", &[2, 3]),
        ("layers.0.attn.v_proj.weight", &[2, 3]),
        ("layers.0.mlp.gate_proj.weight", &[2, 3]),
        ("layers.0.mlp.up_proj.weight", &[2, 3]),
        ("layers.0.LayerNorm.weight", &[3]),
        ("layers.0.mlp.gate.weight", &[2, 3]),
    ];
    let fused: &[(&str, &[u64])] = &[
        ("layers.0.attn.qkv_proj.weight", &[8, 3]),
        ("layers.0.mlp.gate_up_proj.weight", &[4, 3]),
        ("layers.0.LayerNorm.gamma", &[3]),
        ("layers.0.block_sparse_moe.gate.weight", &[2, 3]),
    ];
    for (base, tuned) in [(apart, fused), (fused, apart)] {
        let found = pair_tensors(&checkpoint(base, "{}"), &checkpoint(tuned, "{}"), None);
        assert!(found.left_out.is_empty(), "{:?}", found.left_out);
        assert_eq!((found.pairs.len(), found.coverage.compared), (base.len(), 45));
    }
    let found = pair_tensors(&checkpoint(apart, "{}"), &checkpoint(fused, "{}"), None);
    let v = found.pairs.iter().find(|p| p.name.ends_with("v_proj.weight")).expect("a pair");
    let read = pollster::block_on(v.read_rows(Side::Tuned, 0..1)).expect("in range");
    assert_eq!(read, f32_bytes(&[18.0, 19.0, 20.0]));
    let other = r#"{"model_type": "codegen"}"#;
    let found = pair_tensors(&checkpoint(apart, other), &checkpoint(fused, other), None);
    assert_eq!(found.pairs.len(), 2);
}

#[test]
fn a_fisher_goes_with_the_names_and_rows_of_its_base() {
    let base =
        checkpoint(&[("model.embed_tokens.weight", &[4, 3]), ("model.layers.0.w", MATRIX)], "{}");
    let tuned =
        checkpoint(&[("model.embed_tokens.weight", &[2, 3]), ("model.layers.0.w", MATRIX)], "{}");
    let named = [("embed_tokens.weight", &[4, 3][..]), ("layers.0.w", MATRIX)];
    let fisher = checkpoint(&named, "{}").align_with(&base);
    for mut pair in pair_tensors(&base, &tuned, None).pairs {
        pair.attach_fisher(&fisher);
        let shape = pair.fisher.as_ref().map(|found| found.shape.clone());
        assert_eq!(shape, Some(pair.shape.clone()), "{:?}", pair.fisher_note);
    }
}

#[test]
fn layers_that_one_side_stores_transposed_are_turned() {
    const WIDE: &str = "h.0.attn.c_attn.weight";
    const SQUARE: &str = "h.0.attn.c_proj.weight";
    const WORDS: &str = "wte.weight";
    // The square matrix says nothing itself; the embedding is in no layer.
    let base = checkpoint(&[(WIDE, &[2, 6]), (SQUARE, &[2, 2]), (WORDS, &[3, 3])], "{}");
    let tuned = checkpoint(&[(WIDE, &[6, 2]), (SQUARE, &[2, 2]), (WORDS, &[3, 3])], "{}");
    let found = pair_tensors(&base, &tuned, None);
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    let read = |name: &str| {
        let pair = found.pairs.iter().find(|p| p.name == name).expect("a pair");
        pollster::block_on(pair.read_rows(Side::Tuned, 0..1)).expect("in range")
    };
    assert_eq!(read(WIDE), f32_bytes(&[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]));
    assert_eq!(read(SQUARE), f32_bytes(&[100.0, 102.0]));
    assert_eq!(read(WORDS), f32_bytes(&[200.0, 201.0, 202.0]));
    assert!(found.renamings.iter().all(|r| r.to.ends_with(", transposed")));
    // One matrix that is stored alike says that the layer is not turned.
    const UP: &str = "h.0.mlp.c_fc.weight";
    let base = checkpoint(&[(WIDE, &[2, 6]), (SQUARE, &[2, 2]), (UP, &[2, 3])], "{}");
    let tuned = checkpoint(&[(WIDE, &[6, 2]), (SQUARE, &[2, 2]), (UP, &[2, 3])], "{}");
    let found = pair_tensors(&base, &tuned, None);
    assert_eq!(left_out(&found), [(WIDE, LeftOutReason::ShapeDiffers)]);
}

#[test]
fn ones_in_a_shape_are_no_difference() {
    let base = checkpoint(&[("layers.0.w", &[2, 3]), ("layers.0.n", &[1, 3])], "{}");
    let tuned = checkpoint(&[("layers.0.w", &[2, 3, 1, 1]), ("layers.0.n", &[3])], "{}");
    for (base, tuned) in [(&base, &tuned), (&tuned, &base)] {
        let found = pair_tensors(base, tuned, None);
        assert!(found.left_out.is_empty(), "{:?}", found.left_out);
        assert_eq!((found.pairs.len(), found.coverage.compared), (2, 9));
    }
}

#[test]
fn fused_rows_of_unknown_order_say_why_they_stay() {
    let parts: &[(&str, &[u64])] = &[
        ("layers.0.attn.q_proj.weight", &[2, 3]),
        ("layers.0.attn.k_proj.weight", &[2, 3]),
        ("layers.0.attn.v_proj.weight", &[2, 3]),
        ("layers.0.mlp.w", &[2, 3]),
    ];
    let fused: &[(&str, &[u64])] =
        &[("layers.0.attention.query_key_value.weight", &[6, 3]), ("layers.0.mlp.w", &[2, 3])];
    for (base, tuned, told) in [(parts, fused, 1), (fused, parts, 3)] {
        let found = pair_tensors(&checkpoint(base, "{}"), &checkpoint(tuned, "{}"), None);
        let reasons = found.left_out.iter().filter(|l| l.detail.contains("alternate by head"));
        assert_eq!(reasons.count(), told, "{:?}", found.left_out);
    }
}
