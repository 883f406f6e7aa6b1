//! LoRA adapters as PEFT saves them: a folder of adapter_config.json and adapter_model.safetensors.
//!
//! With its base an adapter is a checkpoint of the modules that it touches: each tensor reads as
//! the merged weight, and keeps Δ in factors beside it. Layout:
//! <https://huggingface.co/docs/peft/developer_guides/checkpoint>.

pub mod config;
pub mod factor;
pub mod low_rank;
pub mod merged;

use self::config::AdapterConfig;
use self::factor::Factor;
use self::low_rank::LowRank;
use self::merged::merge_update;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::element::dtype::Dtype;
use std::collections::BTreeMap;
use std::rc::Rc;

/// PEFT's prefix to the names of the base model.
const PREFIX: &str = "base_model.model.";

/// A stored name, taken apart.
enum Part<'a> {
    A(&'a str),
    B(&'a str),
    /// A or B of an embedding, whose Δ is (B·A)ᵀ.
    EmbeddingA(&'a str),
    EmbeddingB(&'a str),
    /// A tensor that was trained whole, by its name in the base.
    Whole(String),
}

/// Takes a stored name apart.
fn take_apart(name: &str) -> Part<'_> {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    // Older files carry the adapter's name, `default`, behind the factor's.
    let tail = |factor: &str| {
        let (module, rest) = name.split_once(&format!(".{factor}"))?;
        matches!(rest, "" | ".weight" | ".default" | ".default.weight").then_some(module)
    };
    if let Some(module) = tail("lora_A") {
        Part::A(module)
    } else if let Some(module) = tail("lora_B") {
        Part::B(module)
    } else if let Some(module) = tail("lora_embedding_A") {
        Part::EmbeddingA(module)
    } else if let Some(module) = tail("lora_embedding_B") {
        Part::EmbeddingB(module)
    } else {
        Part::Whole(
            name.replace(".modules_to_save.default", "")
                .replace(".modules_to_save", "")
                .replace(".base_layer", ""),
        )
    }
}

/// The factors of one module as far as they are found.
#[derive(Default)]
struct Found {
    a: Option<TensorEntry>,
    b: Option<TensorEntry>,
    embedding: bool,
}

/// Finds the modules of an adapter by name, and the tensors that were trained whole.
fn find_modules(adapter: &Checkpoint) -> (BTreeMap<String, Found>, Vec<TensorEntry>) {
    let (mut modules, mut whole) = (BTreeMap::<String, Found>::new(), Vec::new());
    for tensor in &adapter.tensors {
        match take_apart(&tensor.name) {
            Part::A(module) => modules.entry(module.into()).or_default().a = Some(tensor.clone()),
            Part::B(module) => modules.entry(module.into()).or_default().b = Some(tensor.clone()),
            Part::EmbeddingA(module) => {
                let found = modules.entry(module.into()).or_default();
                (found.a, found.embedding) = (Some(tensor.clone()), true);
            }
            Part::EmbeddingB(module) => {
                modules.entry(module.into()).or_default().b = Some(tensor.clone())
            }
            Part::Whole(name) => whole.push(TensorEntry { name, ..tensor.clone() }),
        }
    }
    (modules, whole)
}

/// Takes the factors A and B of a module.
///
/// # Errors
/// A sentence where they do not make an update of the module's weight.
fn take_factors(
    found: &Found,
    weight: &TensorEntry,
    rank: u64,
) -> Result<(Factor, Factor), String> {
    let (Some(a), Some(b)) = (&found.a, &found.b) else {
        return Err(format!(
            "the adapter has only {} of its two factors",
            if found.a.is_some() { "A" } else { "B" }
        ));
    };
    let (&[r, inputs], &[outputs, r_b]) = (&a.shape[..], &b.shape[..]) else {
        return Err(format!(
            "its factors have the shapes {:?} and {:?}; only those of matrices are read",
            a.shape, b.shape
        ));
    };
    if r != r_b || r == 0 {
        return Err(format!("its factors {:?} and {:?} have no rank in common", a.shape, b.shape));
    }
    if r != rank {
        return Err(format!(
            "its factors have rank {r}, but adapter_config.json gives {rank}, so its scale is not \
            known"
        ));
    }
    if weight.shape.len() != 2 {
        return Err(format!("its weight has the shape {:?} and is not a matrix", weight.shape));
    }
    Ok((Factor::new([r, inputs], a.view.clone()), Factor::new([outputs, r], b.view.clone())))
}

/// The dtype that a merged weight is stored in. On an FP8 base that is not FP8.
fn stored_dtype(dtype: Dtype) -> safetensors::Dtype {
    match dtype {
        Dtype::Bf16 => safetensors::Dtype::BF16,
        Dtype::F16 => safetensors::Dtype::F16,
        Dtype::F32 => safetensors::Dtype::F32,
        Dtype::F64 => safetensors::Dtype::F64,
    }
}

/// Applies `adapter` to `base`. Returns the tuned checkpoint's tensors, which are its modules'
/// merged weights and the tensors that were trained whole, and what is left out.
pub fn apply_adapter(
    base: &Checkpoint,
    adapter: &Checkpoint,
    config: &AdapterConfig,
) -> (Vec<TensorEntry>, Vec<LeftOut>) {
    let (modules, mut tensors) = find_modules(adapter);
    let mut left_out = Vec::new();
    for (module, found) in modules {
        let name = format!("{module}.weight");
        let mut refuse = |reason: LeftOutReason, detail: String| {
            left_out.push(LeftOut::new(&format!("{module}.weight"), reason, detail))
        };
        let Some(weight) = base.get(&name) else {
            refuse(
                LeftOutReason::OnlyInTuned,
                "the adapter is for it, but the base has no tensor of this name".into(),
            );
            continue;
        };
        let (a, b) = match take_factors(&found, weight, config.rank(&module)) {
            Ok(factors) => factors,
            Err(detail) => {
                refuse(LeftOutReason::BadAdapter, detail);
                continue;
            }
        };
        let low_rank = Rc::new(LowRank::new(
            a,
            b,
            config.scale(&module),
            found.embedding || config.transposed(),
        ));
        if low_rank.shape() != weight.shape {
            refuse(
                LeftOutReason::ShapeDiffers,
                format!("base {:?}, adapter {:?}", weight.shape, low_rank.shape()),
            );
            continue;
        }
        if tensors.iter().any(|t| t.name == name) {
            tensors.retain(|t| t.name != name);
            refuse(
                LeftOutReason::BadAdapter,
                "the adapter holds a new weight of its own beside the factors: merge it with PEFT"
                    .into(),
            );
            continue;
        }
        tensors.push(TensorEntry {
            name,
            stored: stored_dtype(weight.dtype()),
            view: merge_update(&weight.view, &low_rank),
            update: Some(low_rank),
            ..weight.clone()
        });
    }
    (tensors, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_layout() {
        let show = |name| match take_apart(name) {
            Part::A(m) => format!("A {m}"),
            Part::B(m) => format!("B {m}"),
            Part::EmbeddingA(m) => format!("EA {m}"),
            Part::EmbeddingB(m) => format!("EB {m}"),
            Part::Whole(name) => format!("W {name}"),
        };
        for (name, want) in [
            (
                "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                "A model.layers.0.self_attn.q_proj",
            ),
            (
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B.default.weight",
                "B model.layers.0.self_attn.q_proj",
            ),
            ("base_model.model.model.embed_tokens.lora_embedding_A", "EA model.embed_tokens"),
            (
                "base_model.model.model.embed_tokens.lora_embedding_B.default",
                "EB model.embed_tokens",
            ),
            ("base_model.model.lm_head.weight", "W lm_head.weight"),
            ("base_model.model.lm_head.modules_to_save.default.weight", "W lm_head.weight"),
            (
                "base_model.model.model.layers.0.mlp.up_proj.base_layer.bias",
                "W model.layers.0.mlp.up_proj.bias",
            ),
            // A bias of B is not a factor: it must not pass for one.
            ("base_model.model.x.lora_B.bias", "W x.lora_B.bias"),
        ] {
            assert_eq!(show(name), want);
        }
    }
}
