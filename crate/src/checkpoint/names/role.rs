//! Layer and module kind from a tensor's name: Llama, Qwen, Mistral, Gemma, Phi, GPT-2, GPT-NeoX,
//! Mixtral, Qwen-MoE.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of module that a tensor belongs to, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Module {
    /// Query projection of attention.
    Q,
    /// Key projection of attention.
    K,
    /// Value projection of attention.
    V,
    /// Output projection of attention.
    O,
    /// Query, key and value projections in one tensor.
    Qkv,
    /// Gate projection of an MLP.
    Gate,
    /// Up projection of an MLP.
    Up,
    /// Down projection of an MLP.
    Down,
    /// Gate and up projections of an MLP in one tensor.
    GateUp,
    /// Embedding of tokens or positions.
    Embed,
    /// Normalisation.
    Norm,
    /// Output head of the language model.
    Head,
    /// Any projection of an expert, shared ones included.
    Expert,
    /// Router of a mixture of experts.
    Router,
    /// Any bias except those of normalisations.
    Bias,
    /// The name tells none of these.
    Other,
}

impl_words!(Module);

/// The role of a tensor in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Number of the layer; `None` outside layers.
    pub layer: Option<u32>,
    /// The kind of module.
    pub module: Module,
    /// True if the matrix is stored inputs × outputs (GPT-2's Conv1D).
    pub transposed: bool,
}

/// Names of lists of layers.
const LAYER_LISTS: [&str; 4] = ["layers", "h", "blocks", "layer"];

/// Finds the number behind the first list of layers.
fn find_layer(parts: &[&str]) -> Option<u32> {
    parts.windows(2).find(|w| LAYER_LISTS.contains(&w[0])).and_then(|w| w[1].parse().ok())
}

/// Finds the kind of a module by the last word of its path, and the word before it.
fn find_module(word: &str, parent: &str) -> Module {
    match (word, parent) {
        ("q_proj" | "query", _) => Module::Q,
        ("k_proj" | "key", _) => Module::K,
        ("v_proj" | "value", _) => Module::V,
        ("o_proj" | "out_proj", _) | ("dense", "self_attn" | "attention") => Module::O,
        ("qkv_proj" | "c_attn" | "query_key_value" | "Wqkv", _) => Module::Qkv,
        ("c_proj", "attn") => Module::O,
        ("gate_up_proj", _) => Module::GateUp,
        ("gate_proj", _) => Module::Gate,
        ("up_proj" | "c_fc" | "fc1" | "dense_h_to_4h", _) => Module::Up,
        ("down_proj" | "fc2" | "dense_4h_to_h", _) | ("c_proj", "mlp") => Module::Down,
        ("gate" | "router", _) => Module::Router,
        ("embed_tokens" | "wte" | "wpe" | "embed_in" | "word_embeddings", _) => Module::Embed,
        ("lm_head" | "embed_out", _) => Module::Head,
        _ if word.contains("norm") || matches!(word, "ln_1" | "ln_2" | "ln_f") => Module::Norm,
        _ => Module::Other,
    }
}

/// Finds the role of a tensor of this name and shape; the module of an unknown name is `other`.
pub fn find_role(name: &str, shape: &[u64]) -> Role {
    let parts: Vec<&str> = name.split('.').collect();
    let layer = find_layer(&parts);
    let (path, last) = match parts.split_last() {
        Some((last @ (&"weight" | &"bias"), path)) if !path.is_empty() => (path, *last),
        _ => (&parts[..], "weight"),
    };
    let word = path.last().copied().unwrap_or_default();
    let parent = if path.len() > 1 { path[path.len() - 2] } else { "" };
    let kind = find_module(word, parent);
    let expert = path.iter().any(|p| *p == "experts" || p.starts_with("shared_expert"))
        && kind != Module::Router
        && !word.ends_with("_gate");
    let module = match (kind, last) {
        (Module::Norm, _) => Module::Norm,
        // Stacked experts' bias vectors, and what balances a router.
        (_, "bias") => Module::Bias,
        _ if word.ends_with("_bias") => Module::Bias,
        _ if expert => Module::Expert,
        _ if word == "shared_expert_gate" => Module::Router,
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
            ("model.embed_tokens.weight", None, Module::Embed),
            ("model.layers.11.self_attn.q_proj.weight", Some(11), Module::Q),
            ("model.layers.11.self_attn.k_proj.bias", Some(11), Module::Bias),
            ("model.layers.3.self_attn.q_norm.weight", Some(3), Module::Norm),
            ("model.layers.3.self_attn.o_proj.weight", Some(3), Module::O),
            ("model.layers.0.mlp.gate_proj.weight", Some(0), Module::Gate),
            ("model.layers.0.pre_feedforward_layernorm.weight", Some(0), Module::Norm),
            ("language_model.model.layers.5.mlp.down_proj.weight", Some(5), Module::Down),
            ("model.norm.weight", None, Module::Norm),
            ("lm_head.weight", None, Module::Head),
            ("model.layers.2.self_attn.qkv_proj.weight", Some(2), Module::Qkv),
            ("model.layers.2.mlp.gate_up_proj.weight", Some(2), Module::GateUp),
            ("model.layers.2.self_attn.dense.weight", Some(2), Module::O),
            ("model.layers.2.mlp.fc2.weight", Some(2), Module::Down),
            ("transformer.h.7.attn.c_attn.weight", Some(7), Module::Qkv),
            ("h.7.attn.c_proj.weight", Some(7), Module::O),
            ("h.7.mlp.c_proj.weight", Some(7), Module::Down),
            ("transformer.h.7.ln_1.bias", Some(7), Module::Norm),
            ("transformer.wpe.weight", None, Module::Embed),
            ("gpt_neox.layers.1.attention.query_key_value.weight", Some(1), Module::Qkv),
            ("gpt_neox.layers.1.attention.dense.weight", Some(1), Module::O),
            ("model.layers.4.block_sparse_moe.experts.6.w2.weight", Some(4), Module::Expert),
            ("model.layers.4.block_sparse_moe.gate.weight", Some(4), Module::Router),
            ("model.layers.4.mlp.experts.127.down_proj.weight", Some(4), Module::Expert),
            ("model.layers.4.mlp.experts.gate_up_proj", Some(4), Module::Expert),
            ("model.layers.4.mlp.shared_expert.up_proj.weight", Some(4), Module::Expert),
            ("model.layers.4.mlp.shared_expert_gate.weight", Some(4), Module::Router),
            ("model.layers.4.mlp.gate.weight", Some(4), Module::Router),
            ("model.layers.4.mlp.experts.down_proj_bias", Some(4), Module::Bias),
            ("model.layers.4.mlp.gate.e_score_correction_bias", Some(4), Module::Bias),
            ("something.new", None, Module::Other),
        ];
        for (name, layer, module) in cases {
            let found = find_role(name, &[4, 4]);
            assert_eq!((found.layer, found.module), (layer, module), "{name}");
        }
        assert!(find_role("h.0.attn.c_attn.weight", &[4, 12]).transposed);
        assert!(!find_role("h.0.attn.c_attn.bias", &[12]).transposed);
        assert!(!find_role("model.layers.0.self_attn.q_proj.weight", &[4, 4]).transposed);
    }
}
