//! Which rows or columns of a projection belong to which attention head, by config.json.

use super::Role;
use serde_json::Value;

/// Where the heads of a projection lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadBlocks {
    /// On the rows of the stored matrix; else on its columns.
    pub on_rows: bool,
    /// Heads.
    pub count: usize,
    /// Rows or columns of one.
    pub size: usize,
}

/// Attention's shape in a model's config.json, as transformers writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    heads: u64,
    key_value_heads: u64,
    head_dim: u64,
}

impl Attention {
    /// From the text of a config.json; `None` where it does not say how many heads there are.
    ///
    /// Models of several parts keep the language model's under `text_config`.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let root: Value = serde_json::from_slice(json).ok()?;
        let config = root.get("text_config").filter(|c| c.get("num_attention_heads").is_some()).unwrap_or(&root);
        let number = |names: [&str; 2]| names.iter().find_map(|name| config.get(*name)?.as_u64()).filter(|n| *n > 0);
        let heads = number(["num_attention_heads", "n_head"])?;
        let head_dim = match number(["head_dim", "head_dim"]) {
            Some(size) => size,
            None => number(["hidden_size", "n_embd"])? / heads,
        };
        Some(Self { heads, key_value_heads: number(["num_key_value_heads", "num_key_value_heads"]).unwrap_or(heads), head_dim })
    }

    /// The heads of a matrix of this role; `None` where it has none, or its size is not what the config says.
    pub fn blocks(&self, role: &Role, shape: &[u64]) -> Option<HeadBlocks> {
        let &[rows, columns] = shape else { return None };
        // q, k and v write heads (out_features), o reads them (in_features).
        let (heads, writes) = match role.module {
            "q" => (self.heads, true),
            "k" | "v" => (self.key_value_heads, true),
            "o" => (self.heads, false),
            _ => return None,
        };
        let on_rows = writes != role.transposed;
        let length = if on_rows { rows } else { columns };
        (heads * self.head_dim == length && heads > 0).then_some(HeadBlocks { on_rows, count: heads as usize, size: self.head_dim as usize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::role;

    #[test]
    fn grouped_queries_and_conv1d() {
        let llama = Attention::parse(br#"{"num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 64}"#).expect("heads");
        let of = |a: &Attention, name: &str, shape: [u64; 2]| a.blocks(&role(name, &shape), &shape);
        let rows = |count, size| Some(HeadBlocks { on_rows: true, count, size });
        let columns = |count, size| Some(HeadBlocks { on_rows: false, count, size });
        assert_eq!(of(&llama, "model.layers.0.self_attn.q_proj.weight", [64, 64]), rows(8, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.v_proj.weight", [16, 64]), rows(2, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.o_proj.weight", [64, 64]), columns(8, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.v_proj.weight", [24, 64]), None);
        assert_eq!(of(&llama, "model.layers.0.mlp.up_proj.weight", [64, 64]), None);
        let gpt2 = Attention::parse(br#"{"n_head": 4, "n_embd": 32}"#).expect("heads");
        assert_eq!(of(&gpt2, "h.0.attn.c_proj.weight", [32, 32]), rows(4, 8));
        assert_eq!(of(&gpt2, "h.0.attn.c_attn.weight", [32, 96]), None);
        let wide = Attention::parse(br#"{"text_config": {"num_attention_heads": 2, "head_dim": 5, "hidden_size": 3}}"#).expect("heads");
        assert_eq!(of(&wide, "layers.0.self_attn.q_proj.weight", [10, 3]), rows(2, 5));
        assert_eq!(Attention::parse(b"{}"), None);
        assert_eq!(Attention::parse(b"not JSON"), None);
    }
}
