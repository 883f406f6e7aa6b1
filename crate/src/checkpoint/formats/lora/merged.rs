//! A weight with its adapter: merged in the base's dtype as PEFT merges it, and not merged, for Δ
//! itself.

use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::views::{View, cut_range};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use half::{bf16, f16};
use std::ops::Range;
use std::rc::Rc;

struct WithAdapter {
    base: Rc<dyn View>,
    update: Rc<LowRank>,
    dtype: Dtype,
    /// The dtype that Δ is rounded to before it is added; F64 leaves it as it is.
    delta: Dtype,
}

/// How PEFT adds Δ to a weight of 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addition {
    /// In f32, and the sum is rounded: layers.
    Direct,
    /// Δ is cast to the weight's dtype, and the sum is rounded again: embeddings, and parameters
    /// that are adapted by themselves.
    Cast,
}

/// Merges an update into a weight: W0 + Δ in the dtype of `base`. It is the sum of the stored
/// weight and of Δ in f32, rounded once, as adding f32 to a tensor in place does in PyTorch (PEFT
/// loads adapters as f32). Δ is s·B·A rounded once to f32, and as `addition` says.
pub fn merge_update(base: &Rc<dyn View>, update: &Rc<LowRank>, addition: Addition) -> Rc<dyn View> {
    let delta = match (addition, base.dtype()) {
        (Addition::Direct, _) | (_, Dtype::F64) => Dtype::F32,
        (Addition::Cast, dtype) => dtype,
    };
    Rc::new(WithAdapter { base: base.clone(), update: update.clone(), dtype: base.dtype(), delta })
}

/// Adds an update to a weight without the rounding of a merge: W0 + Δ in F32, where far less of Δ
/// is lost than in the base's 16 bits (2^-25 of the weight and not 2^-9), or in F64.
pub fn add_update(base: &Rc<dyn View>, update: &Rc<LowRank>, dtype: Dtype) -> Rc<dyn View> {
    Rc::new(WithAdapter { base: base.clone(), update: update.clone(), dtype, delta: Dtype::F64 })
}

impl View for WithAdapter {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let factors = self.update.load().await?;
            let mut out =
                Vec::with_capacity((range.end - range.start) as usize * self.dtype.size());
            let (mut delta, mut weights) = (Vec::new(), Vec::new());
            for piece in cut_range(range) {
                factors.elements(piece.start as usize..piece.end as usize, &mut delta);
                let base = Decoder::new(self.base.dtype(), self.base.elements(piece).await?);
                weights.resize(delta.len(), 0.0);
                base.decode_f64(0, &mut weights);
                delta.iter_mut().for_each(|d| *d = round(*d, self.delta));
                let sums = weights.iter().zip(&delta).map(|(w, d)| w + d);
                sums.for_each(|sum| push(sum, self.dtype, &mut out));
            }
            Ok(out)
        })
    }
}

/// Rounds to f32, as sums of f32 are, and from there to a 16-bit dtype.
pub(crate) fn round(value: f64, dtype: Dtype) -> f64 {
    match dtype {
        Dtype::Bf16 => bf16::from_f32(value as f32).to_f64(),
        Dtype::F16 => f16::from_f32(value as f32).to_f64(),
        Dtype::F32 => f64::from(value as f32),
        Dtype::F64 => value,
    }
}

/// Appends the little-endian bytes of a value, rounded to `dtype`.
pub(crate) fn push(value: f64, dtype: Dtype, out: &mut Vec<u8>) {
    match dtype {
        Dtype::Bf16 => out.extend(bf16::from_f32(value as f32).to_le_bytes()),
        Dtype::F16 => out.extend(f16::from_f32(value as f32).to_le_bytes()),
        Dtype::F32 => out.extend((value as f32).to_le_bytes()),
        Dtype::F64 => out.extend(value.to_le_bytes()),
    }
}
