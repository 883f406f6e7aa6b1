//! Weights in integer codes and others that are not decoded, recognised by the names beside them.

use crate::checkpoint::formats::quantized::config::QuantizationConfig;
use crate::checkpoint::kinds::Kind;
use safetensors::Dtype;

/// The last parts of names of codes that stand for the `weight` of their module.
pub const CODES: [&str; 8] =
    ["qweight", "weight_packed", "W_q", "q_weight", "trellis", "codes", "_weight_qdata", "_data"];

/// Last parts of names that are such codes only with another part of the module beside them.
pub const PAIRED_CODES: [(&str, &str); 3] =
    [("dense_weights", "row_offsets"), ("indices", "centroids.weight"), ("B", "s")];

/// The quantisations that are recognised and refused.
pub const KINDS: &[Kind] = &[
    refused("GPTQ", "q_proj.qweight with q_proj.g_idx"),
    refused("AWQ", "q_proj.qweight with q_proj.qzeros"),
    refused("bitsandbytes, 4 bits", "q_proj.weight with q_proj.weight.absmax"),
    refused("bitsandbytes, 8 bits", "q_proj.weight with q_proj.SCB"),
    refused("compressed-tensors, integers", "q_proj.weight_packed with q_proj.weight_shape"),
    refused("HQQ", "q_proj.W_q with q_proj.zero"),
    refused("torchao, integers", "q_proj._weight_qdata with q_proj._weight_scale"),
    refused("Quanto", "q_proj.weight._data with q_proj.weight._scale"),
    refused("MLX, affine", "q_proj.weight with q_proj.biases"),
    refused("AQLM", "q_proj.codes with q_proj.codebooks"),
    refused("EXL2", "q_proj.q_weight with q_proj.q_scale"),
    refused("EXL3", "q_proj.trellis with q_proj.suh"),
    refused("SpQR", "q_proj.dense_weights with q_proj.row_offsets"),
    refused("VPTQ", "q_proj.indices with q_proj.centroids.weight"),
    refused("FP-Quant", "q_proj.qweight with q_proj.forward_hadamard_matrix"),
    refused("Marlin", "q_proj.B with q_proj.s"),
    refused("HIGGS", "q_proj.weight with q_proj.tables2"),
];

const fn refused(what: &'static str, example: &'static str) -> Kind {
    let detail = "Give the 16-bit checkpoint.";
    Kind::refuse(what, example, detail)
}

/// Names the quantisation of codes. `last` is the last part of their name, and `beside` has what
/// follows the name of the module in the names beside them.
fn name_quantization(
    last: &str,
    dtype: Dtype,
    beside: &[&str],
    config: &QuantizationConfig,
) -> String {
    let has = |name: &str| beside.contains(&name);
    let method = config.method.as_deref().unwrap_or_default();
    let known = match last {
        "qweight" => match method {
            "gptq" | "auto-round" => "GPTQ",
            "awq" => "AWQ",
            _ if has("forward_hadamard_matrix") => "FP-Quant",
            _ if has("g_idx") => "GPTQ",
            _ if !method.is_empty() => method,
            _ => "GPTQ or AWQ",
        },
        "weight_packed" => "compressed-tensors with integers",
        "W_q" => "HQQ",
        "_weight_qdata" => "torchao",
        "_data" => "Quanto",
        "codes" => "AQLM",
        "q_weight" => "EXL2",
        "trellis" => "EXL3",
        "dense_weights" => "SpQR",
        "indices" => "VPTQ",
        "B" => "Marlin",
        _ if has("SCB") => "bitsandbytes, 8 bits",
        _ if has("weight.absmax") => "bitsandbytes, 4 bits",
        _ if has("tables2") => "HIGGS",
        _ if has("scales") && has("biases") => "MLX's",
        _ if !method.is_empty() => method,
        _ => return format!("quantised, stored as {dtype}"),
    };
    match config.bits {
        Some(bits) if !known.contains("bits") => format!("{known}, {bits} bits"),
        _ => known.into(),
    }
}

/// Says that weights in these codes are not read, and what to do.
pub fn refuse_codes(
    last: &str,
    dtype: Dtype,
    beside: &[&str],
    config: &QuantizationConfig,
) -> String {
    let name = name_quantization(last, dtype, beside, config);
    format!("the weights are {name}, which is not decoded: give the 16-bit checkpoint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_named() {
        for kind in KINDS {
            let (codes, beside) = kind.example.split_once(" with ").expect("two names");
            let last = codes.rsplit('.').next().expect("a part");
            let rest = beside.trim_start_matches("q_proj.");
            let beside =
                if kind.what.starts_with("MLX") { vec![rest, "scales"] } else { vec![rest] };
            let text = refuse_codes(last, Dtype::I32, &beside, &QuantizationConfig::default());
            let word = kind.what.split([',', ' ']).next().expect("a word");
            assert!(text.contains(word) && text.contains("16-bit"), "{word}: {text}");
        }
        let config = QuantizationConfig {
            method: Some("gptq".into()),
            bits: Some(4),
            ..QuantizationConfig::default()
        };
        let text = refuse_codes("qweight", Dtype::I32, &[], &config);
        assert!(text.starts_with("the weights are GPTQ, 4 bits"), "{text}");
    }
}
