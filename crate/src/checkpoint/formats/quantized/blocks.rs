//! gpt-oss's experts in MXFP4: `X_blocks` of U8 [experts, rows, groups, 16] and `X_scales` of U8
//! [experts, rows, groups], which transformers reads as X [experts, groups · 32, rows].
//!
//! Source: `convert_moe_packed_tensors` of transformers' integrations/mxfp4.py, which multiplies
//! codes with powers of two and transposes each expert.

use crate::checkpoint::formats::quantized::codes::{FP4, e8m0};
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::views::View;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::source::ReadFuture;
use half::bf16;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// Bytes of a group, which holds 32 codes and has one scale.
const GROUP: u64 = 16;
/// The largest expert that is kept in memory, in bytes of its codes. A larger one is read again for
/// every range.
const LARGEST_KEPT: u64 = 16 << 20;
/// Bytes of codes that are read at a time of an expert that is not kept.
const CHUNK: u64 = 4 << 20;

/// Codes and scales of some rows of an expert.
#[derive(Clone)]
struct Rows {
    codes: Rc<[u8]>,
    scales: Rc<[u8]>,
}

/// The expert that was read last, by the tensor's name and its number: reading a range of a
/// transposed matrix needs all its rows. One for all tensors of a checkpoint.
#[derive(Default)]
pub struct LastExpert(RefCell<Option<(String, u64, Rows)>>);

/// The experts of one tensor.
pub struct Blocks {
    codes: RawTensor,
    scales: RawTensor,
    experts: u64,
    /// Rows as stored, which are columns of the weight.
    rows: u64,
    groups: u64,
    last: Rc<LastExpert>,
}

impl Blocks {
    /// Joins blocks and scales.
    ///
    /// # Errors
    /// A sentence where they do not fit.
    pub fn new(
        codes: RawTensor,
        scales: &RawTensor,
        last: &Rc<LastExpert>,
    ) -> Result<Self, String> {
        let bytes = [codes.dtype, scales.dtype] == [safetensors::Dtype::U8; 2];
        match (&codes.shape[..], &scales.shape[..]) {
            (&[experts, rows, groups, GROUP], of) if *of == [experts, rows, groups] && bytes => {
                let (scales, last) = (scales.clone(), last.clone());
                Ok(Self { codes, scales, experts, rows, groups, last })
            }
            (shape, of) => Err(format!(
                "its blocks of {} {shape:?} and scales of {} {of:?} are not those of MXFP4: U8 \
                 [experts, rows, groups, 16] and U8 [experts, rows, groups] were expected",
                codes.dtype, scales.dtype
            )),
        }
    }

    /// The shape of the weight: experts, inputs, outputs.
    pub fn shape(&self) -> Vec<u64> {
        vec![self.experts, 2 * GROUP * self.groups, self.rows]
    }

    /// Reads some stored rows of an expert.
    async fn read_rows(&self, expert: u64, rows: Range<u64>) -> Result<Rows, Error> {
        let first = expert * self.rows;
        let groups = (first + rows.start) * self.groups..(first + rows.end) * self.groups;
        let codes = self.codes.read(groups.start * GROUP..groups.end * GROUP).await?.into();
        Ok(Rows { codes, scales: self.scales.read(groups).await?.into() })
    }

    /// Reads a whole expert, or takes it from memory.
    async fn read_expert(&self, expert: u64) -> Result<Rows, Error> {
        if let Some((name, number, rows)) = self.last.0.borrow().as_ref()
            && (name, *number) == (&self.codes.name, expert)
        {
            return Ok(rows.clone());
        }
        let rows = self.read_rows(expert, 0..self.rows).await?;
        self.last.0.replace(Some((self.codes.name.clone(), expert, rows.clone())));
        Ok(rows)
    }

