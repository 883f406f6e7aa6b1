//! From llama.cpp's names of tensors to those of transformers.
//!
//! After gguf-py/gguf/tensor_mapping.py.

/// The architectures whose tensors are, up to the rows of [`heads_of`], those of transformers.
const MAPPED: [&str; 3] = ["llama", "qwen2", "qwen3"];

/// Tensors outside of layers.
const OUTER: [(&str, &str); 3] =
    [("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"), ("output", "lm_head")];

/// Tensors of a layer.
const INNER: [(&str, &str); 11] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("attn_q_norm", "self_attn.q_norm"),
    ("attn_k_norm", "self_attn.k_norm"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// Heads by which the rows of a projection are interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    /// Those of the queries.
    Query,
    /// Those of the keys.
    Key,
}

/// Splits `blk.3.attn_q.weight` into 3, `attn_q` and `weight`.
fn split(name: &str) -> Option<(u64, &str, &str)> {
    let (layer, rest) = name.strip_prefix("blk.")?.split_once('.')?;
    let (part, end) = rest.rsplit_once('.')?;
    Some((layer.parse().ok()?, part, end))
}

/// The name of a tensor in transformers; its own where it has none there.
pub(crate) fn rename(architecture: &str, name: &str) -> String {
    let find = |table: &[(&str, &'static str)], part: &str| {
        table.iter().find(|(own, _)| *own == part).map(|(_, theirs)| *theirs)
    };
    let renamed = || {
        if !MAPPED.contains(&architecture) {
            return None;
        }
        if let Some((layer, part, end)) = split(name) {
            return Some(format!("model.layers.{layer}.{}.{end}", find(&INNER, part)?));
        }
        let (part, end) = name.rsplit_once('.')?;
        Some(format!("{}.{end}", find(&OUTER, part)?))
    };
    renamed().unwrap_or_else(|| name.into())
}

/// The heads by which llama.cpp interleaves a tensor's rows; `None` where it leaves them.
pub(crate) fn heads_of(architecture: &str, name: &str) -> Option<Heads> {
    match split(name)? {
        (_, "attn_q", _) if architecture == "llama" => Some(Heads::Query),
        (_, "attn_k", _) if architecture == "llama" => Some(Heads::Key),
        _ => None,
    }
}
