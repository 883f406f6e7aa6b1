//! FP8 codes times their scales, as F32.

mod layout;
mod scales;
#[cfg(test)]
mod tests;

use crate::checkpoint::formats::quantized::codes::Fp8;
use crate::checkpoint::formats::quantized::scaled::layout::{Layout, MX_BLOCK};
use crate::checkpoint::formats::quantized::scaled::scales::Scales;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::views::{Quantization, ScalesFuture, View, cut_range};
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::ops::Range;
use std::rc::Rc;

/// An FP8 tensor: f32(code) · f32(scale), rounded to f32.
pub struct Scaled {
    codes: RawTensor,
    kind: Fp8,
    layout: Layout,
    /// The scales; without them the scale is 1.
    scales: Option<Scales>,
}

impl Scaled {
    /// Joins FP8 codes of this kind with their scale tensor. `blocks` is the size of a block by
    /// config.json.
    ///
    /// # Errors
    /// A sentence where the scale tensor is not of a float dtype, or does not fit.
    pub fn new(
        codes: RawTensor,
        kind: Fp8,
        scale: Option<&RawTensor>,
        blocks: Option<(u64, u64)>,
    ) -> Result<Self, String> {
        let shape = scale.map_or(&[][..], |s| &s.shape);
        let layout = Layout::of(&codes.shape, shape, blocks);
        if let Some(scale) = scale {
            // Exponents stored as plain bytes are told by their blocks: those of 32 columns, or
            // those that config.json names.
            let exponents = scale.dtype == safetensors::Dtype::F8_E8M0
                || (scale.dtype == safetensors::Dtype::U8
                    && layout.is_some_and(|Layout { grid, .. }| {
                        grid.block == MX_BLOCK || Some(grid.block) == blocks
                    }));
            if scale.view().is_none() && !exponents {
                return Err(format!(
                    "its scale {} is stored as {}, which is not a float dtype",
                    scale.name, scale.dtype
                ));
            }
            if layout.is_none() {
                return Err(format!(
                    "its scale {} of shape {shape:?} holds neither one number, nor one per row, \
                    nor one per block of the weight of shape {:?}",
                    scale.name, codes.shape
                ));
            }
        }
        let layout = layout.ok_or_else(|| format!("its shape {:?} has no rows", codes.shape))?;
        Ok(Self { codes, kind, layout, scales: scale.map(Scales::new) })
    }

    /// Decodes the elements from `first` on with the scales from `least` on.
    fn decode(&self, first: u64, codes: &[u8], (scales, least): (&[f32], usize), out: &mut [u8]) {
        let values = self.kind.values();
        let mut at = 0;
        while at < codes.len() {
            let (place, count) = self.layout.at(first + at as u64);
            let end = codes.len().min(at + count as usize);
            let (scale, run) = (scales[place - least], &codes[at..end]);
            out[4 * at..4 * end].chunks_exact_mut(4).zip(run).for_each(|(o, code)| {
                o.copy_from_slice(&(values[usize::from(*code)] * scale).to_le_bytes())
            });
            at = end;
        }
    }
}

impl Quantization for Scaled {
    fn code_dtype(&self) -> safetensors::Dtype {
        self.codes.dtype
    }

    fn codes(&self, range: Range<u64>) -> ReadFuture<'_> {
        self.codes.read(range)
    }

    fn scales(&self, first: u64) -> ScalesFuture<'_> {
        Box::pin(async move {
            let Some(scales) = &self.scales else {
                return Ok(Vec::new());
            };
            let start = self.layout.at(first).0 as u64;
            let places = start..start + self.layout.grid.numbers();
            let (found, least) = scales.get(places.clone()).await?;
            Ok(found[places.start as usize - least..places.end as usize - least].to_vec())
        })
    }
}

impl View for Scaled {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = vec![0; 4 * (range.end - range.start) as usize];
            for piece in cut_range(range.clone()) {
                let at = 4 * (piece.start - range.start) as usize
                    ..4 * (piece.end - range.start) as usize;
                let codes = self.codes(piece.clone()).await?;
                let (scales, least): (Rc<[f32]>, usize) = match &self.scales {
                    Some(scales) => scales.get(self.layout.places(&piece)).await?,
                    None => (Rc::new([1.0]), 0),
                };
                self.decode(piece.start, &codes, (&scales, least), &mut out[at]);
            }
            Ok(out)
        })
    }

    fn quantization(&self) -> Option<&dyn Quantization> {
        Some(self)
    }
}
