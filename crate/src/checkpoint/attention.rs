//! Attention heads: the rows or columns of a projection that belong to each, by config.json.

use crate::checkpoint::names::role::{Module, Role};
use serde_json::Value;

/// The place of the heads in a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadBlocks {
    /// True if the heads divide the rows of the stored matrix, false if its columns.
    pub on_rows: bool,
    /// Number of heads.
    pub count: usize,
    /// Number of rows or columns of one head.
    pub size: usize,
    /// The order of the heads if queries, keys and values are one tensor; else `None`.
    pub fused: Option<Fused>,
}

impl HeadBlocks {
    /// Names the heads `q0`, `k0`, `v0` and so on; empty if all are of one projection.
    pub fn labels(&self) -> Vec<String> {
        let label = |head: usize| match self.fused? {
            Fused::Blocks { queries, key_values } => Some(match head {
                _ if head < queries => format!("q{head}"),
                _ if head < queries + key_values => format!("k{}", head - queries),
                _ => format!("v{}", head - queries - key_values),
            }),
            Fused::ByHead => Some(format!("{}{}", ["q", "k", "v"][head % 3], head / 3)),
        };
        (0..self.count).map_while(label).collect()
    }
}

/// The order of queries, keys and values in one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fused {
    /// All heads of the queries, then those of the keys, then those of the values.
    Blocks {
        /// Number of heads of the queries.
        queries: usize,
        /// Number of heads of the keys, and of the values.
        key_values: usize,
    },
    /// Query, key and value of the first head, then of the second, and so on.
    ByHead,
}

/// The shape of attention in a config.json, as transformers writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    heads: u64,
    key_value_heads: u64,
    head_dim: u64,
    /// The order of the heads in a fused tensor; `None` where it is not known for the model.
    fused: Option<Fused>,
}

