//! Names under which other programs save models that transformers has under its own.
//!
//! They are not mapped: most of these programs also order rows otherwise, so that weights under the
//! right names would still be other ones.

use crate::checkpoint::kinds::Kind;

/// A program's names, by parts that no name of transformers has, and what to do.
const OTHERS: [(&[&str], Kind); 3] = [
    (
        &[
            "attention.wq",
            "attention.wk",
            "attention.wv",
            "attention.wo",
            "feed_forward.w1",
            "feed_forward.w2",
            "feed_forward.w3",
            "tok_embeddings",
        ],
        Kind::refuse(
            "names of Meta, Mistral and torchtitan",
            "layers.0.attention.wq.weight",
            "queries and keys have their rows in another order: convert it to a Hugging Face \
             checkpoint with the converter of transformers for the model",
        ),
    ),
    (
        &[
            "self_attention.linear_qkv",
            "self_attention.linear_proj",
            "mlp.linear_fc1",
            "mlp.linear_fc2",
            "mlp.experts.linear_fc1",
            "mlp.experts.linear_fc2",
        ],
        Kind::refuse(
            "names of Megatron Core and NeMo",
            "decoder.layers.0.self_attention.linear_qkv.weight",
            "queries, keys and values lie in groups in one tensor: convert it to a Hugging Face \
             checkpoint with Megatron-Bridge",
        ),
    ),
    (
        &["sa_norm.scale", "mlp_norm.scale", "attn.output_proj"],
        Kind::refuse(
            "names of torchtune",
            "layers.0.attn.output_proj.weight",
            "queries and keys have their rows in another order: save it with a checkpointer of \
             torchtune that writes Hugging Face's format",
        ),
    ),
];

/// The programs' names, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[OTHERS[0].1, OTHERS[1].1, OTHERS[2].1];

/// Says whose names this is one of, and what to do; `None` where it may be one of transformers.
pub(crate) fn name_other_program(name: &str) -> Option<String> {
    let holds = |part: &&str| {
        name.match_indices(part).any(|(at, _)| {
            let end = at + part.len();
            (at == 0 || name[..at].ends_with('.'))
                && (end == name.len() || name[end..].starts_with('.'))
        })
    };
    let (_, kind) = OTHERS.iter().find(|(parts, _)| parts.iter().any(&holds))?;
    Some(format!("it is one of the {}: {}", kind.what, kind.detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_are_told() {
        for kind in KINDS {
            let told = name_other_program(kind.example).expect(kind.example);
            assert!(told.contains(kind.what), "{told}");
        }
        for name in [
            "model.layers.0.self_attn.q_proj.weight",
            "h.0.attention.wqkv.weight",
            "layers.0.block_sparse_moe.experts.0.w1.weight",
        ] {
            assert_eq!(name_other_program(name), None, "{name}");
        }
    }
}
