//! 4-bit floats, two in a byte, times a scale for each block of a row: NVFP4 and MXFP4.

use crate::checkpoint::formats::quantized::codes::{FP4, Fp8, e8m0};
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::views::{View, cut_range};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::source::ReadFuture;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// Elements of a row that share a scale of NVFP4, which is an E4M3.
const NV_BLOCK: u64 = 16;
/// Elements of a row that share a scale of MXFP4, which is a power of two.
const MX_BLOCK: u64 = 32;

/// How the scale of a whole NVFP4 tensor is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// It is multiplied: ModelOpt's `weight_scale_2`.
    Multiplied,
    /// It is divided by: the `weight_global_scale` of compressed-tensors.
    Divided,
}

/// A matrix of 4-bit floats, or a stack of matrices: code · (scale of the block · scale of the
/// tensor, or of its matrix). The first element of a byte lies in its lower half.
pub struct Packed {
    codes: RawTensor,
    scales: RawTensor,
    whole: Option<(RawTensor, Whole)>,
    block: u64,
    /// The scales of the tensor or of its matrices, once they are read.
    factors: RefCell<Option<Rc<[f32]>>>,
}

impl Packed {
    /// Joins codes with the scales of their blocks and of the tensor.
    ///
    /// # Errors
    /// A sentence where they do not fit.
    pub fn new(
        codes: RawTensor,
        scales: &RawTensor,
        whole: Option<(&RawTensor, Whole)>,
    ) -> Result<Self, String> {
        let block = match scales.dtype {
            safetensors::Dtype::F8_E4M3 => NV_BLOCK,
            safetensors::Dtype::F8_E8M0 | safetensors::Dtype::U8 => MX_BLOCK,
            other => {
                return Err(format!(
                    "its scale {} is stored as {other}; those of 4-bit floats are F8_E4M3, F8_E8M0 \
                     or U8",
                    scales.name
                ));
            }
        };
        let like = matches!(codes.shape.len(), 2 | 3) && codes.shape.len() == scales.shape.len();
        let (true, [rows @ .., bytes], [down @ .., across]) =
            (like, &codes.shape[..], &scales.shape[..])
        else {
            return Err(format!(
                "codes of the shape {:?} with scales of {:?} are not read, only those of matrices \
                 and of stacks of them",
                codes.shape, scales.shape
            ));
        };
        if down != rows || across.checked_mul(block / 2) != Some(*bytes) {
            return Err(format!(
                "its scale {} of shape {:?} does not hold one number for each {block} elements of \
                 a row: its codes have the shape {:?}, two in a byte",
                scales.name, scales.shape, codes.shape
            ));
        }
        if let Some((of, _)) = whole
            && (of.view().is_none()
                || (of.elements() != 1 && of.elements() != count_matrices(&codes)))
        {
            return Err(format!(
                "its scale {} is not one float, nor one for each matrix, but {} of the shape {:?}",
                of.name, of.dtype, of.shape
            ));
        }
        if block == NV_BLOCK && whole.is_none() {
            return Err("the scale of the whole tensor, which NVFP4 has, is not there".into());
        }
        let whole = whole.map(|(of, how)| (of.clone(), how));
        Ok(Self { codes, scales: scales.clone(), whole, block, factors: RefCell::default() })
    }

    /// The shape of the weight.
    pub fn shape(&self) -> Vec<u64> {
        let mut shape = self.codes.shape.clone();
        if let Some(bytes) = shape.last_mut() {
            *bytes *= 2;
        }
        shape
    }

    /// What the scales of the tensor, or of each of its matrices, multiply with.
    async fn factors(&self) -> Result<Rc<[f32]>, Error> {
        if let Some(known) = self.factors.borrow().as_ref() {
            return Ok(known.clone());
        }
        let factors: Rc<[f32]> = match &self.whole {
            None => Rc::new([1.0]),
            Some((of, how)) => {
                let dtype = of.view().map_or(Dtype::F32, |view| view.dtype());
                let read = Decoder::new(dtype, of.read(0..of.elements()).await?);
                let value = |at| match how {
                    Whole::Divided => read.f32(at).recip(),
                    Whole::Multiplied => read.f32(at),
                };
                (0..of.elements() as usize).map(value).collect()
            }
        };
        self.factors.replace(Some(factors.clone()));
        Ok(factors)
    }

    /// The scale of a block as stored.
    fn scale(&self, code: u8) -> f32 {
        if self.block == NV_BLOCK { Fp8::E4m3.values()[usize::from(code)] } else { e8m0(code) }
    }
}

/// Number of matrices of a tensor.
fn count_matrices(codes: &RawTensor) -> u64 {
    if codes.shape.len() == 3 { codes.shape[0] } else { 1 }
}

