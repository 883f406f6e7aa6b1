//! Adapters of all layouts on small bases. s is 2 where nothing else is said.

use crate::checkpoint::formats::lora::find::find_config;
use crate::checkpoint::formats::lora::kinds::KINDS;
use crate::checkpoint::formats::lora::missing::check_for_config;
use crate::checkpoint::formats::lora::{Applied, apply_adapter};
use crate::checkpoint::kinds::Support;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::testing::{FileBuilder, bytes_file, open};
use crate::element::decode::Decoder;
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// Name, shape and values.
type Tensor<'a> = (&'a str, &'a [u64], &'a [f32]);

const PLAIN: &str = r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2}"#;

fn file(tensors: &[Tensor<'_>]) -> FileBuilder {
    tensors.iter().fold(FileBuilder::new(), |f, (name, shape, v)| f.f32s(name, shape, v))
}

fn open_adapter(config: &str, tensors: &[Tensor<'_>]) -> Result<Checkpoint, Error> {
    let files: Vec<Rc<dyn Source>> = vec![
        file(tensors).source("adapter_model.safetensors"),
        bytes_file("adapter_config.json", config),
    ];
    open("adapter", files)
}

fn apply(base: &[Tensor<'_>], config: &str, tensors: &[Tensor<'_>]) -> Applied {
    apply_to(&file(base).checkpoint("base"), config, tensors, &[])
}

/// Applies an adapter to a base, after the prefixes `asked` were replaced.
fn apply_to(
    base: &Checkpoint,
    config: &str,
    tensors: &[Tensor<'_>],
    asked: &[[&str; 2]],
) -> Applied {
    let adapter = open_adapter(config, tensors).expect("an adapter");
    let config = adapter.adapter.as_ref().expect("its configuration");
    let asked: Vec<_> = asked.iter().map(|rule| rule.map(String::from)).collect();
    apply_adapter(base, &adapter, config, &asked)
}

/// The merged tensors by name.
fn merged(applied: &Applied) -> Vec<(&str, Vec<f32>)> {
    let read = |t: &crate::checkpoint::entry::TensorEntry| {
        let bytes = pollster::block_on(t.view.elements(0..t.elements())).expect("in memory");
        let mut values = vec![0.0; t.elements() as usize];
        Decoder::new(t.dtype(), bytes).decode_f32(0, &mut values);
        values
    };
    applied.tensors.iter().map(|t| (t.name.as_str(), read(t))).collect()
}

#[track_caller]
fn expect(applied: &Applied, want: &[(&str, &[f32])]) {
    let want: Vec<_> = want.iter().map(|(name, v)| (*name, v.to_vec())).collect();
    assert_eq!((merged(applied), &applied.left_out), (want, &Vec::new()));
}

/// The first thing left out.
fn refusal(applied: &Applied) -> (&str, LeftOutReason, &str) {
    let first = applied.left_out.first().expect("something is left out");
    (&first.name, first.reason, &first.detail)
}

#[test]
fn names_of_all_writers_lead_to_the_same_weight() {
    let base: &[Tensor<'_>] = &[("layers.0.q.weight", &[1, 2], &[1.0, 2.0])];
    for (start, middle) in [
        ("base_model.model.layers.0.q.", ""),
        ("layers.0.q.", ""),
        ("base_model.model.base_model.model.layers.0.q.", ""),
        ("base_model.model._orig_mod.layers.0.q.", ""),
        ("module.base_model.model.layers.0._orig_mod.q.", ""),
        ("base_model.model.layers.0.q.", ".policy"),
        ("base_model.model.layers.0.q.", ".default"),
        ("base_model.model.transformer.layers.0.q.", ""),
        ("base_model.model.model.language_model.layers.0.q.", ""),
    ] {
        let (a, b) =
            (format!("{start}lora_A{middle}.weight"), format!("{start}lora_B{middle}.weight"));
        let applied = apply(base, PLAIN, &[(&a, &[1, 2], &[3.0, 4.0]), (&b, &[1, 1], &[5.0])]);
        expect(&applied, &[("layers.0.q.weight", &[31.0, 42.0])]);
        assert!(applied.tensors[0].update.is_some(), "{a}");
        let renamed = ["transformer", "language_model"].iter().any(|word| start.contains(word));
        assert_eq!(!applied.renamings.is_empty(), renamed, "{a}");
    }
}

#[test]
fn a_user_says_which_module_of_the_base_an_adapter_is_for() {
    let base = file(&[
        ("a.layers.0.q.weight", &[1, 2], &[1.0, 2.0]),
        ("b.layers.0.q.weight", &[1, 2], &[3.0, 4.0]),
    ])
    .checkpoint("base");
    let factors: &[Tensor<'_>] = &[
        ("base_model.model.blocks.0.q.lora_A.weight", &[1, 2], &[1.0; 2]),
        ("base_model.model.blocks.0.q.lora_B.weight", &[1, 1], &[1.0]),
        ("base_model.model.blocks.0.k.weight", &[1], &[7.0]),
    ];
    for from in ["blocks", "base_model.model.blocks."] {
        let applied = apply_to(&base, PLAIN, factors, &[[from, "b.layers"]]);
        expect(&applied, &[("b.layers.0.k.weight", &[7.0]), ("b.layers.0.q.weight", &[5.0, 6.0])]);
        assert_eq!((&*applied.renamings[0].from, applied.renamings[0].tensors), (from, 2));
    }
}

#[test]
fn modules_of_old_names_and_patterns_by_the_adapter_s_names_are_found() {
    let mixtral: &[Tensor<'_>] =
        &[("l.block_sparse_moe.experts.0.w2.weight", &[1, 2], &[1.0, 2.0])];
    let factors: &[Tensor<'_>] = &[
        ("l.mlp.experts.lora_A.weight", &[1, 2], &[3.0, 4.0]),
        ("l.mlp.experts.lora_B.weight", &[1, 1], &[1.0]),
    ];
    let config = PLAIN.replace('}', r#", "target_parameters": ["mlp.experts.down_proj"]}"#);
    let applied = apply(mixtral, &config, factors);
    expect(&applied, &[("l.block_sparse_moe.experts.0.w2.weight", &[7.0, 10.0])]);
    assert_eq!(applied.renamings[0].to, "block_sparse_moe");
    // The base's names lack the beginning that the pattern has.
    let base: &[Tensor<'_>] = &[("layers.0.q.weight", &[1, 2], &[1.0, 2.0])];
    let factors: &[Tensor<'_>] = &[
        ("model.layers.0.q.lora_A.weight", &[1, 2], &[3.0, 4.0]),
        ("model.layers.0.q.lora_B.weight", &[1, 1], &[5.0]),
    ];
    let config = PLAIN.replace('}', r#", "alpha_pattern": {"model.layers.0.q": 4}}"#);
    expect(&apply(base, &config, factors), &[("layers.0.q.weight", &[61.0, 82.0])]);
}

#[test]
fn names_of_two_towers_lead_nowhere_and_weights_are_stored_either_way_round() {
    let factors: &[Tensor<'_>] = &[
        ("layers.0.q.lora_A.weight", &[1, 2], &[1.0; 2]),
        ("layers.0.q.lora_B.weight", &[1, 1], &[1.0]),
    ];
    let one: &[Tensor<'_>] = &[("a.layers.0.q.weight", &[2, 1], &[1.0, 2.0])];
    expect(&apply(one, PLAIN, factors), &[("a.layers.0.q.weight", &[3.0, 4.0])]);
    let two = [one, &[("b.layers.0.q.weight", &[2, 1], &[1.0, 2.0])]].concat();
    assert!(apply(&two, PLAIN, factors).tensors.is_empty());
    let other: &[Tensor<'_>] = &[("a.layers.1.q.weight", &[2, 1], &[1.0, 2.0])];
    assert!(apply(other, PLAIN, factors).tensors.is_empty());
}

#[test]
fn an_adapter_that_fits_nothing_says_so_with_both_names() {
    let base: &[Tensor<'_>] = &[("layers.0.q.weight", &[1, 2], &[1.0, 2.0])];
    let factors: &[Tensor<'_>] = &[
        ("blocks.0.k.lora_A.weight", &[1, 2], &[1.0; 2]),
        ("blocks.0.k.lora_B.weight", &[1, 1], &[1.0]),
    ];
    let applied = apply(base, PLAIN, factors);
    assert!(applied.tensors.is_empty());
    let all = applied.left_out.iter().find(|l| l.name == "adapter").expect("a refusal of all");
    for word in ["none of its 1 modules", "blocks.0.k.lora_A.weight", "layers.0.q.weight"] {
        assert!(all.detail.contains(word), "{all:?}");
    }
    assert!(applied.left_out.iter().all(|l| l.reason != LeftOutReason::NotAdapted));
}

#[test]
fn each_kind_is_read_or_refused_as_the_list_says() {
    for kind in KINDS {
        let (config, name) = if kind.example.starts_with('"') {
            let type_of =
                if kind.example.contains("peft_type") { "" } else { r#""peft_type": "LORA", "# };
            (format!("{{{type_of}{}}}", kind.example), "x.lora_A.weight".to_string())
        } else {
            (PLAIN.to_string(), format!("x.{}", kind.example))
        };
        let result = open_adapter(&config, &[(&name, &[1, 1], &[1.0])]);
        assert_eq!(result.is_ok(), kind.support == Support::Read, "{kind:?}");
        if let Err(error) = result {
            let text = error.to_string();
            assert!(text.starts_with("adapter_") && text.len() > 60, "{text}");
        }
    }
}

#[test]
fn several_adapters_in_a_file_are_refused() {
    let error = open_adapter(
        PLAIN,
        &[("x.lora_A.one.weight", &[1, 1], &[1.0]), ("x.lora_A.two.weight", &[1, 1], &[1.0])],
    )
    .err()
    .expect("two adapters")
    .to_string();
    assert!(error.contains("(one, two)"), "{error}");
}

#[test]
fn without_its_configuration_an_adapter_is_named() {
    let base = file(&[("x.weight", &[1, 1], &[1.0])]).checkpoint("base");
    let check = |tensors: &[Tensor<'_>]| check_for_config(&file(tensors).checkpoint("t"), &base);
    let one: &[f32] = &[1.0];
    for (tensors, words) in [
        (
            &[("x.lora_A.weight", &[1, 1][..], one)][..],
            "its tensors are those of an adapter (x.lora_A",
        ),
        (
            &[
                ("base_model.model.x.base_layer.weight", &[1, 1][..], one),
                ("base_model.model.x.lora_A.default.weight", &[1, 1][..], one),
            ],
            "an unmerged PEFT model in full",
        ),
        (&[("x.lora_a", &[1, 1][..], one)], "mlx_lm.fuse"),
        (&[("lora_unet_x.lora_down.weight", &[1, 1][..], one)], "kohya"),
    ] {
        let error = check(tensors).expect_err(words).to_string();
        assert!(error.starts_with("model.safetensors: ") && error.contains(words), "{error}");
    }
    assert!(check(&[("y.weight", &[1, 1], one)]).is_ok());
    // A whole model under PEFT's prefix is none.
    assert!(check(&[("base_model.model.x.weight", &[1, 1], one)]).is_ok());
    // A model that has such tensors for good.
    let own = file(&[("x.lora_A.speech.weight", &[1, 1], one)]).checkpoint("base");
    assert!(check_for_config(&own, &own).is_ok());
}

#[test]
fn a_merged_model_beside_an_old_configuration_is_a_whole_one() {
    let sources = [bytes_file("adapter_config.json", PLAIN)];
    let whole = file(&[("x.weight", &[1, 1], &[1.0])]).checkpoint("t");
    let found = pollster::block_on(find_config(&sources, &whole.raw)).expect("no adapter");
    assert!(found.is_none());
}

#[test]
fn conv1d_is_told_for_each_module() {
    // In GPT-2 c_attn and the square c_proj are stored inputs × outputs, lm_head is not; the
    // configuration says what was found for the last.
    let base: &[Tensor<'_>] = &[
        ("c_attn.weight", &[2, 6], &[0.0; 12]),
        ("c_attn.bias", &[6], &[0.0; 6]),
        ("c_proj.weight", &[2, 2], &[0.0; 4]),
        ("c_proj.bias", &[2], &[0.0; 2]),
        ("lm_head.weight", &[2, 2], &[0.0; 4]),
    ];
    let mut factors: Vec<Tensor<'_>> = vec![
        ("c_attn.lora_A.weight", &[1, 2], &[1.0, 2.0]),
        ("c_attn.lora_B.weight", &[6, 1], &[1.0, 0.0, 0.0, 0.0, 0.0, 3.0]),
    ];
    let (a, b): (Tensor<'_>, Tensor<'_>) = (("", &[1, 2], &[1.0, 2.0]), ("", &[2, 1], &[1.0, 3.0]));
    let names = [
        "c_proj.lora_A.weight",
        "c_proj.lora_B.weight",
        "lm_head.lora_A.weight",
        "lm_head.lora_B.weight",
    ];
    for pair in names.chunks(2) {
        factors.extend([(pair[0], a.1, a.2), (pair[1], b.1, b.2)]);
    }
    for said in [false, true] {
        let config = PLAIN.replace('}', &format!(r#", "fan_in_fan_out": {said}}}"#));
        let applied = apply(base, &config, &factors);
        expect(
            &applied,
            &[
                ("c_attn.weight", &[2.0, 0.0, 0.0, 0.0, 0.0, 6.0, 4.0, 0.0, 0.0, 0.0, 0.0, 12.0]),
                ("c_proj.weight", &[2.0, 6.0, 4.0, 12.0]),
                ("lm_head.weight", &[2.0, 4.0, 6.0, 12.0]),
            ],
        );
    }
}

#[test]
fn biases_move_too() {
    let base: &[Tensor<'_>] = &[
        ("q.weight", &[1, 1], &[1.0]),
        ("q.bias", &[1], &[10.0]),
        ("k.weight", &[1, 1], &[1.0]),
        ("v.bias", &[1], &[1.0]),
    ];
    let factors: &[Tensor<'_>] = &[
        ("q.lora_A.weight", &[1, 1], &[1.0]),
        ("q.lora_B.weight", &[1, 1], &[3.0]),
        ("q.lora_B.bias", &[1], &[0.5]),
        ("v.bias", &[1], &[7.0]),
    ];
    let want: &[(&str, &[f32])] = &[("q.bias", &[11.0]), ("q.weight", &[7.0]), ("v.bias", &[7.0])];
    expect(&apply(base, PLAIN, factors), want);
    // With bias="lora_only" the bias was trained whole; both are moved then.
    let both = [factors, &[("q.base_layer.bias", &[1], &[20.0])]].concat();
    expect(
        &apply(base, PLAIN, &both),
        &[("q.bias", &[21.0]), ("q.weight", &[7.0]), ("v.bias", &[7.0])],
    );
    let none: &[Tensor<'_>] = &[
        ("k.lora_A.weight", &[1, 1], &[1.0]),
        ("k.lora_B.weight", &[1, 1], &[3.0]),
        ("k.lora_B.bias", &[1], &[0.5]),
    ];
    let applied = apply(base, PLAIN, none);
    assert_eq!(merged(&applied), [("k.weight", vec![7.0])]);
    let (name, reason, detail) = refusal(&applied);
    assert_eq!((name, reason), ("k.bias", LeftOutReason::BadAdapter));
    assert!(detail.contains("lora_bias"), "{detail}");
}

#[test]
fn an_embedding_is_merged_into_the_weight_that_is_saved_with_it() {
    let base: &[Tensor<'_>] = &[("embed_tokens.weight", &[2, 1], &[1.0, 2.0])];
    let a: Tensor<'_> = ("embed_tokens.lora_embedding_A", &[1, 3], &[1.0, 2.0, 3.0]);
    let b: Tensor<'_> = ("embed_tokens.lora_embedding_B", &[1, 1], &[1.0]);
    let whole: Tensor<'_> = ("embed_tokens.base_layer.weight", &[3, 1], &[1.0, 2.0, 9.0]);
    let applied = apply(base, PLAIN, &[a, b, whole]);
    expect(&applied, &[("embed_tokens.weight", &[3.0, 6.0, 15.0])]);
    assert!(applied.tensors[0].update.is_none(), "Δ is not known from the factors alone");
    // Without it the base's own weight has too few rows.
    let applied = apply(base, PLAIN, &[a, b]);
    let (name, reason, _) = refusal(&applied);
    assert_eq!((name, reason), ("embed_tokens.weight", LeftOutReason::ShapeDiffers));
}

#[test]
fn a_tied_head_moves_the_embedding() {
    let base: &[Tensor<'_>] = &[("model.embed_tokens.weight", &[2, 1], &[1.0, 2.0])];
    let head: &[Tensor<'_>] = &[
        ("lm_head.lora_A.weight", &[1, 1], &[1.0]),
        ("lm_head.lora_B.weight", &[2, 1], &[1.0, 2.0]),
        ("lm_head.base_layer.weight", &[2, 1], &[1.0, 2.0]),
    ];
    expect(&apply(base, PLAIN, head), &[("model.embed_tokens.weight", &[3.0, 6.0])]);
    let both = [
        head,
        &[
            ("model.embed_tokens.lora_embedding_A", &[1, 2], &[10.0, 20.0]),
            ("model.embed_tokens.lora_embedding_B", &[1, 1], &[1.0]),
        ],
    ]
    .concat();
    expect(&apply(base, PLAIN, &both), &[("model.embed_tokens.weight", &[23.0, 46.0])]);
}

#[test]
fn a_tied_head_that_is_stored_besides_moves_with_its_embedding() {
    let tensors: &[Tensor<'_>] = &[
        ("lm_head.weight", &[2, 1], &[1.0, 2.0]),
        ("model.embed_tokens.weight", &[2, 1], &[1.0, 2.0]),
    ];
    let on_head: &[Tensor<'_>] = &[
        ("lm_head.lora_A.weight", &[1, 1], &[1.0]),
        ("lm_head.lora_B.weight", &[2, 1], &[1.0, 2.0]),
    ];
    let on_embedding: &[Tensor<'_>] = &[
        ("model.embed_tokens.lora_embedding_A", &[1, 2], &[10.0, 20.0]),
        ("model.embed_tokens.lora_embedding_B", &[1, 1], &[1.0]),
    ];
    let both = [on_head, on_embedding].concat();
    for (factors, want) in
        [(on_head, [3.0, 6.0]), (on_embedding, [21.0, 42.0]), (&both[..], [23.0, 46.0])]
    {
        let config = bytes_file("config.json", br#"{"tie_word_embeddings": true}"#);
        let base = open("base", vec![file(tensors).source("model.safetensors"), config]);
        let applied = apply_to(&base.expect("a base"), PLAIN, factors, &[]);
        expect(&applied, &[("lm_head.weight", &want), ("model.embed_tokens.weight", &want)]);
    }
    // Untied, each moves alone.
    expect(&apply(tensors, PLAIN, on_head), &[("lm_head.weight", &[3.0, 6.0])]);
}

#[test]
fn trained_tokens_are_put_in_by_their_indices() {
    let base: &[Tensor<'_>] = &[("e.weight", &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])];
    let rows: &[Tensor<'_>] =
        &[("e.token_adapter.trainable_tokens_delta", &[2, 2], &[7.0, 8.0, 9.0, 10.0])];
    let with =
        |indices: &str| PLAIN.replace('}', &format!(r#", "trainable_token_indices": {indices}}}"#));
    let want: &[f32] = &[9.0, 10.0, 3.0, 4.0, 7.0, 8.0];
    for indices in ["[2, 0]", r#"{"e": [2, 0]}"#] {
        expect(&apply(base, &with(indices), rows), &[("e.weight", want)]);
    }
    let parts = apply(base, &with("[2, 0]"), rows);
    let bytes = pollster::block_on(parts.tensors[0].view.elements(1..5)).expect("in memory");
    assert_eq!(bytes, crate::checkpoint::testing::f32_bytes(&want[1..5]));
    for (indices, reason) in [
        ("[2]", LeftOutReason::BadAdapter),
        ("[2, 2]", LeftOutReason::BadAdapter),
        ("[2, 3]", LeftOutReason::ShapeDiffers),
        (r#"{"f": [2, 0]}"#, LeftOutReason::BadAdapter),
    ] {
        let applied = apply(base, &with(indices), rows);
        assert_eq!((refusal(&applied).0, refusal(&applied).1), ("e.weight", reason), "{indices}");
    }
}

#[test]
fn convolutions_are_merged_and_grouped_ones_named() {
    let base: &[Tensor<'_>] = &[("c.weight", &[1, 2, 2], &[1.0; 4])];
    let a: Tensor<'_> = ("c.lora_A.weight", &[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let b: Tensor<'_> = ("c.lora_B.weight", &[1, 1, 1], &[1.0]);
    expect(&apply(base, PLAIN, &[a, b]), &[("c.weight", &[3.0, 5.0, 7.0, 9.0])]);
    let grouped: &[Tensor<'_>] = &[("c.weight", &[2, 1, 2], &[1.0; 4])];
    let factors: &[Tensor<'_>] =
        &[("c.lora_A.weight", &[2, 2, 2], &[1.0; 8]), ("c.lora_B.weight", &[2, 1, 1], &[1.0; 2])];
    let applied = apply(grouped, &PLAIN.replace("1,", "2,"), factors);
    let (name, reason, detail) = refusal(&applied);
    assert_eq!((name, reason), ("c.weight", LeftOutReason::BadAdapter));
    assert!(detail.contains("grouped"), "{detail}");
}

/// Factors for 2 experts with r = 1: Δ of expert e is 2·B[:, e]·A[e, :].
const EXPERTS: &str = r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2,
    "target_parameters": ["experts.gate_up_proj", "experts.down_proj"]}"#;

#[test]
fn experts_are_merged_from_their_columns_and_rows() {
    // gate_up_proj is 2 × 2 × 1 and down_proj 2 × 1 × 1.
    let gate_up: [Tensor<'_>; 2] = [
        ("m.experts.base_layer.lora_A.weight", &[2, 1], &[1.0, 10.0]),
        ("m.experts.base_layer.lora_B.weight", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
    ];
    let down: [Tensor<'_>; 2] = [
        ("m.experts.lora_A.weight", &[2, 1], &[1.0, 2.0]),
        ("m.experts.lora_B.weight", &[1, 2], &[5.0, 6.0]),
    ];
    let all = [gate_up, down].concat();
    let stacked: &[Tensor<'_>] = &[
        ("m.experts.down_proj", &[2, 1, 1], &[0.0; 2]),
        ("m.experts.gate_up_proj", &[2, 2, 1], &[0.0; 4]),
    ];
    expect(
        &apply(stacked, EXPERTS, &all),
        &[
            ("m.experts.down_proj", &[10.0, 24.0]),
            ("m.experts.gate_up_proj", &[2.0, 6.0, 40.0, 80.0]),
        ],
    );
    let apart: &[Tensor<'_>] = &[
        ("m.experts.0.down_proj.weight", &[1, 1], &[0.0]),
        ("m.experts.0.gate_proj.weight", &[1, 1], &[0.0]),
        ("m.experts.0.up_proj.weight", &[1, 1], &[0.0]),
        ("m.experts.1.down_proj.weight", &[1, 1], &[0.0]),
        ("m.experts.1.gate_proj.weight", &[1, 1], &[0.0]),
        ("m.experts.1.up_proj.weight", &[1, 1], &[0.0]),
    ];
    let applied = apply(apart, EXPERTS, &all);
    expect(
        &applied,
        &[
            ("m.experts.0.down_proj.weight", &[10.0]),
            ("m.experts.0.gate_proj.weight", &[2.0]),
            ("m.experts.0.up_proj.weight", &[6.0]),
            ("m.experts.1.down_proj.weight", &[24.0]),
            ("m.experts.1.gate_proj.weight", &[40.0]),
            ("m.experts.1.up_proj.weight", &[80.0]),
        ],
    );
    assert!(applied.tensors.iter().all(|t| t.update.is_some()));
    // One of both alone is told by its shapes, too.
    assert_eq!(apply(stacked, EXPERTS, &down).tensors[0].name, "m.experts.down_proj");
}

#[test]
fn square_experts_are_turned_as_their_neighbours_are() {
    // As in gpt-oss: 2 experts, inputs × outputs, of which down_proj is square.
    let base: &[Tensor<'_>] = &[
        ("m.experts.down_proj", &[2, 2, 2], &[0.0; 8]),
        ("m.experts.gate_up_proj", &[2, 2, 4], &[0.0; 16]),
    ];
    let factors: &[Tensor<'_>] = &[
        ("m.experts.lora_A.weight", &[2, 2], &[1.0, 2.0, 0.0, 0.0]),
        ("m.experts.lora_B.weight", &[2, 2], &[1.0, 0.0, 3.0, 0.0]),
    ];
    expect(
        &apply(base, EXPERTS, factors),
        &[("m.experts.down_proj", &[2.0, 6.0, 4.0, 12.0, 0.0, 0.0, 0.0, 0.0])],
    );
    let alone = &base[..1];
    let applied = apply(alone, EXPERTS, factors);
    let (name, reason, _) = refusal(&applied);
    assert_eq!((name, reason), ("m.experts.down_proj", LeftOutReason::BadAdapter));
}

#[test]
fn factors_of_single_experts_on_a_stack_are_named() {
    let base: &[Tensor<'_>] =
        &[("m.experts.gate_up_proj", &[2, 2, 1], &[0.0; 4]), ("q.weight", &[1, 1], &[1.0])];
    let factors: &[Tensor<'_>] = &[
        ("m.experts.0.up_proj.lora_A.weight", &[1, 1], &[1.0]),
        ("m.experts.0.up_proj.lora_B.weight", &[1, 1], &[1.0]),
        ("q.lora_A.weight", &[1, 1], &[1.0]),
        ("q.lora_B.weight", &[1, 1], &[1.0]),
    ];
    let applied = apply(base, PLAIN, factors);
    let (name, reason, detail) = refusal(&applied);
    assert_eq!((name, reason), ("m.experts.gate_up_proj", LeftOutReason::BadAdapter));
    assert!(detail.contains("stacks its experts"), "{detail}");
}

#[test]
fn copies_and_doubles_are_listed() {
    let base: &[Tensor<'_>] = &[("x.weight", &[1, 1], &[1.0]), ("y.weight", &[1, 1], &[1.0])];
    let applied = apply(
        base,
        PLAIN,
        &[
            ("x.modules_to_save.default.weight", &[1, 1], &[2.0]),
            ("x.original_module.weight", &[1, 1], &[1.0]),
            ("y.lora_A.weight", &[1, 1], &[1.0]),
            ("y.lora_A.default.weight", &[1, 1], &[1.0]),
            ("y.lora_B.weight", &[1, 1], &[1.0]),
        ],
    );
    assert_eq!(merged(&applied), [("x.weight", vec![2.0])]);
    let reasons: Vec<_> = applied.left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    assert_eq!(
        reasons,
        [
            ("x.original_module.weight", LeftOutReason::NotUsed),
            ("y.weight", LeftOutReason::BadAdapter)
        ]
    );
}
