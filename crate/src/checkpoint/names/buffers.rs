//! Which tensors are buffers: parts of a module's state that no optimiser changes.
//!
//! The rule is by name, by shape for `bias` of attention, and by dtype for integers. The names are
//! those that modules of torch and transformers register as buffers, and of GGUF. A name that is
//! not known is a weight, whatever its shape: a learned scalar (`logit_scale`) stays one. So do
//! what training moves beside the optimiser: a router's `e_score_correction_bias` and
//! `expert_bias`, and the codebooks of quantisers.

use crate::checkpoint::kinds::Kind;
use safetensors::Dtype;

/// A kind of buffers, by the last part of its names.
struct Family {
    what: &'static str,
    names: &'static [&'static str],
}

const FREQUENCIES: Family = Family {
    what: "a frequency of rotary embeddings",
    names: &[
        "inv_freq",
        "original_inv_freq",
        "inv_timescales",
        "sinusoid_freq",
        "freqs_ci",
        "freqs_cis",
        "freqs_cos",
        "freqs_sin",
        "cos_cached",
        "sin_cached",
        "cos_sin_cache",
        "rope_freqs",
        "rope_factors_long",
        "rope_factors_short",
    ],
};
const MASKS: Family = Family {
    what: "an attention mask",
    names: &["masked_bias", "mask", "tril", "triu", "attn_mask_probs"],
};
const POSITIONS: Family = Family {
    what: "a table of positions or indices",
    names: &[
        "position_ids",
        "position_ids_k",
        "token_type_ids",
        "relative_position_index",
        "relative_position_bucket",
        "relative_coords_table",
        "rel_pos_idx",
        "rp_bucket",
        "attention_bias_idxs",
        "pos_idx_to_embed",
        "embed_positions",
        "_float_tensor",
    ],
};
const STATISTICS: Family = Family {
    what: "a running statistic",
    names: &[
        "running_mean",
        "running_var",
        "running_std",
        "num_batches_tracked",
        "cluster_size",
        "cluster_usage",
        "embed_avg",
        "embed_sum",
        "tokens_per_expert",
        "local_tokens_per_expert",
        "pixel_mean",
        "pixel_std",
        "image_mean",
        "image_std",
        "mel_filters",
    ],
};
const RANGES: Family = Family {
    what: "an observed range of activations",
    names: &[
        "input_min",
        "input_max",
        "output_min",
        "output_max",
        "min_val",
        "max_val",
        "fake_quant_enabled",
        "observer_enabled",
    ],
};
const COUNTERS: Family = Family {
    what: "a counter or a mark of state",
    names: &[
        "step",
        "steps",
        "global_step",
        "num_steps",
        "num_updates",
        "latent_stats_num_updates",
        "inited",
        "initted",
        "initialized",
        "total_ops",
        "total_params",
        "_extra_state",
    ],
};
const CACHES: Family = Family {
    what: "an entry of a key and value cache",
    names: &["cache_k", "cache_v", "k_cache", "v_cache", "key_cache", "value_cache", "cache_pos"],
};
const CONSTANTS: Family = Family {
    what: "a constant of the architecture",
    names: &[
        "embed_scale",
        "final_logits_bias",
        "empty_weight",
        "slope_rate",
        "query_decay",
        "key_decay",
        "diagonal_decay",
    ],
};
const FAMILIES: [&Family; 8] =
    [&FREQUENCIES, &MASKS, &POSITIONS, &STATISTICS, &RANGES, &COUNTERS, &CACHES, &CONSTANTS];

/// The kinds of buffers.
pub const KINDS: &[Kind] = &[
    Kind::pass_over(FREQUENCIES.what, "model.rotary_emb.inv_freq", ""),
    Kind::pass_over(MASKS.what, "h.0.attn.masked_bias", "And all names that end on _mask."),
    Kind::pass_over(
        "a causal mask stored as a bias",
        "h.0.attn.bias",
        "A square of two or more dimensions; bias vectors are weights.",
    ),
    Kind::pass_over(POSITIONS.what, "embeddings.position_ids", ""),
    Kind::pass_over(STATISTICS.what, "bn.running_mean", ""),
    Kind::pass_over(RANGES.what, "q_proj.input_max", "And all parts of observers."),
    Kind::pass_over(COUNTERS.what, "bn.num_updates", ""),
    Kind::pass_over(CACHES.what, "attention.cache_k", ""),
    Kind::pass_over(CONSTANTS.what, "model.final_logits_bias", ""),
    Kind::pass_over(
        "integers or truth values",
        "model.offsets",
        "Tensors of BOOL, I16, U16, I64 and U64, which no gradient changes.",
    ),
];

