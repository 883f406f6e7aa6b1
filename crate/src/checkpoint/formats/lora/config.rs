//! adapter_config.json of PEFT: ranks and scales of the modules.

use crate::checkpoint::formats::lora::in_order::InOrder;
use crate::checkpoint::formats::lora::refused::{find_other_kind, refuse_start};
use crate::checkpoint::names::families::modernize_name;
use crate::error::Error;
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

/// The fields that decide Δ, by PEFT's names and defaults.
#[derive(Deserialize)]
struct Stored {
    #[serde(default = "default_rank")]
    r: u64,
    #[serde(default = "default_alpha")]
    lora_alpha: f64,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    fan_in_fan_out: bool,
    #[serde(default)]
    rank_pattern: Option<InOrder<u64>>,
    #[serde(default)]
    alpha_pattern: Option<InOrder<f64>>,
    #[serde(default)]
    init_lora_weights: Value,
    #[serde(default)]
    target_parameters: Option<Vec<String>>,
    #[serde(default)]
    trainable_token_indices: Option<TokenIndices>,
}

/// Indices of trained tokens: of the embedding, or by the names of layers.
#[derive(Deserialize)]
#[serde(untagged)]
enum TokenIndices {
    Embedding(Vec<u64>),
    Layers(InOrder<Vec<u64>>),
}

fn default_rank() -> u64 {
    8
}

fn default_alpha() -> f64 {
    8.0
}

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
        if !value.is_object() {
            return Err(refuse("it is not an adapter configuration: it is no JSON object".into()));
        }
        if let Some(what) = find_other_kind(&value) {
            return Err(refuse(what));
        }
        // From the text: a parsed value has lost the order of its keys.
        let mut stored: Stored = serde_json::from_slice(json)
            .map_err(|e| refuse(format!("it is not an adapter configuration: {e}")))?;
        let start = match &stored.init_lora_weights {
            Value::String(word) => word.clone(),
            other => other.to_string(),
        };
        if let Some(what) = refuse_start(&start) {
            return Err(refuse(what));
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

    /// What the file says of all weights: that they are stored inputs × outputs (GPT-2). PEFT
    /// writes what it found for the last module, so that it may be wrong for others.
    pub fn says_transposed(&self) -> bool {
        self.stored.fan_in_fan_out
    }

    /// True if LoRA may be on this parameter itself, and not on the weight of a layer.
    pub fn targets_parameter(&self, name: &str) -> bool {
        // The configuration has the names of today's transformers, a file may have older ones.
        let name = modernize_name(name);
        let ends = |target: &String| {
            name.strip_suffix(&modernize_name(target))
                .is_some_and(|b| b.is_empty() || b.ends_with('.'))
        };
        self.stored.target_parameters.as_ref().is_none_or(|targets| targets.iter().any(ends))
    }

    /// True where the configuration names this parameter itself.
    pub fn names_parameter(&self, name: &str) -> bool {
        self.stored.target_parameters.is_some() && self.targets_parameter(name)
    }

    /// The indices of the tokens of a layer that were trained, in the order of the stored rows.
    pub fn token_indices(&self, module: &str) -> Option<&[u64]> {
        match self.stored.trainable_token_indices.as_ref()? {
            TokenIndices::Embedding(indices) => Some(indices),
            TokenIndices::Layers(layers) => {
                let of = |key: &str| module.strip_suffix(key);
                let fits = |key: &str| of(key).is_some_and(|b| b.is_empty() || b.ends_with('.'));
                layers.0.iter().find(|(key, _)| fits(key)).map(|(_, indices)| &indices[..])
            }
        }
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
            (r#"{"fine_tune_type": "lora", "lora_parameters": {"rank": 4}}"#, "mlx_lm.fuse"),
            (r#"{"peft_type": "PREFIX_TUNING"}"#, "nothing to compare"),
            (r#"{"peft_type": "LORA", "alora_invocation_tokens": [3]}"#, "aLoRA"),
            (r#"{"peft_type": "LORA", "kasa_config": {}}"#, "kasa_config"),
            (r#"{"peft_type": "LORA", "use_new": true}"#, "use_new, which is not known"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "pissa"}"#, "path_initial_model"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "pissa_niter_4"}"#, "residual"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "OLoRA"}"#, "OLoRA"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "corda"}"#, "path_initial_model"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "lora_ga"}"#, "path_initial_model"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "loftq"}"#, "quantisation"),
            (r#"{"peft_type": "LORA", "init_lora_weights": "new"}"#, "not known here"),
            (r#"{"peft_type": "LORA", "init_lora_weights": 3}"#, "not known here"),
        ] {
            let error = parse(json).err().expect(json).to_string();
            assert!(error.starts_with("adapter_config.json: ") && error.contains(word), "{error}");
        }
        for start in ["true", "false", "null", r#""gaussian""#, r#""eva""#, r#""orthogonal""#] {
            let config = format!(r#"{{"peft_type": "LORA", "init_lora_weights": {start}}}"#);
            assert!(parse(&config).is_ok(), "{start}");
        }
        assert!(
            parse(
                r#"{"peft_type": "LORA", "use_dora": false, "use_qalora": false,
"megatron_config": null}"#
            )
            .is_ok()
        );
    }

    #[test]
    fn tokens_and_parameters_are_found_by_the_end_of_a_name() {
        let list =
            parse(r#"{"peft_type": "LORA", "trainable_token_indices": [3, 1]}"#).expect("a list");
        assert_eq!(list.token_indices("model.embed_tokens"), Some(&[3, 1][..]));
        assert!(list.targets_parameter("anything"));
        let named = parse(
            r#"{"peft_type": "LORA", "trainable_token_indices": {"lm_head": [5], "wte": [7]},
                "target_parameters": ["experts.down_proj"]}"#,
        )
        .expect("names");
        assert_eq!(named.token_indices("transformer.wte"), Some(&[7][..]));
        assert_eq!(named.token_indices("transformer.newte"), None);
        assert!(named.targets_parameter("a.experts.down_proj"));
        assert!(!named.targets_parameter("a.experts.up_proj"));
        assert!(!named.targets_parameter("a.myexperts.down_proj"));
    }
}
