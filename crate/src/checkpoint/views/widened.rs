//! Elements in a dtype that holds them exactly: BF16 and F16 as F32 or F64, F32 as F64.

use crate::checkpoint::views::{View, cut_range};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::ops::Range;
use std::rc::Rc;

struct Widened {
    of: Rc<dyn View>,
    dtype: Dtype,
}

/// Widens `view` to `dtype`, which holds its elements exactly; a view of that dtype stays as it is.
pub fn widen_view(view: &Rc<dyn View>, dtype: Dtype) -> Rc<dyn View> {
    if view.dtype() == dtype { view.clone() } else { Rc::new(Widened { of: view.clone(), dtype }) }
}

impl View for Widened {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let size = self.dtype.size();
            let mut out = vec![0; (range.end - range.start) as usize * size];
            for piece in cut_range(range.clone()) {
                let at = (piece.start - range.start) as usize * size
                    ..(piece.end - range.start) as usize * size;
                let decoder = Decoder::new(self.of.dtype(), self.of.elements(piece).await?);
                widen(&decoder, self.dtype, &mut out[at]);
            }
            Ok(out)
        })
    }
}

fn widen(decoder: &Decoder, dtype: Dtype, out: &mut [u8]) {
    if dtype == Dtype::F64 {
        let mut values = vec![0.0; out.len() / 8];
        decoder.decode_f64(0, &mut values);
        out.chunks_exact_mut(8).zip(values).for_each(|(o, v)| o.copy_from_slice(&v.to_le_bytes()));
    } else {
        let mut values = vec![0.0; out.len() / 4];
        decoder.decode_f32(0, &mut values);
        out.chunks_exact_mut(4).zip(values).for_each(|(o, v)| o.copy_from_slice(&v.to_le_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::bytes_file;
    use crate::checkpoint::views::PIECE;
    use crate::checkpoint::views::stored::Stored;

    fn view(dtype: Dtype, bytes: Vec<u8>) -> Rc<dyn View> {
        Rc::new(Stored::new(bytes_file("x", bytes), dtype, 0))
    }

    #[test]
    fn every_pair_of_dtypes_has_one_that_holds_both() {
        use Dtype::{Bf16, F16, F32, F64};
        let cases = [
            (Bf16, Bf16, Bf16),
            (F16, F16, F16),
            (Bf16, F16, F32),
            (F16, F32, F32),
            (Bf16, F64, F64),
            (F64, F32, F64),
        ];
        for (a, b, want) in cases {
            assert_eq!((a.common(b), b.common(a)), (want, want), "{a:?} {b:?}");
        }
    }

    #[test]
    fn values_stay_exact_and_only_the_range_is_read() {
        // bf16 1, −2.5, NaN, +∞ and the smallest subnormal 2^-133; f16 2^-24 and 65504.
        let bf16 = view(
            Dtype::Bf16,
            [0x3f80u16, 0xc020, 0x7fc0, 0x7f80, 0x0001]
                .iter()
                .flat_map(|b| b.to_le_bytes())
                .collect(),
        );
        let read = |v: &Rc<dyn View>, to, range| {
            pollster::block_on(widen_view(v, to).elements(range)).expect("in range")
        };
        let f32s = read(&bf16, Dtype::F32, 0..5);
        let want: Vec<u8> = [0x3f80_0000u32, 0xc020_0000, 0x7fc0_0000, 0x7f80_0000, 0x0001_0000]
            .iter()
            .flat_map(|b| b.to_le_bytes())
            .collect();
        assert_eq!(f32s, want);
        assert_eq!(read(&bf16, Dtype::F64, 4..5), 2f64.powi(-133).to_le_bytes());
        assert_eq!(read(&bf16, Dtype::Bf16, 1..2), [0x20, 0xc0]);
        let f16 = view(Dtype::F16, vec![0x01, 0x00, 0xff, 0x7b]);
        assert_eq!(read(&f16, Dtype::F32, 0..1), 2f32.powi(-24).to_le_bytes());
        assert_eq!(read(&f16, Dtype::F32, 1..2), 65504f32.to_le_bytes());
        assert!(
            pollster::block_on(widen_view(&f16, Dtype::F32).elements(0..3)).is_err(),
            "beyond the file"
        );
    }

    #[test]
    fn long_ranges_are_decoded_piece_by_piece_without_a_seam() {
        let count = PIECE + 3;
        let long = view(Dtype::Bf16, (0..count).flat_map(|i| (i as u16).to_le_bytes()).collect());
        let bytes =
            pollster::block_on(widen_view(&long, Dtype::F32).elements(1..count)).expect("in range");
        assert_eq!(bytes.len() as u64, 4 * (count - 1));
        for (i, b) in (1..count).zip(bytes.chunks_exact(4)) {
            assert_eq!(b, (u32::from(i as u16) << 16).to_le_bytes(), "element {i}");
        }
    }
}
