//! Kinds of adapters: those that are read, and those that are refused by name.

use crate::checkpoint::formats::lora::keys::{Part, clean_name, take_apart};
use crate::checkpoint::kinds::Kind;

/// What to do with an adapter that PEFT can merge.
pub(crate) const MERGE: &str =
    "merge it with PEFT (merge_and_unload) and give the merged checkpoint";
/// What to say of methods that add inputs or layers.
const MOVES_NOTHING: &str = "it adds to the inputs or between layers and moves no weight, so \
    there is nothing to compare";

/// A layout that is no LoRA of PEFT, by a component of its tensors' names.
struct Other {
    /// How the component begins.
    mark: &'static str,
    /// The kind.
    what: &'static str,
    /// What to do.
    advice: &'static str,
}

/// The layouts that are recognised by names of tensors.
const OTHERS: [Other; 19] = [
    other("lora_magnitude_vector", "a DoRA adapter", MERGE),
    other("lora_E", "an AdaLoRA adapter", MERGE),
    other("lora_diag", "a KaSA adapter", MERGE),
    other("ia3_l", "an IA3 adapter", MERGE),
    other("hada_w", "a LoHa adapter", MERGE),
    other("lokr_w", "a LoKr adapter", MERGE),
    other("oft_", "an OFT adapter", MERGE),
    other("boft_", "a BOFT adapter", MERGE),
    other("vera_lambda", "a VeRA adapter", MERGE),
    other("randlora_", "a RandLoRA adapter", MERGE),
    other("fourierft_", "a FourierFT adapter", MERGE),
    other("vblora_", "a VB-LoRA adapter", MERGE),
    other("hra_u", "an HRA adapter", MERGE),
    other("miss_block", "a MiSS adapter", MERGE),
    other("bone_", "a Bone adapter", MERGE),
    other("prompt_embeddings", "a prompt or prefix tuning adapter", MOVES_NOTHING),
    other("lora_a", "an MLX adapter", MLX_FUSE),
    other(
        "lora_down",
        "an adapter in the format of kohya's sd-scripts",
        "merge it into the model with the tool that made it and give the merged checkpoint",
    ),
    other(
        "lora_linear_layer",
        "an adapter in the old format of diffusers",
        "merge it with diffusers (fuse_lora) and give the merged checkpoint",
    ),
];

/// What to do with an adapter of MLX.
pub(crate) const MLX_FUSE: &str =
    "fuse it with mlx_lm.fuse and give the fused checkpoint (mlx_lm.fuse --save-path)";

const fn other(mark: &'static str, what: &'static str, advice: &'static str) -> Other {
    Other { mark, what, advice }
}

/// Says of which other kind of adapter a tensor is, and what to do; `None` where it is of none.
pub(crate) fn name_other_kind(name: &str) -> Option<(&'static str, &'static str)> {
    let found = clean_name(name)
        .iter()
        .find_map(|part| OTHERS.iter().find(|other| part.starts_with(other.mark)))?;
    Some((found.what, found.advice))
}

/// True for the name of a tensor that only an adapter has.
pub(crate) fn is_factor(name: &str) -> bool {
    take_apart(name).part != Part::Whole || name_other_kind(name).is_some()
}

/// Says what to do with an adapter of another `peft_type`.
pub(crate) fn advise_on_type(peft_type: &str) -> &'static str {
    match peft_type {
        "PROMPT_TUNING"
        | "MULTITASK_PROMPT_TUNING"
        | "P_TUNING"
        | "PREFIX_TUNING"
        | "CPT"
        | "ADAPTION_PROMPT"
        | "CARTRIDGE" => MOVES_NOTHING,
        _ => MERGE,
    }
}

/// What becomes of an `init_lora_weights`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The base stays as it is: s·B·A is the update.
    Zero,
    /// PEFT takes s·B·A of the start away from the base, and can convert the adapter.
    Converted,
    /// The base is quantised, and the start makes up for the error.
    Quantized,
    /// The value is not known.
    Unknown,
}

/// Tells by the value of `init_lora_weights` whether the base that was trained is the base.
pub(crate) fn tell_start(value: &str) -> Start {
    match value.to_lowercase().as_str() {
        "true" | "false" | "null" | "gaussian" | "eva" | "orthogonal" | "mica" => Start::Zero,
        "loftq" => Start::Quantized,
        "olora" | "corda" | "lora_ga" => Start::Converted,
        pissa if pissa.starts_with("pissa") => Start::Converted,
        _ => Start::Unknown,
    }
}

/// The kinds of adapters, as docs/checkpoints.md lists them. A test reads or refuses each example:
/// it is the beginning of a tensor's name, or a key of adapter_config.json with its value.
pub const KINDS: &[Kind] = &[
    Kind::read("LoRA of PEFT", "lora_A.weight", "as PEFT merges it: W0 + s·B·A"),
    Kind::read(
        "LoRA under an adapter's name",
        "lora_A.policy.weight",
        "one name in a file; several are refused",
    ),
    Kind::read("LoRA of an embedding", "lora_embedding_A", "Δ is (B·A)ᵀ"),
    Kind::read(
        "LoRA of stacked experts",
        "experts.base_layer.lora_A.weight",
        "target_parameters, on a base with stacked experts or with one tensor an expert",
    ),
    Kind::read("bias of LoRA", "lora_B.bias", "s·b is added to the layer's bias"),
    Kind::read("tensors trained whole", "modules_to_save.default.weight", ""),
    Kind::read(
        "trained tokens",
        "token_adapter.trainable_tokens_delta",
        "rows of the embedding, by trainable_token_indices",
    ),
    Kind::read("rank-stabilised LoRA", r#""use_rslora": true"#, "s is α/√r"),
    Kind::read("EVA, Gaussian, orthogonal, MiCA", r#""init_lora_weights": "eva""#, ""),
    Kind::refuse(
        "PiSSA",
        r#""init_lora_weights": "pissa_niter_16""#,
        "save it with path_initial_model_for_weight_conversion; the converted adapter is read",
    ),
    Kind::refuse("OLoRA", r#""init_lora_weights": "olora""#, "as PiSSA"),
    Kind::refuse("CorDA", r#""init_lora_weights": "corda""#, "as PiSSA"),
    Kind::refuse("LoRA-GA", r#""init_lora_weights": "lora_ga""#, "as PiSSA"),
    Kind::refuse("LoftQ", r#""init_lora_weights": "loftq""#, MERGE),
    Kind::refuse("DoRA", r#""use_dora": true"#, MERGE),
    Kind::refuse("aLoRA", r#""alora_invocation_tokens": [1]"#, "PEFT merges it nowhere"),
    Kind::refuse("AdaLoRA", r#""peft_type": "ADALORA""#, MERGE),
    Kind::refuse("IA3", "ia3_l", MERGE),
    Kind::refuse("LoHa", "hada_w1_a", MERGE),
    Kind::refuse("LoKr", "lokr_w1", MERGE),
    Kind::refuse("OFT", "oft_r", MERGE),
    Kind::refuse("VeRA", "vera_lambda_b", MERGE),
    Kind::refuse("prompt and prefix tuning", "prompt_embeddings", MOVES_NOTHING),
    Kind::refuse("MLX", "lora_a", MLX_FUSE),
    Kind::refuse("kohya's sd-scripts", "lora_down.weight", "give the merged checkpoint"),
];
