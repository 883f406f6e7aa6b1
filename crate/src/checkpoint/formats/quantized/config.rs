//! What a config.json tells of the quantisation of a checkpoint's weights.

use serde_json::Value;

/// `quantization_config` of a config.json, as far as it says how weights are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuantizationConfig {
    /// Rows and columns of a block of weights that share a scale: `weight_block_size`.
    pub blocks: Option<(u64, u64)>,
    /// `quant_method`: fp8, gptq, awq, bitsandbytes, …
    pub method: Option<String>,
    /// Bits of a code.
    pub bits: Option<u64>,
}

impl QuantizationConfig {
    /// Reads a config.json; one that tells nothing of it gives the default.
    pub fn parse(config: &[u8]) -> Self {
        let root: Value = serde_json::from_slice(config).unwrap_or_default();
        let of = |root: &Value| root.get("quantization_config").filter(|v| v.is_object()).cloned();
        let text = root.get("text_config").and_then(of);
        let Some(found) = of(&root).or(text) else {
            return Self::default();
        };
        let blocks = found
            .get("weight_block_size")
            .and_then(|size| serde_json::from_value::<(u64, u64)>(size.clone()).ok())
            .filter(|(rows, columns)| *rows > 0 && *columns > 0);
        let says = |key: &str| found.get(key).and_then(Value::as_bool) == Some(true);
        let bits = ["bits", "w_bit", "weight_bits"]
            .iter()
            .find_map(|key| found.get(key)?.as_u64())
            .or(says("load_in_4bit").then_some(4))
            .or(says("load_in_8bit").then_some(8));
        let method = found.get("quant_method").and_then(Value::as_str).map(str::to_lowercase);
        Self { blocks, method, bits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_methods_and_bits_are_read() {
        let parse = |json: &str| {
            let QuantizationConfig { blocks, method, bits } =
                QuantizationConfig::parse(json.as_bytes());
            (blocks, method.unwrap_or_default(), bits)
        };
        let fp8 = r#"{"quantization_config":{"weight_block_size":[128,64],"quant_method":"FP8"}}"#;
        assert_eq!(parse(fp8), (Some((128, 64)), "fp8".into(), None));
        let inner = r#"{"text_config":{"quantization_config":{"weight_block_size":[32,32]}}}"#;
        assert_eq!(parse(inner).0, Some((32, 32)));
        let gptq = r#"{"quantization_config":{"quant_method":"gptq","bits":4}}"#;
        assert_eq!(parse(gptq), (None, "gptq".into(), Some(4)));
        let bnb = r#"{"quantization_config":{"quant_method":"bitsandbytes","load_in_8bit":true}}"#;
        assert_eq!(parse(bnb), (None, "bitsandbytes".into(), Some(8)));
        for none in [
            "{}",
            "not JSON",
            r#"{"quantization_config":{"weight_block_size":null}}"#,
            r#"{"quantization_config":{"weight_block_size":[0,1]}}"#,
        ] {
            assert_eq!(parse(none), (None, String::new(), None), "{none}");
        }
    }
}