impl View for Packed {
    /// F32; BF16 without a scale of the tensor, as it holds a code times a power of two exactly.
    fn dtype(&self) -> Dtype {
        if self.whole.is_some() { Dtype::F32 } else { Dtype::Bf16 }
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let factors = self.factors().await?;
            // Elements that share one of them.
            let share = 2 * self.codes.elements() / factors.len() as u64;
            let dtype = self.dtype();
            let mut out = Vec::with_capacity(dtype.size() * (range.end - range.start) as usize);
            for piece in cut_range(range.clone()) {
                let (first, first_block) = (piece.start / 2, piece.start / self.block);
                let codes = self.codes.read(first..piece.end.div_ceil(2)).await?;
                let scales = self.scales.read(first_block..piece.end.div_ceil(self.block)).await?;
                for i in piece {
                    let byte = codes[(i / 2 - first) as usize];
                    let code = if i % 2 == 0 { byte & 15 } else { byte >> 4 };
                    let scale = self.scale(scales[(i / self.block - first_block) as usize]);
                    let value = FP4[usize::from(code)] * (scale * factors[(i / share) as usize]);
                    match dtype {
                        Dtype::Bf16 => out.extend(half::bf16::from_f32(value).to_le_bytes()),
                        _ => out.extend(value.to_le_bytes()),
                    }
                }
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::{bf16_bytes, f32_bytes, raw_tensor};
    use safetensors::Dtype as Stored;

    fn raw(dtype: Stored, shape: &[u64], bytes: impl Into<Vec<u8>>) -> RawTensor {
        raw_tensor("w", dtype, shape, bytes)
    }

    /// Two rows of 32: 1 and −6 in turn, then ½ and 3.
    fn codes() -> RawTensor {
        raw(Stored::U8, &[2, 16], [vec![0xf2; 16], vec![0x51; 16]].concat())
    }

    fn read(view: &Packed, range: Range<u64>) -> Vec<u8> {
        pollster::block_on(view.elements(range)).expect("in range")
    }

    #[test]
    fn nvfp4_is_multiplied_by_modelopt_and_divided_by_compressed_tensors() {
        // E4M3: 1, 2 | 4, 1.125.
        let scales = raw(Stored::F8_E4M3, &[2, 2], [0x38, 0x40, 0x48, 0x39]);
        for (whole, value) in [(Whole::Multiplied, 0.25), (Whole::Divided, 4.0)] {
            let scale = raw(Stored::F32, &[], f32_bytes(&[value]));
            let view = Packed::new(codes(), &scales, Some((&scale, whole))).expect("it fits");
            assert_eq!((view.shape(), view.dtype()), (vec![2, 32], Dtype::F32));
            assert_eq!(read(&view, 15..18), f32_bytes(&[-1.5, 0.5, -3.0]));
            assert_eq!(read(&view, 47..50), f32_bytes(&[3.0, 0.140_625, 0.84375]));
            let all = read(&view, 0..64);
            assert_eq!(read(&view, 33..64), all[4 * 33..], "from the upper half of a byte on");
        }
    }

    #[test]
    fn a_stack_has_a_scale_for_each_matrix() {
        let codes = RawTensor { shape: vec![2, 1, 16], ..codes() };
        let blocks = raw(Stored::F8_E4M3, &[2, 1, 2], [0x38, 0x40, 0x48, 0x39]);
        let each = raw(Stored::F32, &[2], f32_bytes(&[0.25, 2.0]));
        let whole = Some((&each, Whole::Multiplied));
        let view = Packed::new(codes, &blocks, whole).expect("it fits");
        assert_eq!(view.shape(), [2, 1, 32]);
        assert_eq!(read(&view, 31..34), f32_bytes(&[-3.0, 4.0, 24.0]));
    }

    #[test]
    fn mxfp4_has_powers_of_two() {
        let scales = raw(Stored::U8, &[2, 1], [127, 120]);
        let view = Packed::new(codes(), &scales, None).expect("it fits");
        assert_eq!(view.dtype(), Dtype::Bf16);
        let small = 2f32.powi(-7);
        assert_eq!(read(&view, 31..34), bf16_bytes(&[-6.0, 0.5 * small, 3.0 * small]));
    }

    #[test]
    fn scales_that_do_not_fit_are_refused() {
        let one = raw(Stored::F32, &[1], f32_bytes(&[1.0]));
        let whole = Some((&one, Whole::Multiplied));
        let two = raw(Stored::F32, &[2], f32_bytes(&[1.0; 2]));
        let good = raw(Stored::F8_E4M3, &[2, 2], [0; 4]);
        for (scales, whole, words) in [
            (raw(Stored::F8_E4M3, &[2, 1], [0; 2]), whole, "16 elements"),
            (raw(Stored::F8_E4M3, &[4], [0; 4]), whole, "matrices"),
            (raw(Stored::U8, &[2, 2], [0; 4]), None, "32 elements"),
            (raw(Stored::I8, &[2, 2], [0; 4]), None, "I8"),
            (good.clone(), None, "whole tensor"),
            (good, Some((&two, Whole::Divided)), "not one float"),
        ] {
            let error = Packed::new(codes(), &scales, whole).err().expect(words);
            assert!(error.contains(words), "{error}");
        }
    }
}
