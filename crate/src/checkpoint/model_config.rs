//! What config.json tells of the model beside the shape of its attention.

use serde_json::Value;

/// Types of language models whose head is the embedding where config.json does not say, by the
/// defaults of transformers 5.24.
const TIED_BY_DEFAULT: &[&str] = &[
    "bloom",
    "cohere",
    "cohere2",
    "cohere2_vision",
    "ctrl",
    "ernie4_5",
    "ernie4_5_moe",
    "falcon",
    "falcon_mamba",
    "gemma",
    "gemma2",
    "gemma3",
    "gemma3_text",
    "gemma3n",
    "gemma3n_text",
    "gemma4",
    "gemma4_text",
    "gpt2",
    "gpt_bigcode",
    "gpt_neo",
    "jetmoe",
    "lfm2",
    "lfm2_moe",
    "lfm2_vl",
    "mamba",
    "minicpm3",
    "modernbert-decoder",
    "mpt",
    "openai-gpt",
    "opt",
    "paligemma",
    "recurrent_gemma",
    "smollm3",
    "starcoder2",
    "vaultgemma",
    "xglm",
    "zamba",
    "zamba2",
];

/// The kind of model, and whether its head is its embedding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelConfig {
    /// `model_type`, of the whole model and of its text part.
    pub model_types: Vec<String>,
    tied: Option<bool>,
}

impl ModelConfig {
    /// Reads the text of a config.json; nothing is known where it can't be read.
    ///
    /// Models of several parts keep the language model's under `text_config`, whose
    /// `tie_word_embeddings` comes first.
    pub fn parse(json: &[u8]) -> Self {
        let Ok(root) = serde_json::from_slice::<Value>(json) else { return Self::default() };
        let parts = [root.get("text_config"), Some(&root)];
        let parts = || parts.iter().flatten();
        let tied = |config: &&Value| config.get("tie_word_embeddings")?.as_bool();
        Self {
            model_types: parts()
                .filter_map(|config| Some(config.get("model_type")?.as_str()?.to_string()))
                .collect(),
            tied: parts().find_map(tied),
        }
    }

    /// Whether the output head is the embedding of tokens; `None` where the config is missing, or
    /// leaves it to a default that is not known.
    pub fn ties_head(&self) -> Option<bool> {
        self.tied.or_else(|| {
            let known = |names: &[&str]| self.model_types.iter().any(|t| names.contains(&&**t));
            known(TIED_BY_DEFAULT).then_some(true)
        })
    }

    /// True where the model or its text part is one of these types.
    pub fn is_any(&self, types: &[&str]) -> bool {
        self.model_types.iter().any(|t| types.contains(&t.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_told_by_the_text_part_then_the_whole_then_the_default() {
        for (json, tied) in [
            (r#"{"tie_word_embeddings": true}"#, Some(true)),
            (r#"{"tie_word_embeddings": false, "model_type": "gpt2"}"#, Some(false)),
            (r#"{"model_type": "gpt2"}"#, Some(true)),
            (r#"{"model_type": "llama"}"#, None),
            (
                r#"{"tie_word_embeddings": false, "text_config": {"tie_word_embeddings": true}}"#,
                Some(true),
            ),
            (r#"{"tie_word_embeddings": true, "text_config": {}}"#, Some(true)),
            (r#"{"text_config": {"model_type": "gemma3_text"}}"#, Some(true)),
            ("not JSON", None),
            ("[]", None),
        ] {
            assert_eq!(ModelConfig::parse(json.as_bytes()).ties_head(), tied, "{json}");
        }
        assert!(ModelConfig::parse(br#"{"model_type": "x"}"#).is_any(&["y", "x"]));
    }
}
