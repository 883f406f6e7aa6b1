//! Stored elements as numbers.

use crate::element::dtype::Dtype;
use crate::element::gate::{is_close, is_unchanged};

/// An element type of safetensors.
pub trait Element: Copy {
    /// Bytes of one element.
    const SIZE: usize;
    /// Whether it is bf16, whose code is the value.
    const IS_BF16: bool = false;
    /// Reads an element from [`Element::SIZE`] little-endian bytes.
    fn read(bytes: &[u8]) -> Self;
    /// Returns the stored bits.
    fn bits(self) -> u64;
    /// Returns the value, which every dtype has exactly in f64.
    fn f64(self) -> f64;
    /// Returns the value as f32: exact, but rounded for F64.
    fn f32(self) -> f32;
    /// Returns whether the stored value is neither infinite nor NaN.
    #[inline(always)]
    fn finite(self) -> bool {
        self.f32().is_finite()
    }
    /// Returns tuned − base as f32, rounded once.
    #[inline(always)]
    fn minus(self, base: Self) -> f32 {
        self.f32() - base.f32()
    }
    /// Returns whether |tuned − base| ≤ η·max(|tuned|, |base|), in f32; in f64 for F64.
    #[inline(always)]
    fn is_close(self, base: Self, eta: f64) -> bool {
        is_close(base.f32(), self.f32(), eta as f32)
    }
    /// Returns whether |tuned − base| ≤ tolerance, in f32; in f64 for F64.
    #[inline(always)]
    fn is_within(self, base: Self, tolerance: f64) -> bool {
        (self.f32() - base.f32()).abs() <= tolerance as f32
    }
    /// Returns the bits as bf16, rounded to nearest even. F64 goes by way of f32, as PyTorch casts
    /// it.
    #[inline(always)]
    fn bf16(self) -> u16 {
        round_to_bf16(self.f32())
    }
}

/// Returns the bf16 bits of a value, rounded to nearest even. It does what `half` does, which has
/// branches and so keeps a run of weights out of vector registers.
#[inline(always)]
fn round_to_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    let rounded = (bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16;
    // A NaN stays one: it turns quiet.
    let quiet = (bits >> 16) as u16 | 0x40;
    if bits & 0x7fff_ffff > 0x7f80_0000 { quiet } else { rounded }
}

/// Returns the value of an IEEE half, given by its bits. It does what `half` does, which calls a
/// function for each.
#[inline(always)]
fn widen_f16(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff) << 13;
    // 2^112 moves the bias of 15 to that of 127, for subnormal halves, too.
    let finite = (f32::from_bits(magnitude) * f32::from_bits(0x7780_0000)).to_bits();
    let special = magnitude | 0x7f80_0000;
    let sign = u32::from(bits & 0x8000) << 16;
    f32::from_bits(sign | if magnitude < 0x0f80_0000 { finite } else { special })
}

/// Returns the bytes in one load: compilers do not join loads of single bytes before they
/// vectorise.
#[inline(always)]
fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the bytes of one element")
}

/// The bits of a 16-bit float: of bf16 if `BRAIN`, else of an IEEE half.
#[derive(Clone, Copy)]
pub struct Half<const BRAIN: bool>(u16);
/// bfloat16.
pub type Bf16 = Half<true>;
/// IEEE half.
pub type F16 = Half<false>;

impl<const BRAIN: bool> Element for Half<BRAIN> {
    const SIZE: usize = 2;
    const IS_BF16: bool = BRAIN;
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self(u16::from_le_bytes(array(bytes)))
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self.0.into()
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        self.f32().into()
    }
    #[inline(always)]
    fn f32(self) -> f32 {
        if BRAIN { f32::from_bits(u32::from(self.0) << 16) } else { widen_f16(self.0) }
    }
    #[inline(always)]
    fn bf16(self) -> u16 {
        if BRAIN { self.0 } else { round_to_bf16(self.f32()) }
    }
}

impl Element for f32 {
    const SIZE: usize = 4;
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes(array(bytes))
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        self.into()
    }
    #[inline(always)]
    fn f32(self) -> f32 {
        self
    }
}

impl Element for f64 {
    const SIZE: usize = 8;
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes(array(bytes))
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits()
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn f32(self) -> f32 {
        self as f32
    }
    #[inline(always)]
    fn finite(self) -> bool {
        self.is_finite()
    }
    #[inline(always)]
    fn minus(self, base: Self) -> f32 {
        (self - base) as f32
    }
    #[inline(always)]
    fn is_close(self, base: Self, eta: f64) -> bool {
        (self - base).abs() <= eta * self.abs().max(base.abs())
    }
    #[inline(always)]
    fn is_within(self, base: Self, tolerance: f64) -> bool {
        (self - base).abs() <= tolerance
    }
}

/// Runs `$body` with `$E` standing for the element type of a dtype.
macro_rules! with_element {
    ($dtype:expr, $E:ident => $body:expr) => {
        match $dtype {
            $crate::element::Dtype::Bf16 => {
                type $E = $crate::element::decode::Bf16;
                $body
            }
            $crate::element::Dtype::F16 => {
                type $E = $crate::element::decode::F16;
                $body
            }
            $crate::element::Dtype::F32 => {
                type $E = f32;
                $body
            }
            $crate::element::Dtype::F64 => {
                type $E = f64;
                $body
            }
        }
    };
}
pub(crate) use with_element;