/// Whether a part of a name says that all below it is made to watch activations.
fn is_observer(part: &str) -> bool {
    matches!(part, "activation_post_process" | "weight_fake_quant")
        || part.ends_with("_observer")
        || part.ends_with("_quantizer")
}

/// Whether a shape is one square mask, with dimensions of 1 before it.
fn is_square(shape: &[u64]) -> bool {
    matches!(shape, [front @ .., rows, columns]
        if rows == columns && *rows > 1 && front.iter().all(|side| *side == 1))
}

/// Says what a tensor is a buffer of; `None` for a weight. An unknown shape is empty.
pub fn find_buffer(name: &str, dtype: Dtype, shape: &[u64]) -> Option<&'static str> {
    let (path, last) = name.rsplit_once('.').unwrap_or(("", name));
    let parent = path.rsplit('.').next().unwrap_or_default();
    let word = match last {
        "weight" if parent.starts_with("rope_f") => parent,
        "weights" if parent == "embed_positions" => parent,
        last => last,
    };
    if let Some(family) = FAMILIES.iter().find(|family| family.names.contains(&word)) {
        return Some(family.what);
    }
    if word.ends_with("_inv_freq") || (word == "freqs" && parent.starts_with("ro")) {
        return Some(FREQUENCIES.what);
    }
    if word.ends_with("_mask") {
        return Some(MASKS.what);
    }
    let attention = parent.contains("attn") || parent.contains("attention");
    if word == "bias" && is_square(shape) && (attention || shape.len() > 2) {
        return Some("a causal mask");
    }
    if name.split('.').any(is_observer) {
        return Some(RANGES.what);
    }
    if name.split('.').any(|part| part == "kv_cache") {
        return Some(CACHES.what);
    }
    match dtype {
        Dtype::BOOL | Dtype::I16 | Dtype::U16 | Dtype::I64 | Dtype::U64 => {
            Some("integers or truth values, which no gradient changes")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_shapes_and_dtypes_tell_buffers_from_weights() {
        let cases: [(&str, Dtype, &[u64], bool); 24] = [
            ("model.rotary_emb.inv_freq", Dtype::F32, &[8], true),
            ("model.full_attention_inv_freq", Dtype::F32, &[8], true),
            ("rope.freqs", Dtype::BF16, &[64], true),
            ("rope_freqs.weight", Dtype::F32, &[64], true),
            ("h.0.attn.bias", Dtype::F32, &[1, 1, 8, 8], true),
            ("layers.0.attention.bias", Dtype::U8, &[8, 8], true),
            ("h.0.attn.masked_bias", Dtype::F32, &[], true),
            ("h.0.attn.c_attn.bias", Dtype::F32, &[96], false),
            ("h.0.attn.bias", Dtype::F32, &[96], false),
            ("block.relative_attention_bias.weight", Dtype::F32, &[32, 32], false),
            ("bn.running_var", Dtype::F32, &[8], true),
            ("bn.num_batches_tracked", Dtype::I64, &[], true),
            ("decoder.embed_positions.weight", Dtype::F32, &[8, 4], false),
            ("decoder.embed_positions.weights", Dtype::F32, &[8, 4], true),
            ("swin.relative_position_index", Dtype::I64, &[4, 4], true),
            ("q.activation_post_process.scale", Dtype::F32, &[1], true),
            ("q.input_quantizer._amax", Dtype::F32, &[1], true),
            ("attention.kv_cache.k", Dtype::BF16, &[1, 8], true),
            ("model.something", Dtype::BOOL, &[8, 4], true),
            ("logit_scale", Dtype::F32, &[], false),
            ("mlp.gate.e_score_correction_bias", Dtype::F32, &[8], false),
            ("embeddings.mask_token", Dtype::F32, &[8], false),
            ("mixer.A_log", Dtype::F32, &[8], false),
            ("x", Dtype::U8, &[2], false),
        ];
        for (name, dtype, shape, want) in cases {
            assert_eq!(find_buffer(name, dtype, shape).is_some(), want, "{name} {shape:?}");
        }
        for kind in KINDS {
            let dtype = if kind.what.starts_with("integers") { Dtype::I64 } else { Dtype::F32 };
            let found = find_buffer(kind.example, dtype, &[1, 1, 8, 8]);
            let words: Vec<&str> = kind.what.split(' ').take(2).collect();
            assert!(found.is_some_and(|what| what.starts_with(&words.join(" "))), "{}", kind.what);
        }
    }
}
