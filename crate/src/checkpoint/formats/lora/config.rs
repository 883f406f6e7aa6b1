//! adapter_config.json of PEFT: ranks and scales of the modules.

use crate::error::Error;
use regex_lite::Regex;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// The fields that decide Δ, by PEFT's names and defaults.
#[derive(Deserialize)]
struct Stored {
    peft_type: String,
    #[serde(default = "default_rank")]
    r: u64,
    #[serde(default = "default_alpha")]
    lora_alpha: f64,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    use_dora: bool,
    #[serde(default)]
    fan_in_fan_out: bool,
    #[serde(default)]
    rank_pattern: Option<InOrder<u64>>,
    #[serde(default)]
    alpha_pattern: Option<InOrder<f64>>,
}

/// An object's entries as they stand in the file: of several patterns that match, the first one
/// counts.
struct InOrder<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = InOrder<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

fn default_rank() -> u64 {
    8
}

fn default_alpha() -> f64 {
    8.0
}

/// Options of PEFT that make Δ another matrix than s·B·A where they are not null or false.
const OTHER_VARIANTS: [&str; 6] = [
    "use_qalora",
    "use_bdlora",
    "megatron_config",
    "layer_replication",
    "arrow_config",
    "monteclora_config",
];

/// A LoRA adapter's configuration.
pub struct AdapterConfig {
    stored: Stored,
    ranks: Vec<(Regex, u64)>,
    alphas: Vec<(Regex, f64)>,
}

/// Compiles patterns by PEFT's rule: a key is a regular expression that the whole module name ends
/// with.
fn compile_patterns<T>(of: Option<InOrder<T>>) -> Result<Vec<(Regex, T)>, regex_lite::Error> {
    of.into_iter()
        .flat_map(|entries| entries.0)
        .map(|(key, value)| Ok((Regex::new(&format!(r"^(.*\.)?({key})$"))?, value)))
        .collect()
}

impl AdapterConfig {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it is not a LoRA configuration, or one of a kind whose Δ is not
    /// s·B·A (DoRA and others).
    pub fn parse(file: &str, json: &[u8]) -> Result<Self, Error> {
        let refuse = |what: String| Error::bad_file(file, what);
        let value: Value = serde_json::from_slice(json)
            .map_err(|e| refuse(format!("it is not an adapter configuration: {e}")))?;
        let on =
            |name: &&str| value.get(name).is_some_and(|v| !v.is_null() && *v != Value::Bool(false));
        if let Some(name) = OTHER_VARIANTS.iter().find(|n| on(n)) {
            return Err(refuse(format!(
                "it sets {name}, whose update is not s·B·A: merge the adapter with PEFT and give \
                the merged checkpoint"
            )));
        }
        // From the text: a parsed value has lost the order of its keys.
        let mut stored: Stored = serde_json::from_slice(json)
            .map_err(|e| refuse(format!("it is not an adapter configuration: {e}")))?;
        if stored.peft_type != "LORA" {
            return Err(refuse(format!(
                "its peft_type is {}, and only LORA is read: merge the adapter with PEFT and give \
                the merged checkpoint",
                stored.peft_type
            )));
        }
        if stored.use_dora {
            return Err(refuse(
                "it is a DoRA adapter (use_dora), whose update is not low rank: merge \
            it with PEFT and give the merged checkpoint"
                    .into(),
            ));
        }
        let broken = |e: regex_lite::Error| {
            refuse(format!(
                "a key of rank_pattern or alpha_pattern is not a regular expression: {e}"
            ))
        };
        let (ranks, alphas) = (
            compile_patterns(stored.rank_pattern.take()).map_err(broken)?,
            compile_patterns(stored.alpha_pattern.take()).map_err(broken)?,
        );
        Ok(Self { stored, ranks, alphas })
    }

    /// True if weights are stored inputs × outputs (GPT-2): then Δ = s·(B·A)ᵀ.
    pub fn transposed(&self) -> bool {
        self.stored.fan_in_fan_out
    }

    /// The rank of a module.
    pub fn rank(&self, module: &str) -> u64 {
        self.ranks.iter().find(|(key, _)| key.is_match(module)).map_or(self.stored.r, |(_, r)| *r)
    }

    /// The scale s of a module: α/r, or α/√r with rank-stabilised LoRA (Kalajdzievski 2023).
    pub fn scale(&self, module: &str) -> f64 {
        let alpha = self
            .alphas
            .iter()
            .find(|(key, _)| key.is_match(module))
            .map_or(self.stored.lora_alpha, |(_, a)| *a);
        let rank = self.rank(module) as f64;
        alpha / if self.stored.use_rslora { rank.sqrt() } else { rank }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<AdapterConfig, Error> {
        AdapterConfig::parse("adapter_config.json", json.as_bytes())
    }

    #[test]
    fn patterns_match_the_end_of_a_module_s_name() {
        let config = parse(
            r#"{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
"rank_pattern": {"layers.1.self_attn.q_proj": 4, "mlp\\..*": 2},
                "alpha_pattern": {"q_proj": 8}}"#,
        )
        .expect("a LoRA configuration");
        let at = |module| (config.rank(module), config.scale(module));
        assert_eq!(at("model.layers.0.self_attn.q_proj"), (16, 0.5));
        assert_eq!(at("model.layers.1.self_attn.q_proj"), (4, 2.0));
        assert_eq!(at("model.layers.11.self_attn.q_proj"), (16, 0.5));
        assert_eq!(at("model.layers.1.mlp.up_proj"), (2, 16.0));
        assert_eq!(at("model.layers.1.self_attn.k_proj"), (16, 2.0));
        let ordered = parse(
            r#"{"peft_type": "LORA", "alpha_pattern": {"q_proj": 16, ".*proj": 24,
"a.q_proj": 32}}"#,
        )
        .expect("a LoRA configuration");
        assert_eq!((ordered.scale("a.q_proj"), ordered.scale("a.k_proj")), (2.0, 3.0));
        let stabilised =
            parse(r#"{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "use_rslora": true}"#)
                .expect("a LoRA configuration");
        assert_eq!(stabilised.scale("x"), 8.0);
    }

    #[test]
    fn what_is_no_plain_lora_is_refused_by_name() {
        for (json, word) in [
            (r#"{"peft_type": "LORA", "use_dora": true}"#, "DoRA"),
            (r#"{"peft_type": "IA3"}"#, "IA3"),
            (r#"{"peft_type": "LORA", "use_qalora": true}"#, "use_qalora"),
            (r#"{"peft_type": "LORA", "rank_pattern": {"(": 2}}"#, "regular expression"),
            ("{}", "peft_type"),
        ] {
            let error = parse(json).err().expect(json).to_string();
            assert!(error.starts_with("adapter_config.json: ") && error.contains(word), "{error}");
        }
        assert!(
            parse(
                r#"{"peft_type": "LORA", "use_dora": false, "use_qalora": false,
"megatron_config": null}"#
            )
            .is_ok()
        );
    }
}