impl Attention {
    /// Reads the text of a config.json; `None` where it does not give the number of heads.
    ///
    /// Models of several parts keep the language model's under `text_config`.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let root: Value = serde_json::from_slice(json).ok()?;
        let config = root
            .get("text_config")
            .filter(|c| c.get("num_attention_heads").is_some())
            .unwrap_or(&root);
        let number = |names: [&str; 2]| {
            names.iter().find_map(|name| config.get(*name)?.as_u64()).filter(|n| *n > 0)
        };
        let heads = number(["num_attention_heads", "n_head"])?;
        let head_dim = match number(["head_dim", "head_dim"]) {
            Some(size) => size,
            None => number(["hidden_size", "n_embd"])? / heads,
        };
        let key_value_heads =
            number(["num_key_value_heads", "num_key_value_heads"]).unwrap_or(heads);
        // As transformers cuts them in the attention of each: other models have other orders under
        // the same names.
        let fused = match config.get("model_type").and_then(Value::as_str) {
            Some("phi3" | "gpt2") => Some(Fused::Blocks {
                queries: usize::try_from(heads).ok()?,
                key_values: usize::try_from(key_value_heads).ok()?,
            }),
            Some("gpt_neox") => Some(Fused::ByHead),
            _ => None,
        };
        Some(Self { heads, key_value_heads, head_dim, fused })
    }

    /// Finds the heads of a matrix of this role; `None` where it has none, or its size does not
    /// fit the config.
    pub fn find_blocks(&self, role: &Role, shape: &[u64]) -> Option<HeadBlocks> {
        let &[rows, columns] = shape else { return None };
        // q, k and v write heads (out_features), o reads them (in_features).
        let (heads, writes, fused) = match (role.module, self.fused) {
            (Module::Q, _) => (self.heads, true, None),
            (Module::K | Module::V, _) => (self.key_value_heads, true, None),
            (Module::O, _) => (self.heads, false, None),
            (Module::Qkv, Some(fused)) => {
                let both = self.key_value_heads.checked_mul(2)?;
                (self.heads.checked_add(both)?, true, Some(fused))
            }
            _ => return None,
        };
        let on_rows = writes != role.transposed;
        let length = if on_rows { rows } else { columns };
        // Numbers of a file may have any product, and it fits the side only if both do.
        (heads.checked_mul(self.head_dim)? == length && length > 0).then_some(HeadBlocks {
            on_rows,
            count: usize::try_from(heads).ok()?,
            size: usize::try_from(self.head_dim).ok()?,
            fused,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::names::role::find_role;

    #[test]
    fn fused_projections_by_kind_of_model() {
        let blocks = |json: &str, name: &str, shape: [u64; 2]| {
            Attention::parse(json.as_bytes())
                .expect("heads")
                .find_blocks(&find_role(name, &shape), &shape)
        };
        let phi = r#"{"model_type": "phi3", "num_attention_heads": 4, "num_key_value_heads": 2,
"hidden_size": 24}"#;
        let found =
            blocks(phi, "model.layers.0.self_attn.qkv_proj.weight", [48, 24]).expect("heads");
        assert_eq!((found.on_rows, found.count, found.size), (true, 8, 6));
        assert_eq!(found.labels(), ["q0", "q1", "q2", "q3", "k0", "k1", "v0", "v1"]);
        assert_eq!(blocks(phi, "model.layers.0.self_attn.qkv_proj.weight", [72, 24]), None);
        assert_eq!(
            blocks(phi, "model.layers.0.self_attn.o_proj.weight", [24, 24])
                .expect("heads")
                .labels(),
            [""; 0]
        );
        let neox = r#"{"model_type": "gpt_neox", "num_attention_heads": 2, "hidden_size": 8}"#;
        let found = blocks(neox, "gpt_neox.layers.1.attention.query_key_value.weight", [24, 8])
            .expect("heads");
        assert_eq!((found.on_rows, found.count, found.size), (true, 6, 4));
        assert_eq!(found.labels(), ["q0", "k0", "v0", "q1", "k1", "v1"]);
        let gpt2 = r#"{"model_type": "gpt2", "n_head": 2, "n_embd": 8}"#;
        let found = blocks(gpt2, "h.0.attn.c_attn.weight", [8, 24]).expect("heads");
        assert_eq!((found.on_rows, found.count, found.size), (false, 6, 4));
        assert_eq!(found.labels(), ["q0", "q1", "k0", "k1", "v0", "v1"]);
        // ChatGLM and Falcon have other orders under the same name.
        let other = r#"{"model_type": "chatglm", "num_attention_heads": 2, "hidden_size": 8}"#;
        assert_eq!(
            blocks(other, "gpt_neox.layers.1.attention.query_key_value.weight", [24, 8]),
            None
        );
    }

    #[test]
    fn grouped_queries_and_conv1d() {
        let llama = Attention::parse(
            br#"{"num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 64}"#,
        )
        .expect("heads");
        let of = |a: &Attention, name: &str, shape: [u64; 2]| {
            a.find_blocks(&find_role(name, &shape), &shape)
        };
        let rows = |count, size| Some(HeadBlocks { on_rows: true, count, size, fused: None });
        let columns = |count, size| Some(HeadBlocks { on_rows: false, count, size, fused: None });
        assert_eq!(of(&llama, "model.layers.0.self_attn.q_proj.weight", [64, 64]), rows(8, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.v_proj.weight", [16, 64]), rows(2, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.o_proj.weight", [64, 64]), columns(8, 8));
        assert_eq!(of(&llama, "model.layers.0.self_attn.v_proj.weight", [24, 64]), None);
        assert_eq!(of(&llama, "model.layers.0.mlp.up_proj.weight", [64, 64]), None);
        let gpt2 = Attention::parse(br#"{"n_head": 4, "n_embd": 32}"#).expect("heads");
        assert_eq!(of(&gpt2, "h.0.attn.c_proj.weight", [32, 32]), rows(4, 8));
        assert_eq!(of(&gpt2, "h.0.attn.c_attn.weight", [32, 96]), None);
        let wide = Attention::parse(
            br#"{"text_config": {"num_attention_heads": 2, "head_dim": 5, "hidden_size": 3}}"#,
        )
        .expect("heads");
        assert_eq!(of(&wide, "layers.0.self_attn.q_proj.weight", [10, 3]), rows(2, 5));
        for numbers in [
            r#""num_attention_heads": 2, "head_dim": 9223372036854775812"#,
            r#""num_attention_heads": 9223372036854775812, "head_dim": 2"#,
            r#""num_attention_heads": 1, "num_key_value_heads": 9223372036854775812,
               "head_dim": 8, "model_type": "gpt_neox""#,
            r#""num_attention_heads": 18446744073709551615, "hidden_size": 8"#,
        ] {
            // 2 · (2^63 + 4) is 8 where a product wraps.
            let found = Attention::parse(format!("{{{numbers}}}").as_bytes());
            let names = ["q_proj", "k_proj", "o_proj", "query_key_value"];
            for (attention, name) in found.iter().flat_map(|a| names.map(|name| (a, name))) {
                let heads = of(attention, &format!("layers.0.attention.{name}.weight"), [8, 8]);
                assert!(heads.is_none_or(|heads| heads.count * heads.size == 8), "{numbers}");
            }
        }
        assert_eq!(Attention::parse(b"{}"), None);
        assert_eq!(Attention::parse(b"not JSON"), None);
    }
}
