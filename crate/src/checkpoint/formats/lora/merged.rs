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
    /// True if Δ is rounded to f32 before it is added, as PEFT computes it.
    rounded: bool,
}

/// Merges an update into a weight: W0 + Δ in the dtype of `base`. It is the sum of the stored
/// weight and of Δ in f32, rounded once, as adding f32 to a tensor in place does in PyTorch (PEFT
/// loads adapters as f32). Δ is s·B·A rounded once to f32.
pub fn merge_update(base: &Rc<dyn View>, update: &Rc<LowRank>) -> Rc<dyn View> {
    Rc::new(WithAdapter {
        base: base.clone(),
        update: update.clone(),
        dtype: base.dtype(),
        rounded: true,
    })
}

/// Adds an update to a weight without the rounding of a merge: W0 + Δ in F32, where far less of Δ
/// is lost than in the base's 16 bits (2^-25 of the weight and not 2^-9), or in F64.
pub fn add_update(base: &Rc<dyn View>, update: &Rc<LowRank>, dtype: Dtype) -> Rc<dyn View> {
    Rc::new(WithAdapter { base: base.clone(), update: update.clone(), dtype, rounded: false })
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
                if self.rounded {
                    delta.iter_mut().for_each(|d| *d = f64::from(*d as f32));
                }
                add(&weights, &delta, self.dtype, &mut out);
            }
            Ok(out)
        })
    }
}

/// Adds in f64 and rounds to f32 (which is what a sum of two f32 gives), and from there to a 16-bit
/// dtype.
fn add(weights: &[f64], delta: &[f64], dtype: Dtype, out: &mut Vec<u8>) {
    let sums = weights.iter().zip(delta).map(|(w, d)| w + d);
    match dtype {
        Dtype::Bf16 => sums.for_each(|s| out.extend(bf16::from_f32(s as f32).to_le_bytes())),
        Dtype::F16 => sums.for_each(|s| out.extend(f16::from_f32(s as f32).to_le_bytes())),
        Dtype::F32 => sums.for_each(|s| out.extend((s as f32).to_le_bytes())),
        Dtype::F64 => sums.for_each(|s| out.extend(s.to_le_bytes())),
    }
}
