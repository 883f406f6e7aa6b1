//! Stored elements as numbers.

use crate::kernels::Dtype;
use half::{bf16, f16};
use std::ops::Range;

/// The bytes of a tensor and how to read them.
#[derive(Debug, Clone)]
pub struct Decoder {
    dtype: Dtype,
    bytes: Vec<u8>,
}

impl Decoder {
    /// Little-endian elements, as safetensors stores them.
    pub fn new(dtype: Dtype, bytes: Vec<u8>) -> Self {
        Self { dtype, bytes }
    }

    /// Element `i` as f64, exact.
    #[inline(always)]
    pub fn f64(&self, i: usize) -> f64 {
        match self.dtype {
            Dtype::Bf16 => f64::from(f32::from_bits(u32::from(self.half(i)) << 16)),
            Dtype::F16 => f16::from_bits(self.half(i)).to_f64(),
            Dtype::F32 => f64::from(f32::from_bits(self.word(i))),
            Dtype::F64 => f64::from_bits(self.double(i)),
        }
    }

    /// Element `i` as f32 (rounded for F64).
    #[inline(always)]
    pub fn f32(&self, i: usize) -> f32 {
        match self.dtype {
            Dtype::Bf16 => f32::from_bits(u32::from(self.half(i)) << 16),
            Dtype::F16 => f16::from_bits(self.half(i)).to_f32(),
            Dtype::F32 => f32::from_bits(self.word(i)),
            Dtype::F64 => f64::from_bits(self.double(i)) as f32,
        }
    }

    /// The stored bits of element `i`.
    #[inline(always)]
    pub fn bits(&self, i: usize) -> u64 {
        match self.dtype {
            Dtype::Bf16 | Dtype::F16 => u64::from(self.half(i)),
            Dtype::F32 => u64::from(self.word(i)),
            Dtype::F64 => self.double(i),
        }
    }

    /// The bits of element `i` as bf16, to nearest even. F64 goes by way of f32, as PyTorch casts it.
    #[inline(always)]
    pub fn bf16(&self, i: usize) -> u16 {
        if self.dtype == Dtype::Bf16 { self.half(i) } else { bf16::from_f32(self.f32(i)).to_bits() }
    }

    /// The elements of `rows` and `columns` of a matrix with `cols` columns into `out`, as f32, row-major.
    pub fn block_f32(&self, rows: Range<usize>, columns: Range<usize>, cols: usize, out: &mut Vec<f32>) {
        out.clear();
        for row in rows {
            let range = row * cols + columns.start..row * cols + columns.end;
            match self.dtype {
                Dtype::Bf16 => {
                    let bytes = &self.bytes[2 * range.start..2 * range.end];
                    out.extend(bytes.chunks_exact(2).map(|b| f32::from_bits(u32::from(u16::from_le_bytes([b[0], b[1]])) << 16)));
                }
                _ => out.extend(range.map(|i| self.f32(i))),
            }
        }
    }

    #[inline(always)]
    fn half(&self, i: usize) -> u16 {
        u16::from_le_bytes([self.bytes[2 * i], self.bytes[2 * i + 1]])
    }

    #[inline(always)]
    fn word(&self, i: usize) -> u32 {
        u32::from_le_bytes(self.bytes[4 * i..4 * i + 4].try_into().expect("four bytes"))
    }

    #[inline(always)]
    fn double(&self, i: usize) -> u64 {
        u64::from_le_bytes(self.bytes[8 * i..8 * i + 8].try_into().expect("eight bytes"))
    }
}