    /// Writes the elements `part` of an expert that lie in the stored rows from `start` on.
    fn decode(&self, start: u64, rows: &Rows, part: &Range<u64>, out: &mut [u8]) {
        let inputs = part.start / self.rows..part.end.div_ceil(self.rows);
        let count = rows.scales.len() as u64 / self.groups;
        for row in 0..count {
            for input in inputs.clone() {
                let place = input * self.rows + start + row;
                if !part.contains(&place) {
                    continue;
                }
                let group = (row * self.groups + input / (2 * GROUP)) as usize;
                let byte = rows.codes[group * GROUP as usize + (input % (2 * GROUP) / 2) as usize];
                let code = if input % 2 == 0 { byte & 15 } else { byte >> 4 };
                let value = bf16::from_f32(FP4[usize::from(code)] * e8m0(rows.scales[group]));
                let at = 2 * (place - part.start) as usize;
                out[at..at + 2].copy_from_slice(&value.to_le_bytes());
            }
        }
    }
}

impl View for Blocks {
    fn dtype(&self) -> Dtype {
        Dtype::Bf16
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = vec![0; 2 * (range.end - range.start) as usize];
            let size = 2 * GROUP * self.groups * self.rows;
            let bytes = (GROUP * self.groups).max(1);
            let mut at = range.start;
            while at < range.end {
                let expert = at / size;
                let end = range.end.min((expert + 1) * size);
                let part = at - expert * size..end - expert * size;
                let into =
                    &mut out[2 * (at - range.start) as usize..2 * (end - range.start) as usize];
                if bytes * self.rows <= LARGEST_KEPT {
                    self.decode(0, &self.read_expert(expert).await?, &part, into);
                } else {
                    let step = (CHUNK / bytes).max(1);
                    for start in (0..self.rows).step_by(step as usize) {
                        let rows = start..self.rows.min(start + step);
                        self.decode(start, &self.read_rows(expert, rows).await?, &part, into);
                    }
                }
                at = end;
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::{bf16_bytes, raw_tensor};
    use safetensors::Dtype as Stored;

    #[test]
    fn experts_are_decoded_and_transposed() {
        // Two experts of three rows and two groups: the codes count on, the scales are 2^0, 2^1, ….
        let codes: Vec<u8> = (0..2 * 3 * 2 * 16u32).map(|i| (7 * i % 256) as u8).collect();
        let scales: Vec<u8> = (127..127 + 12).collect();
        let blocks = raw_tensor("w_blocks", Stored::U8, &[2, 3, 2, 16], codes.clone());
        let exponents = raw_tensor("w_scales", Stored::U8, &[2, 3, 2], scales);
        let view = Blocks::new(blocks, &exponents, &Rc::default()).expect("they fit");
        assert_eq!(view.shape(), [2, 64, 3]);
        let mut want = Vec::new();
        for expert in 0..2 {
            for input in 0..64 {
                for row in 0..3 {
                    let group = (expert * 3 + row) * 2 + input / 32;
                    let byte = codes[16 * group + input % 32 / 2];
                    let code = if input % 2 == 0 { byte % 16 } else { byte / 16 };
                    want.push(FP4[usize::from(code)] * 2f32.powi(group as i32));
                }
            }
        }
        let read = |range| pollster::block_on(view.elements(range)).expect("in range");
        let want = bf16_bytes(&want);
        assert_eq!(read(0..384), want);
        assert_eq!(read(100..301), want[200..602], "across experts, from within a row on");
        // As an expert that is too large to be kept, in chunks of rows.
        let mut out = vec![0; 2 * 50];
        for row in 0..3 {
            let rows = pollster::block_on(view.read_rows(1, row..row + 1)).expect("in range");
            view.decode(row, &rows, &(20..70), &mut out);
        }
        assert_eq!(out, want[2 * (192 + 20)..2 * (192 + 70)]);
    }

    #[test]
    fn other_shapes_are_refused() {
        let make = |blocks: &[u64], scales: &[u64]| {
            let raw = |name, shape: &[u64]| {
                let bytes = vec![0; shape.iter().product::<u64>() as usize];
                raw_tensor(name, Stored::U8, shape, bytes)
            };
            let scales = raw("w_scales", scales);
            Blocks::new(raw("w_blocks", blocks), &scales, &Rc::default()).err()
        };
        assert_eq!(make(&[1, 2, 1, 16], &[1, 2, 1]), None);
        assert!(make(&[1, 2, 1, 8], &[1, 2, 1]).is_some());
        assert!(make(&[1, 2, 1, 16], &[1, 1, 2]).is_some());
        assert!(make(&[2, 1, 16], &[2, 1]).is_some());
    }
}
