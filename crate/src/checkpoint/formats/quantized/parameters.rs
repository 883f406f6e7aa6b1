//! Names of scales, zero points and other parameters of a quantisation, which are no weights.

use crate::checkpoint::kinds::Kind;

/// Last parts of names that only parameters of a quantisation have, whatever stands beside them.
const ALWAYS: [&str; 48] = [
    "weight_scale",
    "weight_scale_inv",
    "weight_scale_2",
    "weight_global_scale",
    "weight_zero_point",
    "weight_shape",
    "weight_g_idx",
    "weight_scaler",
    "weight_format",
    "input_scale",
    "input_scale_inv",
    "input_global_scale",
    "input_zero_point",
    "activation_scale",
    "activation_scale_inv",
    "act_scale",
    "output_scale",
    "output_zero_point",
    "zero_point",
    "pre_quant_scale",
    "scale_weight",
    "scale_input",
    "scale_output",
    "scaled_fp8",
    "comfy_quant",
    "k_scale",
    "v_scale",
    "q_scale",
    "kv_scale",
    "prob_scale",
    "qzeros",
    "g_idx",
    "SCB",
    "absmax",
    "nested_absmax",
    "quant_map",
    "nested_quant_map",
    "quant_state",
    "q_scales",
    "q_scale_max",
    "q_groups",
    "q_group_map",
    "q_perm",
    "q_invperm",
    "codebooks",
    "_amax",
    "fp8_scale",
    "scale_inv",
];

/// Words in names that say so only beside the codes of a weight.
const BESIDE: [&str; 18] = [
    "scale",
    "zero",
    "quant",
    "absmax",
    "biases",
    "codebook",
    "perm",
    "idx",
    "meta",
    "suh",
    "svh",
    "scb",
    "centroid",
    "row_offsets",
    "col_vals",
    "hadamard",
    "workspace",
    "tables",
];

/// The kinds of parameters.
pub const KINDS: &[Kind] = &[
    passed_over("scale of a weight", "q_proj.weight_scale"),
    passed_over("scale of a weight that is not beside it", "q_proj.weight_scale_inv"),
    passed_over("scale of activations", "q_proj.input_scale"),
    passed_over("scale of a key and value cache", "k_proj.k_scale"),
    passed_over("zero point", "q_proj.weight_zero_point"),
    passed_over("state of bitsandbytes", "q_proj.weight.quant_state.bitsandbytes__nf4"),
    passed_over("order of groups", "q_proj.g_idx"),
    passed_over("mark of ComfyUI", "scaled_fp8"),
];

const fn passed_over(what: &'static str, example: &'static str) -> Kind {
    let detail = "It is used where its weight is decoded, and is never a weight.";
    Kind::pass_over(what, example, detail)
}

/// Whether a tensor of this name is a parameter of a quantisation, whatever stands beside it.
pub fn is_parameter(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    ALWAYS.contains(&last)
        || ["_weight_scale", "_weight_scale_2", "_scale_inv"].iter().any(|end| last.ends_with(end))
        || name.split('.').any(|part| part == "quant_state")
}

/// Whether `rest`, which follows the name of a weight in codes, names one of its parameters.
pub fn is_parameter_beside(rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    BESIDE.iter().any(|word| rest.contains(word))
        || matches!(&*rest, "shape" | "axis" | "nbits" | "s")
}

/// Whether `rest`, which follows the name of a weight, looks like the scale of the weight itself,
/// and not of what flows into or out of it.
pub fn looks_like_scale(rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    let others = ["input", "output", "act", "k_", "v_", "q_", "kv_", "prob", "pre_quant", "smooth"];
    rest.contains("scale")
        && !rest.contains("input")
        && !rest.contains("output")
        && !others.iter().any(|other| rest.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_by_name() {
        for kind in KINDS {
            assert!(is_parameter(kind.example), "{}", kind.example);
        }
        for weight in ["q_norm.scale", "logit_scale", "x.scales", "lm_head.weight", "gate.bias"] {
            assert!(!is_parameter(weight), "{weight}");
        }
        assert!(is_parameter_beside("scales") && is_parameter_beside("zero"));
        assert!(!is_parameter_beside("bias") && !is_parameter_beside("weight"));
        assert!(looks_like_scale("scale_weight") && looks_like_scale("weight_scale_2"));
        assert!(!looks_like_scale("input_scale") && !looks_like_scale("k_scale"));
        assert!(!looks_like_scale("scale_input") && !looks_like_scale("bias"));
    }
}
