//! Names of tensors in an adapter's file, taken apart.
//!
//! PEFT's `save_pretrained` writes `base_model.model.{module}.lora_A.weight`; a state dict has the
//! adapter's name behind the factor (`lora_A.default.weight`), and frameworks put wrappers of
//! their own before or into the names.

use crate::checkpoint::names::wrappers::is_wrapper;

/// The component that stands for the wrapped layer itself.
const BASE_LAYER: &str = "base_layer";

/// What a tensor of an adapter's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A of a layer or of a parameter.
    A,
    /// B of a layer or of a parameter.
    B,
    /// A of an embedding, whose Δ is (B·A)ᵀ.
    EmbeddingA,
    /// B of an embedding.
    EmbeddingB,
    /// The bias of B, which the merge adds to the layer's bias.
    Bias,
    /// Rows of an embedding that were trained, in the order of their indices in the configuration.
    Tokens,
    /// A tensor that was trained or saved whole; the module is its whole name.
    Whole,
    /// A copy of a weight from before training, which PEFT keeps beside the trained one.
    Original,
}

/// A name, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The layer's name in the base; of [`Part::Whole`] and [`Part::Original`] the tensor's.
    pub module: String,
    /// How many layers lie inside this one: with several adapted parameters PEFT nests a wrapper
    /// for each, the last parameter outermost.
    pub depth: usize,
    /// What the tensor is.
    pub part: Part,
    /// The adapter's name in the key; `None` where it has none.
    pub adapter: Option<String>,
}

/// Takes wrappers and PEFT's own prefix off a name, however often they stand there.
pub(crate) fn clean_name(name: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = name.split('.').filter(|part| !is_wrapper(part)).collect();
    loop {
        let known = match parts[..] {
            ["base_model", "model", _, ..] => 2,
            ["module", _, ..] => 1,
            _ => return parts,
        };
        parts.drain(..known);
    }
}

/// Takes a name apart. A name of none of the known kinds is that of a whole tensor.
pub(crate) fn take_apart(name: &str) -> Key {
    let parts = clean_name(name);
    let whole = |parts: &[&str], part: Part, adapter: Option<&str>| Key {
        module: parts.iter().filter(|p| **p != BASE_LAYER).copied().collect::<Vec<_>>().join("."),
        depth: 0,
        part,
        adapter: adapter.map(Into::into),
    };
    for (at, word) in parts.iter().enumerate() {
        let (before, rest) = (&parts[..at], &parts[at + 1..]);
        match *word {
            "lora_A" | "lora_B" | "lora_embedding_A" | "lora_embedding_B" => {
                let (adapter, bias) = match *rest {
                    [] | ["weight"] => (None, false),
                    ["bias"] => (None, true),
                    [adapter] | [adapter, "weight"] => (Some(adapter), false),
                    [adapter, "bias"] => (Some(adapter), true),
                    _ => continue,
                };
                let part = match (*word, bias) {
                    ("lora_B", true) => Part::Bias,
                    (_, true) => continue,
                    ("lora_A", _) => Part::A,
                    ("lora_B", _) => Part::B,
                    ("lora_embedding_A", _) => Part::EmbeddingA,
                    _ => Part::EmbeddingB,
                };
                let depth = before.iter().rev().take_while(|p| **p == BASE_LAYER).count();
                return Key { depth, ..whole(before, part, adapter) };
            }
            "modules_to_save" => {
                let (adapter, tail) = match rest {
                    [adapter, tail @ ..] if !tail.is_empty() => (Some(*adapter), tail),
                    _ => (None, rest),
                };
                return whole(&[before, tail].concat(), Part::Whole, adapter);
            }
            "original_module" => {
                return whole(&[before, rest].concat(), Part::Original, None);
            }
            "trainable_tokens_delta" | "trainable_tokens_original" => {
                let module = match before {
                    [module @ .., "token_adapter"] => module,
                    _ => before,
                };
                let part = match *word {
                    "trainable_tokens_delta" => Part::Tokens,
                    _ => Part::Original,
                };
                return whole(module, part, rest.first().copied());
            }
            _ => {}
        }
    }
    let own: Vec<&str> = parts.iter().filter(|part| **part != "token_adapter").copied().collect();
    whole(&own, Part::Whole, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_layout() {
        let show = |name| {
            let Key { module, depth, part, adapter } = take_apart(name);
            format!("{part:?} {module} {depth} {}", adapter.unwrap_or_default())
        };
        for (name, want) in [
            ("base_model.model.a.q_proj.lora_A.weight", "A a.q_proj 0 "),
            ("base_model.model.a.q_proj.lora_B.default.weight", "B a.q_proj 0 default"),
            ("a.q_proj.lora_A.policy.weight", "A a.q_proj 0 policy"),
            ("a.q_proj.lora_A.policy", "A a.q_proj 0 policy"),
            ("base_model.model.base_model.model.a.lora_A.weight", "A a 0 "),
            ("module.base_model.model._orig_mod.a.lora_A.weight", "A a 0 "),
            ("base_model.model.module.l._orig_mod.q.lora_B.weight", "B l.q 0 "),
            ("base_model.model.embed_tokens.lora_embedding_A", "EmbeddingA embed_tokens 0 "),
            ("x.wte.lora_embedding_B.default", "EmbeddingB x.wte 0 default"),
            ("base_model.model.lm_head.weight", "Whole lm_head.weight 0 "),
            ("lm_head.modules_to_save.weight", "Whole lm_head.weight 0 "),
            ("lm_head.modules_to_save.policy.weight", "Whole lm_head.weight 0 policy"),
            ("score.modules_to_save.default.dense.weight", "Whole score.dense.weight 0 default"),
            ("lm_head.original_module.weight", "Original lm_head.weight 0 "),
            ("base_model.model.m.up_proj.base_layer.bias", "Whole m.up_proj.bias 0 "),
            // A bias of B is not a factor: it must not pass for one.
            ("base_model.model.x.lora_B.bias", "Bias x 0 "),
            ("base_model.model.x.lora_B.default.bias", "Bias x 0 default"),
            ("l.experts.lora_A.weight", "A l.experts 0 "),
            ("l.experts.base_layer.lora_B.weight", "B l.experts 1 "),
            ("e.token_adapter.trainable_tokens_delta", "Tokens e 0 "),
            ("e.token_adapter.trainable_tokens_delta.default", "Tokens e 0 default"),
            ("e.trainable_tokens_delta", "Tokens e 0 "),
            ("e.token_adapter.trainable_tokens_original.default", "Original e 0 default"),
            ("e.token_adapter.base_layer.weight", "Whole e.weight 0 "),
            ("module.x", "Whole x 0 "),
            ("module", "Whole module 0 "),
        ] {
            assert_eq!(show(name), want, "{name}");
        }
    }
}
