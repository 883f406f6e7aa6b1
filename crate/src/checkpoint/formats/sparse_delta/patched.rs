//! A tensor with new values in some places.

use crate::checkpoint::formats::sparse_delta::indices::Indices;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::views::{PIECE, View, widen_view};
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::ops::Range;
use std::rc::Rc;

struct Patched {
    base: Rc<dyn View>,
    indices: Indices,
    values: Rc<dyn View>,
}

/// Puts `values` at the flat, ascending `indices` (I32 or I64) of `base`, a tensor of so many
/// elements. Where the values' dtype is another, both are widened to one that holds them; what is
/// not listed stays the base's own.
///
/// # Errors
/// A sentence where indices and values don't fit each other or are of other dtypes.
pub fn patch_view(
    base: &Rc<dyn View>,
    elements: u64,
    indices: &RawTensor,
    values: &RawTensor,
) -> Result<Rc<dyn View>, String> {
    let indices = Indices::new(indices, values, Some(elements))?;
    let new = view_values(values)?;
    let dtype = base.dtype().common(new.dtype());
    Ok(Rc::new(Patched { base: widen_view(base, dtype), indices, values: widen_view(&new, dtype) }))
}

/// A view of the values that a delta puts in.
///
/// # Errors
/// A sentence where their dtype is not one that is read.
pub fn view_values(values: &RawTensor) -> Result<Rc<dyn View>, String> {
    values.view().ok_or_else(|| {
        format!(
            "its values {} are stored as {}, which is not supported (BF16, F16, F32 and F64 are)",
            values.name, values.dtype
        )
    })
}

impl View for Patched {
    fn dtype(&self) -> Dtype {
        self.base.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = self.base.elements(range.clone()).await?;
            let size = self.dtype().size();
            let places = self.indices.find_places(&range).await?;
            for start in places.clone().step_by(PIECE as usize) {
                let piece = start..places.end.min(start + PIECE);
                let indices = self.indices.read(piece.clone()).await?;
                let values = self.values.elements(piece).await?;
                for (index, value) in indices
                    .iter()
                    .zip(values.chunks_exact(size))
                    .filter(|(index, _)| range.contains(index))
                {
                    let at = (index - range.start) as usize * size;
                    out[at..at + size].copy_from_slice(value);
                }
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::formats::sparse_delta::indices::BLOCK;
    use crate::checkpoint::testing::{bytes_file, f32_bytes, raw_tensor};
    use crate::checkpoint::views::stored::Stored;
    use safetensors::Dtype as Name;

    fn i32s(values: &[i32]) -> RawTensor {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        raw_tensor("w.indices", Name::I32, &[values.len() as u64], bytes)
    }

    fn bf16s(bits: &[u16]) -> RawTensor {
        let bytes: Vec<u8> = bits.iter().flat_map(|b| b.to_le_bytes()).collect();
        raw_tensor("w.values", Name::BF16, &[bits.len() as u64], bytes)
    }

    fn base(dtype: Dtype, bytes: Vec<u8>) -> Rc<dyn View> {
        Rc::new(Stored::new(bytes_file("base", bytes), dtype, 0))
    }

    fn counting(count: u16) -> Rc<dyn View> {
        base(Dtype::Bf16, (0..count).flat_map(|i| i.to_le_bytes()).collect())
    }

    fn read(view: &Rc<dyn View>, range: Range<u64>) -> Vec<u16> {
        let bytes = pollster::block_on(view.elements(range)).expect("in range");
        bytes
            .chunks_exact(2)
            .map(|b| u16::from_le_bytes(b.try_into().expect("two bytes")))
            .collect()
    }

    #[test]
    fn values_stand_in_their_places_and_nowhere_else() {
        let view = patch_view(&counting(8), 8, &i32s(&[1, 2, 7]), &bf16s(&[100, 200, 700]))
            .expect("it fits");
        assert_eq!(read(&view, 0..8), [0, 100, 200, 3, 4, 5, 6, 700]);
        assert_eq!(read(&view, 2..7), [200, 3, 4, 5, 6]);
        assert_eq!(read(&view, 3..7), [3, 4, 5, 6]);
        let none = patch_view(&counting(3), 3, &i32s(&[]), &bf16s(&[])).expect("an empty delta");
        assert_eq!(read(&none, 0..3), [0, 1, 2]);
        let wide = raw_tensor("w.indices", Name::I64, &[1], 2i64.to_le_bytes().to_vec());
        assert_eq!(
            read(&patch_view(&counting(3), 3, &wide, &bf16s(&[9])).expect("I64"), 0..3),
            [0, 1, 9]
        );
        let twice =
            patch_view(&view, 8, &i32s(&[0, 2]), &bf16s(&[5, 6])).expect("a delta on a delta");
        assert_eq!(read(&twice, 0..4), [5, 100, 6, 3]);
    }

    #[test]
    fn ranges_between_and_across_blocks_find_their_indices() {
        // Every third element of a tensor whose indices fill three blocks and a bit.
        let count = 3 * BLOCK + 5;
        let indices: Vec<i32> = (0..count as i32).map(|i| 3 * i + 1).collect();
        let values: Vec<u16> = (0..count).map(|i| i as u16 | 1).collect();
        let elements = 3 * count + 1;
        let zeros = base(Dtype::Bf16, vec![0; 2 * elements as usize]);
        let view = patch_view(&zeros, elements, &i32s(&indices), &bf16s(&values)).expect("it fits");
        let want: Vec<u16> =
            (0..elements).map(|i| if i % 3 == 1 { values[i as usize / 3] } else { 0 }).collect();
        let edge = 3 * BLOCK;
        for range in [
            0..elements,
            edge..edge + 1,
            edge + 1..edge + 2,
            edge - 5..edge + 9,
            2 * edge..2 * edge + 40,
            elements - 3..elements,
            5..5,
        ] {
            assert!(
                read(&view, range.clone()) == want[range.start as usize..range.end as usize],
                "{range:?}"
            );
        }
    }

    #[test]
    fn other_dtypes_are_widened_and_the_rest_stays_the_base_s_own() {
        let f32s = base(Dtype::F32, f32_bytes(&[1.0000001, 2.0]));
        let view = patch_view(&f32s, 2, &i32s(&[1]), &bf16s(&[0x4040])).expect("it fits");
        assert_eq!(view.dtype(), Dtype::F32);
        let bytes = pollster::block_on(view.elements(0..2)).expect("in range");
        assert_eq!(bytes, f32_bytes(&[1.0000001, 3.0]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = |indices: &RawTensor, values: &RawTensor| {
            patch_view(&counting(8), 8, indices, values).err().expect("it does not fit")
        };
        assert!(error(&i32s(&[1, 2]), &bf16s(&[1])).contains("[2]"));
        assert!(
            error(&raw_tensor("w.indices", Name::F32, &[1], vec![0; 4]), &bf16s(&[1]))
                .contains("F32")
        );
        assert!(
            error(&i32s(&[1]), &raw_tensor("w.values", Name::U8, &[1], vec![0])).contains("U8")
        );
        for (indices, what) in [
            (&[3, 3][..], "number 1 is 3"),
            (&[3, 1], "number 1 is 1"),
            (&[8], "number 0 is 8"),
            (&[-1], "number 0 is -1"),
        ] {
            let view = patch_view(&counting(8), 8, &i32s(indices), &bf16s(&vec![1; indices.len()]))
                .expect("only reading tells");
            let error =
                pollster::block_on(view.elements(0..1)).expect_err("a bad index").to_string();
            assert!(error.contains("w.indices.file") && error.contains(what), "{error}");
        }
    }
}
