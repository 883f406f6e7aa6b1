//! Layer and module kind from a tensor's name: Llama, Qwen, Mistral, Gemma, Phi, GPT-2, GPT-NeoX,
//! Mixtral, Qwen-MoE.

/// What a tensor does in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The layer's number.
    pub layer: Option<u32>,
    /// `q k v o qkv gate up down gate_up embed norm head expert router bias other`.
    pub module: &'static str,
    /// Stored inputs × outputs (GPT-2's Conv1D).
    pub transposed: bool,
}

/// Names of lists of layers.
const LAYER_LISTS: [&str; 4] = ["layers", "h", "blocks", "layer"];

/// The number behind the first list of layers.
fn layer(parts: &[&str]) -> Option<u32> {
    parts.windows(2).find(|w| LAYER_LISTS.contains(&w[0])).and_then(|w| w[1].parse().ok())
}

/// The last word of a module's path, as a kind.
fn kind(word: &str, parent: &str) -> &'static str {
    match (word, parent) {
        ("q_proj" | "query", _) => "q",
        ("k_proj" | "key", _) => "k",
        ("v_proj" | "value", _) => "v",
        ("o_proj" | "out_proj", _) | ("dense", "self_attn" | "attention") => "o",
        ("qkv_proj" | "c_attn" | "query_key_value" | "Wqkv", _) => "qkv",
        ("c_proj", "attn") => "o",
        ("gate_up_proj", _) => "gate_up",
        ("gate_proj", _) => "gate",
        ("up_proj" | "c_fc" | "fc1" | "dense_h_to_4h", _) => "up",
        ("down_proj" | "fc2" | "dense_4h_to_h", _) | ("c_proj", "mlp") => "down",
        ("gate" | "router", _) => "router",
        ("embed_tokens" | "wte" | "wpe" | "embed_in" | "word_embeddings", _) => "embed",
        ("lm_head" | "embed_out", _) => "head",
        _ if word.contains("norm") || matches!(word, "ln_1" | "ln_2" | "ln_f") => "norm",
        _ => "other",
    }
}

/// The role of a tensor of this name and shape; what is not known is `other`.
pub fn role(name: &str, shape: &[u64]) -> Role {
    let parts: Vec<&str> = name.split('.').collect();
    let layer = layer(&parts);
    let (path, last) = match parts.split_last() {
        Some((last @ (&"weight" | &"bias"), path)) if !path.is_empty() => (path, *last),
        _ => (&parts[..], "weight"),
    };
    let word = path.last().copied().unwrap_or_default();
    let parent = if path.len() > 1 { path[path.len() - 2] } else { "" };
    let kind = kind(word, parent);
    let expert = path.iter().any(|p| *p == "experts" || p.starts_with("shared_expert"))
        && kind != "router"
        && !word.ends_with("_gate");
    let module = match (kind, last) {
        ("norm", _) => "norm",
        (_, "bias") => "bias",
        _ if expert => "expert",
        _ if word == "shared_expert_gate" => "router",
        (kind, _) => kind,
    };
    let transposed = shape.len() == 2 && matches!(word, "c_attn" | "c_proj" | "c_fc");
    Role { layer, module, transposed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_architecture() {
        let cases = [
            ("model.embed_tokens.weight", None, "embed"),
            ("model.layers.11.self_attn.q_proj.weight", Some(11), "q"),
            ("model.layers.11.self_attn.k_proj.bias", Some(11), "bias"),
            ("model.layers.3.self_attn.q_norm.weight", Some(3), "norm"),
            ("model.layers.3.self_attn.o_proj.weight", Some(3), "o"),
            ("model.layers.0.mlp.gate_proj.weight", Some(0), "gate"),
            ("model.layers.0.pre_feedforward_layernorm.weight", Some(0), "norm"),
            ("language_model.model.layers.5.mlp.down_proj.weight", Some(5), "down"),
            ("model.norm.weight", None, "norm"),
            ("lm_head.weight", None, "head"),
            ("model.layers.2.self_attn.qkv_proj.weight", Some(2), "qkv"),
            ("model.layers.2.mlp.gate_up_proj.weight", Some(2), "gate_up"),
            ("model.layers.2.self_attn.dense.weight", Some(2), "o"),
            ("model.layers.2.mlp.fc2.weight", Some(2), "down"),
            ("transformer.h.7.attn.c_attn.weight", Some(7), "qkv"),
            ("h.7.attn.c_proj.weight", Some(7), "o"),
            ("h.7.mlp.c_proj.weight", Some(7), "down"),
            ("transformer.h.7.ln_1.bias", Some(7), "norm"),
            ("transformer.wpe.weight", None, "embed"),
            ("gpt_neox.layers.1.attention.query_key_value.weight", Some(1), "qkv"),
            ("gpt_neox.layers.1.attention.dense.weight", Some(1), "o"),
            ("model.layers.4.block_sparse_moe.experts.6.w2.weight", Some(4), "expert"),
            ("model.layers.4.block_sparse_moe.gate.weight", Some(4), "router"),
            ("model.layers.4.mlp.experts.127.down_proj.weight", Some(4), "expert"),
            ("model.layers.4.mlp.experts.gate_up_proj", Some(4), "expert"),
            ("model.layers.4.mlp.shared_expert.up_proj.weight", Some(4), "expert"),
            ("model.layers.4.mlp.shared_expert_gate.weight", Some(4), "router"),
            ("model.layers.4.mlp.gate.weight", Some(4), "router"),
            ("something.new", None, "other"),
        ];
        for (name, layer, module) in cases {
            let found = role(name, &[4, 4]);
            assert_eq!((found.layer, found.module), (layer, module), "{name}");
        }
        assert!(role("h.0.attn.c_attn.weight", &[4, 12]).transposed);
        assert!(!role("h.0.attn.c_attn.bias", &[12]).transposed);
        assert!(!role("model.layers.0.self_attn.q_proj.weight", &[4, 4]).transposed);
    }
}
