//! Decodes weights in codes with the scales beside them, or says why not.

use crate::checkpoint::formats::quantized::beside::{Beside, name_weight, split_blocks};
use crate::checkpoint::formats::quantized::blocks::{Blocks, LastExpert};
use crate::checkpoint::formats::quantized::codes::Fp8;
use crate::checkpoint::formats::quantized::config::QuantizationConfig;
use crate::checkpoint::formats::quantized::packed::{Packed, Whole};
use crate::checkpoint::formats::quantized::refused::{CODES, refuse_codes};
use crate::checkpoint::formats::quantized::scaled::Scaled;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::LeftOutReason;
use crate::checkpoint::views::View;
use safetensors::Dtype;
use std::rc::Rc;

/// The quantisations that are decoded.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "FP8 with scales",
        "q_proj.weight with weight_scale or weight_scale_inv",
        "By block too.",
    ),
    Kind::read("FP8 of ComfyUI", "q_proj.weight with scale_weight", ""),
    Kind::read("FP8 of DeepSeek", "q_proj.weight with scale", "Scales in F32 or E8M0."),
    Kind::read(
        "MXFP8",
        "q_proj.weight with weight_scale_inv of U8",
        "Exponents, one for 32 columns.",
    ),
    Kind::read("NVFP4 of ModelOpt", "q_proj.weight with weight_scale and weight_scale_2", ""),
    Kind::read("NVFP4 of compressed-tensors", "q_proj.weight_packed with weight_global_scale", ""),
    Kind::read("MXFP4", "q_proj.weight of U8 with weight_scale of U8", ""),
    Kind::read(
        "MXFP4 of gpt-oss",
        "experts.gate_up_proj_blocks with _scales",
        "As transformers reads it.",
    ),
    Kind::read(
        "MXFP4 of gpt-oss, OpenAI's layout",
        "mlp.mlp1_weight.blocks with mlp.mlp1_weight.scales",
        "Under OpenAI's names.",
    ),
    Kind::read(
        "NVFP4 of stacked experts",
        "experts.down_proj with experts.down_proj_weight_scale",
        "One scale_2 for all, or one for each expert.",
    ),
];

/// A weight in codes that is decoded.
pub struct Decoded {
    /// The weight's shape.
    pub shape: Vec<u64>,
    /// The dtype of its codes.
    pub stored: Dtype,
    /// Its elements.
    pub view: Rc<dyn View>,
    /// The names of the parameters that it uses.
    pub used: Vec<String>,
}

/// Why a weight in codes is not decoded.
pub struct Refusal(pub LeftOutReason, pub String);

fn bad_scale(detail: impl Into<String>) -> Refusal {
    Refusal(LeftOutReason::BadScale, detail.into())
}

/// Decodes the weight in the codes `t`.
///
/// # Errors
/// The reason, with a sentence, where they are not decoded.
pub fn decode(
    t: &RawTensor,
    beside: &Beside<'_>,
    config: &QuantizationConfig,
    last: &Rc<LastExpert>,
) -> Result<Decoded, Refusal> {
    let last_part = t.name.rsplit('.').next().unwrap_or_default();
    if let Some(kind) = Fp8::of(t.dtype)
        && !CODES.contains(&last_part)
    {
        return decode_fp8(t, kind, beside, config);
    }
    if let Some((_, name)) = split_blocks(&t.name) {
        let scales = beside.find(&name).map_err(bad_scale)?;
        let scales = scales.ok_or_else(|| bad_scale(format!("its scale {name} is not there")))?;
        if t.name.ends_with(".blocks") {
            return decode_blocks(t, scales);
        }
        let blocks = Blocks::new(t.clone(), scales, last).map_err(bad_scale)?;
        return Ok(Decoded {
            shape: blocks.shape(),
            stored: Dtype::F4,
            view: Rc::new(blocks),
            used: vec![name],
        });
    }
    decode_fp4(t, beside, config)
}

/// Decodes blocks of MXFP4 in OpenAI's own layout, [experts, rows, groups, 16]: the rows stay rows
/// (gpt_oss/torch/weights.py, `_get_mxfp4_tensor`).
fn decode_blocks(t: &RawTensor, scales: &RawTensor) -> Result<Decoded, Refusal> {
    let codes = match t.shape[..] {
        [experts, rows, groups, 16] if t.dtype == Dtype::U8 => {
            RawTensor { shape: vec![experts, rows, 16 * groups], ..t.clone() }
        }
        _ => {
            return Err(bad_scale(format!(
                "its blocks of {} {:?} are not those of MXFP4: U8 [experts, rows, groups, 16] was \
                 expected",
                t.dtype, t.shape
            )));
        }
    };
    if scales.dtype != Dtype::U8 {
        return Err(bad_scale(format!("its scale {} is {}, not U8", scales.name, scales.dtype)));
    }
    let packed = Packed::new(codes, scales, None).map_err(bad_scale)?;
    let used = vec![scales.name.clone()];
    Ok(Decoded { shape: packed.shape(), stored: Dtype::F4, view: Rc::new(packed), used })
}

