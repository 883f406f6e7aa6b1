//! Configurations of adapters whose update is not s·B·A.

use crate::checkpoint::formats::lora::kinds::{self, MERGE, MLX_FUSE, Start};
use serde_json::Value;

/// Options of PEFT that make Δ another matrix than s·B·A where they are not null or false.
const OTHER_VARIANTS: [&str; 7] = [
    "use_qalora",
    "use_bdlora",
    "megatron_config",
    "layer_replication",
    "arrow_config",
    "monteclora_config",
    "kasa_config",
];

/// Says of which kind a configuration is that is none of a plain LoRA of PEFT, and what to do.
pub(crate) fn find_other_kind(value: &Value) -> Option<String> {
    let on =
        |name: &&str| value.get(name).is_some_and(|v| !v.is_null() && *v != Value::Bool(false));
    let Some(peft_type) = value.get("peft_type") else {
        if ["fine_tune_type", "lora_parameters", "lora_layers"].iter().any(&on) {
            return Some(format!("it is the configuration of an MLX adapter: {MLX_FUSE}"));
        }
        return Some(
            "it has no peft_type, so it is no adapter of PEFT: give PEFT's own folder, or the \
             merged checkpoint"
                .into(),
        );
    };
    if *peft_type != "LORA" {
        let peft_type = peft_type.as_str().unwrap_or_default();
        let advice = kinds::advise_on_type(peft_type);
        return Some(format!("its peft_type is {peft_type}, and only LORA is read: {advice}"));
    }
    if on(&"use_dora") {
        return Some(format!(
            "it is a DoRA adapter (use_dora), whose update is not low rank: {MERGE}"
        ));
    }
    if on(&"alora_invocation_tokens") {
        return Some(
            "it is an aLoRA adapter (alora_invocation_tokens), which works from its invocation \
             tokens on alone, so that there is no merged model: to see its s·B·A as an update, \
             take alora_invocation_tokens out of a copy of this file"
                .into(),
        );
    }
    if let Some(name) = OTHER_VARIANTS.iter().find(|name| on(name)) {
        return Some(format!("it sets {name}, whose update is not s·B·A: {MERGE}"));
    }
    // PEFT turns variants on by such names: one that is not known may have another update.
    let is_unknown = |name: &&String| {
        name.starts_with("use_") && name.as_str() != "use_rslora" && on(&name.as_str())
    };
    let unknown = value.as_object().and_then(|keys| keys.keys().find(is_unknown))?;
    Some(format!(
        "it sets {unknown}, which is not known here, so its update may be another than s·B·A: \
         {MERGE}"
    ))
}

/// Says why the update can't be known where the adapter began with a part of the base.
pub(crate) fn refuse_start(start: &str) -> Option<String> {
    match kinds::tell_start(start) {
        Start::Zero => None,
        Start::Converted => Some(format!(
            "its init_lora_weights is {start}: PEFT takes the adapter's start away from the base \
             before training, so s·B·A is not what training changed. Save it with \
             save_pretrained(…, path_initial_model_for_weight_conversion=…), or give the merged \
             checkpoint. If the base you give is the residual model that it was trained on, set \
             init_lora_weights to true in a copy of this file"
        )),
        Start::Quantized => Some(format!(
            "its init_lora_weights is {start}: the adapter makes up for the quantisation of the \
             base that it was trained on, so s·B·A is not what training changed. Give the merged \
             checkpoint"
        )),
        Start::Unknown => Some(format!(
            "its init_lora_weights is {start}, which is not known here, so it is not known \
             whether the base was changed before training: {MERGE}"
        )),
    }
}