/// The elements of a tensor: their bytes, and the dtype in which to read them.
#[derive(Debug, Clone)]
pub struct Decoder {
    dtype: Dtype,
    bytes: Vec<u8>,
}

impl Decoder {
    /// Takes little-endian elements, as safetensors stores them.
    pub fn new(dtype: Dtype, bytes: Vec<u8>) -> Self {
        Self { dtype, bytes }
    }

    /// Returns the dtype of the elements.
    #[inline(always)]
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Returns the bytes of elements `start..start + count`.
    #[inline(always)]
    pub fn bytes_of(&self, start: usize, count: usize) -> &[u8] {
        let size = self.dtype.size();
        &self.bytes[size * start..size * (start + count)]
    }

    /// Returns element `i` as f64, exact.
    #[inline(always)]
    pub fn f64(&self, i: usize) -> f64 {
        with_element!(self.dtype, E => E::read(self.bytes_of(i, 1)).f64())
    }

    /// Returns element `i` as f32, rounded for F64.
    #[inline(always)]
    pub fn f32(&self, i: usize) -> f32 {
        with_element!(self.dtype, E => E::read(self.bytes_of(i, 1)).f32())
    }

    /// Returns the bits of element `i` as bf16, rounded to nearest even.
    #[inline(always)]
    pub fn bf16(&self, i: usize) -> u16 {
        with_element!(self.dtype, E => E::read(self.bytes_of(i, 1)).bf16())
    }

    /// Writes elements `start..start + out.len()` to `out` as f32.
    #[inline(always)]
    pub fn decode_f32(&self, start: usize, out: &mut [f32]) {
        let bytes = self.bytes_of(start, out.len());
        with_element!(self.dtype, E => convert::<E, f32>(bytes, out, E::f32));
    }

    /// Writes elements `start..start + out.len()` to `out` as f64, exact.
    #[inline(always)]
    pub fn decode_f64(&self, start: usize, out: &mut [f64]) {
        let bytes = self.bytes_of(start, out.len());
        with_element!(self.dtype, E => convert::<E, f64>(bytes, out, E::f64));
    }

    /// Writes elements from `start` on minus as many of `base` from `from` on to `out`, as f32.
    /// Both have one dtype.
    #[inline(always)]
    pub fn decode_difference(&self, start: usize, base: &Self, from: usize, out: &mut [f32]) {
        let (tuned, base) = (self.bytes_of(start, out.len()), base.bytes_of(from, out.len()));
        with_element!(self.dtype, E => {
            let pairs = tuned.chunks_exact(E::SIZE).zip(base.chunks_exact(E::SIZE));
            out.iter_mut().zip(pairs).for_each(|(o, (t, b))| *o = E::read(t).minus(E::read(b)));
        });
    }

    /// Writes 1 for each element from `start` on that is in the update mask against as many of
    /// `base` from `from` on, and 0 for the others: see [`passes`](super::gate::passes).
    #[inline(always)]
    pub fn mark_changed(&self, start: usize, base: &Self, from: usize, eta: f32, out: &mut [u32]) {
        let (tuned, base) = (self.bytes_of(start, out.len()), base.bytes_of(from, out.len()));
        with_element!(self.dtype, E => {
            let pairs = tuned.chunks_exact(E::SIZE).zip(base.chunks_exact(E::SIZE));
            out.iter_mut().zip(pairs).for_each(|(o, (t, b))| {
                let (t, b) = (E::read(t), E::read(b));
                let (after, before) = (t.bf16(), b.bf16());
                // Without the branches of `passes`, so that a run is compared in vector registers;
                // the diff, element by element, is faster with them.
                let same = (before == after) | is_unchanged(before, after, eta);
                *o = u32::from(!(t.finite() & b.finite() & same));
            });
        });
    }

    /// Writes elements `start..start + out.len()` to `out` as bf16 bits.
    #[inline(always)]
    pub fn decode_bf16(&self, start: usize, out: &mut [u16]) {
        let bytes = self.bytes_of(start, out.len());
        with_element!(self.dtype, E => convert::<E, u16>(bytes, out, E::bf16));
    }
}

/// Writes every element of `bytes` to `out`, converted by `to`.
#[inline(always)]
fn convert<E: Element, T>(bytes: &[u8], out: &mut [T], to: impl Fn(E) -> T) {
    out.iter_mut().zip(bytes.chunks_exact(E::SIZE)).for_each(|(o, b)| *o = to(E::read(b)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::{bf16, f16};

    #[test]
    fn halves_are_widened_as_in_half() {
        for bits in 0..=u16::MAX {
            let (got, want) = (Half::<false>(bits).f32(), f16::from_bits(bits).to_f32());
            assert!(got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan(), "{bits:#x}");
        }
    }

    #[test]
    fn values_round_to_bf16_as_in_half() {
        // Every upper half, with lower halves at and beside what decides.
        for upper in 0..=u16::MAX {
            for lower in [0u32, 1, 0x7fff, 0x8000, 0x8001, 0xffff] {
                let x = f32::from_bits(u32::from(upper) << 16 | lower);
                assert_eq!(x.bf16(), bf16::from_f32(x).to_bits(), "{:#x}", x.to_bits());
            }
        }
    }
}