/// Decodes FP8 codes with the one scale beside them, or with none.
fn decode_fp8(
    t: &RawTensor,
    kind: Fp8,
    beside: &Beside<'_>,
    config: &QuantizationConfig,
) -> Result<Decoded, Refusal> {
    let known = ["_scale_inv", "_scale", "_weight_scale", "_weight_scale_inv"]
        .map(|end| format!("{}{end}", t.name));
    let module = t.name.strip_suffix(".weight").unwrap_or(&t.name);
    let known: Vec<String> = known
        .into_iter()
        .chain(["scale_weight", "scale"].map(|s| format!("{module}.{s}")))
        .collect();
    let names = beside.scales_of(&t.name);
    let scale = match &names[..] {
        [] => match config.method.as_deref() {
            None => None,
            Some(method) => {
                return Err(bad_scale(format!(
                    "config.json says that weights are quantised ({method}), but there is no \
                     scale beside it"
                )));
            }
        },
        [name] if known.iter().any(|known| known == name) => {
            beside.find(name).map_err(bad_scale)?
        }
        [name] => {
            return Err(bad_scale(format!(
                "{name} looks like its scale, but how that is applied is not known"
            )));
        }
        [first, second, ..] => {
            return Err(bad_scale(format!(
                "{first} and {second} both look like its scale: how they are applied is not known"
            )));
        }
    };
    let view = Scaled::new(t.clone(), kind, scale, config.blocks).map_err(bad_scale)?;
    let used = scale.map(|scale| scale.name.clone()).into_iter().collect();
    Ok(Decoded { shape: t.shape.clone(), stored: t.dtype, view: Rc::new(view), used })
}

/// Decodes 4-bit floats, two in a byte; refuses all other codes.
fn decode_fp4(
    t: &RawTensor,
    beside: &Beside<'_>,
    config: &QuantizationConfig,
) -> Result<Decoded, Refusal> {
    let last = t.name.rsplit('.').next().unwrap_or_default();
    let weight = name_weight(&t.name);
    let module = weight.strip_suffix(".weight").unwrap_or(&weight);
    let rests = beside.rests_of(module);
    let other = || {
        let detail = refuse_codes(last, t.dtype, &rests, config);
        Refusal(LeftOutReason::UnsupportedDtype, detail)
    };
    if !matches!(t.dtype, Dtype::U8 | Dtype::I8) {
        return Err(other());
    }
    // A stack of experts may be no `weight` of a module, and its scales then say whose they are.
    let name = ["_scale", "_weight_scale"]
        .map(|end| format!("{weight}{end}"))
        .into_iter()
        .chain([format!("{module}.scale")])
        .find(|name| beside.has(name))
        .ok_or_else(other)?;
    let scales = beside.find(&name).map_err(bad_scale)?.ok_or_else(other)?;
    let floats = match scales.dtype {
        Dtype::F8_E4M3 => true,
        Dtype::F8_E8M0 | Dtype::U8 => match (t.shape.last(), scales.shape.last()) {
            (Some(bytes), Some(blocks)) => blocks.checked_mul(16) == Some(*bytes),
            _ => false,
        },
        _ => false,
    };
    if !floats {
        return Err(other());
    }
    if rests.contains(&"comfy_quant") {
        return Err(bad_scale("its scales are in ComfyUI's own order, which is not read"));
    }
    let (of, how) = if last == "weight_packed" {
        (format!("{module}.weight_global_scale"), Whole::Divided)
    } else {
        let stem = name.strip_suffix("_scale").unwrap_or(&weight);
        (format!("{stem}_scale_2"), Whole::Multiplied)
    };
    let whole = beside.find(&of).map_err(bad_scale)?.map(|scale| (scale, how));
    let packed = Packed::new(t.clone(), scales, whole).map_err(bad_scale)?;
    let used = whole.map(|(scale, _)| scale.name.clone()).into_iter().chain([name]).collect();
    Ok(Decoded { shape: packed.shape(), stored: Dtype::F4, view: Rc::new(packed), used })
}
