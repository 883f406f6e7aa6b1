//! Elements times a power of two, for weights whose squares no f32 holds.

use crate::checkpoint::views::View;
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use half::{bf16, f16};
use std::ops::Range;
use std::rc::Rc;

struct Scaled {
    of: Rc<dyn View>,
    exponent: i32,
}

/// Multiplies the elements of `view` by 2^`exponent`. That is exact, but for elements that become
/// subnormal.
pub fn scale_view(view: &Rc<dyn View>, exponent: i32) -> Rc<dyn View> {
    Rc::new(Scaled { of: view.clone(), exponent })
}

/// Multiplies `value` by 2^`exponent`, in two steps: 2^`exponent` itself may be out of range.
pub fn scale_value(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    value * 2f64.powi(half) * 2f64.powi(exponent - half)
}

impl View for Scaled {
    fn dtype(&self) -> Dtype {
        self.of.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let dtype = self.of.dtype();
            let size = dtype.size();
            let count = (range.end - range.start) as usize;
            let decoder = Decoder::new(dtype, self.of.elements(range).await?);
            let mut values = vec![0.0; count];
            decoder.decode_f64(0, &mut values);
            let mut out = vec![0; count * size];
            for (bytes, value) in out.chunks_exact_mut(size).zip(values) {
                let value = scale_value(value, self.exponent);
                match dtype {
                    Dtype::F64 => bytes.copy_from_slice(&value.to_le_bytes()),
                    Dtype::F32 => bytes.copy_from_slice(&(value as f32).to_le_bytes()),
                    Dtype::Bf16 => bytes.copy_from_slice(&bf16::from_f64(value).to_le_bytes()),
                    Dtype::F16 => bytes.copy_from_slice(&f16::from_f64(value).to_le_bytes()),
                }
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::bytes_file;
    use crate::checkpoint::views::stored::Stored;

    #[test]
    fn powers_of_two_change_no_digit() {
        let values = [3.3e38f32, -1.1e-3, 0.0, f32::INFINITY].map(f32::to_le_bytes).concat();
        let view: Rc<dyn View> = Rc::new(Stored::new(bytes_file("x", values), Dtype::F32, 0));
        let scaled = scale_view(&view, -100);
        let bytes = pollster::block_on(scaled.elements(0..4)).expect("in range");
        let scale = 2f32.powi(-100);
        let want = [3.3e38f32 * scale, -1.1e-3 * scale, 0.0, f32::INFINITY];
        assert_eq!(bytes, want.map(f32::to_le_bytes).concat());
        assert_eq!(scale_value(scale_value(1.25e-320, 1060), -1060), 1.25e-320);
        assert_eq!(scale_value(1.5e300, -1990), 1.5e300 * 2f64.powi(-995) * 2f64.powi(-995));
    }
}
