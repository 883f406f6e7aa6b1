//! The factors of one layer: do they fit its weight, and how is Δ added to it?

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::factor::Factor;
use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::formats::lora::merged::{Addition, merge_update};
use crate::checkpoint::formats::lora::parts::Factors;
use crate::checkpoint::summary::LeftOutReason;
use crate::element::dtype::Dtype;
use std::rc::Rc;

/// What configuration and base tell of a layer.
pub(crate) struct Layer {
    /// The rank.
    pub rank: u64,
    /// The scale s.
    pub scale: f64,
    /// True where a square weight is stored inputs × outputs.
    pub transposed: bool,
    /// True where the adapter is on the parameter itself.
    pub parameter: bool,
}

/// The merged weight, or why there is none.
pub(crate) type Merged = Result<TensorEntry, (LeftOutReason, String)>;

/// The dtype that a merged weight is stored in. On an FP8 base that is not FP8.
pub(crate) fn stored_dtype(dtype: Dtype) -> safetensors::Dtype {
    match dtype {
        Dtype::Bf16 => safetensors::Dtype::BF16,
        Dtype::F16 => safetensors::Dtype::F16,
        Dtype::F32 => safetensors::Dtype::F32,
        Dtype::F64 => safetensors::Dtype::F64,
    }
}

/// Merges the factors of a layer into `weight`. `own` says that this is the base's own weight, of
/// which the factors tell the whole update.
pub(crate) fn merge_layer(
    factors: &Factors,
    weight: &TensorEntry,
    own: bool,
    layer: &Layer,
) -> Merged {
    let bad = |detail| Err((LeftOutReason::BadAdapter, detail));
    let (Some(a), Some(b)) = (&factors.a, &factors.b) else {
        let there = match (&factors.a, &factors.b) {
            (Some(_), _) => "A",
            (_, Some(_)) => "B",
            _ => "the bias of B, and neither",
        };
        return bad(format!("the adapter has only {there} of its two factors"));
    };
    let (&[r, ref inside @ ..], &[outputs, r_b, ref kernel @ ..]) = (&a.shape[..], &b.shape[..])
    else {
        return bad(format!("its factors have the shapes {:?} and {:?}", a.shape, b.shape));
    };
    let convolution = weight.shape.len() > 2 && inside.len() + 1 == weight.shape.len();
    if inside.is_empty() || kernel.iter().any(|k| *k != 1) || (inside.len() > 1 && !convolution) {
        return bad(format!(
            "its factors have the shapes {:?} and {:?}, and its weight {:?}: they are not those \
             of a matrix or of a convolution",
            a.shape, b.shape, weight.shape
        ));
    }
    if convolution && r_b < r && inside[0] != weight.shape[1] {
        return bad(format!(
            "it is a grouped convolution (factors {:?} and {:?}), and those are not read: merge \
             the adapter with PEFT and give the merged checkpoint",
            a.shape, b.shape
        ));
    }
    if r != r_b || r == 0 {
        return bad(format!("its factors {:?} and {:?} have no rank in common", a.shape, b.shape));
    }
    if r != layer.rank {
        return bad(format!(
            "its factors have rank {r}, but adapter_config.json gives {}, so its scale is not \
             known",
            layer.rank
        ));
    }
    if weight.shape.len() != 2 && !convolution {
        return bad(format!("its weight has the shape {:?} and is not a matrix", weight.shape));
    }
    let plain: Vec<u64> = [&[outputs], inside].concat();
    let turned: Vec<u64> = plain.iter().rev().copied().collect();
    // An embedding's Δ is always turned; of other weights the shape tells, unless it is square.
    let transposed = if factors.embedding || convolution {
        factors.embedding
    } else if plain == turned {
        layer.transposed
    } else {
        weight.shape == turned
    };
    let shape = if transposed { &turned } else { &plain };
    if *shape != weight.shape || plain.contains(&0) {
        let detail = format!("base {:?}, adapter {shape:?}", weight.shape);
        return Err((LeftOutReason::ShapeDiffers, detail));
    }
    let inputs = inside.iter().product();
    let low_rank = Rc::new(LowRank::new(
        Factor::new([r, inputs], a.view.clone()),
        Factor::new([outputs, r], b.view.clone()),
        layer.scale,
        transposed,
    ));
    let cast = factors.embedding || layer.parameter;
    let addition = if cast { Addition::Cast } else { Addition::Direct };
    Ok(TensorEntry {
        stored: stored_dtype(weight.dtype()),
        view: merge_update(&weight.view, &low_rank, addition),
        update: (own && !convolution).then_some(low_rank),
        ..weight.clone()
    })
}
