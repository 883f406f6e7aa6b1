//! FP8 codes times their scales, as F32.

use crate::checkpoint::formats::quantized::codes::{Fp8, e8m0};
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::views::{Quantization, ScalesFuture, View, cut_range};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::source::ReadFuture;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// A block of MXFP8.
const MX_BLOCK: (u64, u64) = (1, 32);
/// The smallest block that is looked for where no config.json names one.
const LEAST_BLOCK: u64 = 16;

/// The blocks of rows × columns of a slice of m×n, each of which has one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grid {
    /// Rows and columns of a block.
    block: (u64, u64),
    /// Blocks down and across.
    count: (u64, u64),
}

impl Grid {
    /// Finds the grid of a scale of `down`×`across` numbers. `blocks` is the size of a block by
    /// config.json, which goes first; else a block is the smallest square of a power of two,
    /// [`LEAST_BLOCK`] or more, that gives this many, or an equal part of a row.
    fn of(
        (m, n): (u64, u64),
        (down, across): (u64, u64),
        blocks: Option<(u64, u64)>,
    ) -> Option<Self> {
        let count = (down, across);
        if count == (m, 1) {
            return Some(Self { block: (1, n), count });
        }
        let fits =
            |(rows, columns): &(u64, u64)| (m.div_ceil(*rows), n.div_ceil(*columns)) == count;
        let squares =
            (LEAST_BLOCK.trailing_zeros()..u64::BITS).map(|power| (1 << power, 1 << power));
        let part = (down == m && across > 0 && n % across == 0).then(|| (1, n / across));
        let part = part.filter(|(_, columns)| *columns >= LEAST_BLOCK);
        blocks.into_iter().chain(squares).chain(part).find(fits).map(|block| Self { block, count })
    }

    fn numbers(&self) -> u64 {
        self.count.0 * self.count.1
    }
}

/// The place of the scales over the weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    /// Rows and columns of a slice: the whole tensor, or one expert of a 3-D tensor.
    slice: (u64, u64),
    grid: Grid,
    /// True if each slice has scales of its own.
    by_slice: bool,
}

impl Layout {
    fn of(weight: &[u64], scale: &[u64], blocks: Option<(u64, u64)>) -> Option<Self> {
        let all: u64 = weight.iter().product();
        let (slices, m, n) = match *weight {
            [] => (1, 1, 1),
            [n] => (1, 1, n),
            [slices, m, n] => (slices, m, n),
            [m, ..] => (1, m, all / m),
        };
        let one = Grid { block: (m, n), count: (1, 1) };
        let (grid, by_slice) = match *scale {
            [] | [1] => (one, false),
            [count] if weight.len() == 3 && count == slices => (one, true),
            [count] if weight.len() != 3 && count == m => {
                (Grid::of((m, n), (m, 1), blocks)?, false)
            }
            [down, across]
                if weight.len() == 2 || (down == m && across == 1 && weight.len() > 3) =>
            {
                (Grid::of((m, n), (down, across), blocks)?, false)
            }
            [count, down, across] if weight.len() == 3 && count == slices => {
                (Grid::of((m, n), (down, across), blocks)?, true)
            }
            _ => return None,
        };
        Some(Self { slice: (m, n), grid, by_slice })
    }

    /// The scales of the elements `range`, and maybe some besides.
    fn places(&self, range: &Range<u64>) -> Range<u64> {
        let n = self.slice.1;
        let (first, last) = (range.start / n * n, (range.end.max(1) - 1) / n * n + n - 1);
        self.at(first).0 as u64..self.at(last).0 as u64 + 1
    }

    /// Finds the index of the scale of element `i`, and how many elements from there on share it.
    fn at(&self, i: u64) -> (usize, u64) {
        let ((m, n), Grid { block, count }) = (self.slice, self.grid);
        let (slice, row, column) = (i / (m * n), i / n % m, i % n);
        let first = if self.by_slice { slice * self.grid.numbers() } else { 0 };
        let place = first + row / block.0 * count.1 + column / block.1;
        (place as usize, (block.1 - column % block.1).min(n - column))
    }
}

/// The most scales of a tensor that are kept: more are read again for every range.
const MOST_KEPT: u64 = 1 << 16;

/// A scale tensor. A small one is read once, when it is first needed.
struct Scales {
    of: RawTensor,
    kept: RefCell<Option<Rc<[f32]>>>,
}

impl Scales {
    /// Reads at least the scales `places`. Returns them with the place of the first.
    async fn get(&self, places: Range<u64>) -> Result<(Rc<[f32]>, usize), Error> {
        if self.of.elements() > MOST_KEPT {
            return Ok((self.read(places.clone()).await?, places.start as usize));
        }
        if let Some(kept) = self.kept.borrow().as_ref() {
            return Ok((kept.clone(), 0));
        }
        let all = self.read(0..self.of.elements()).await?;
        *self.kept.borrow_mut() = Some(all.clone());
        Ok((all, 0))
    }

    async fn read(&self, places: Range<u64>) -> Result<Rc<[f32]>, Error> {
        let count = (places.end - places.start) as usize;
        let bytes = self.of.read(places).await?;
        Ok(match self.of.view() {
            Some(view) => {
                let mut values = vec![0.0; count];
                Decoder::new(view.dtype(), bytes).decode_f32(0, &mut values);
                values.into()
            }
            // Only exponents are let in besides.
            None => bytes.into_iter().map(e8m0).collect(),
        })
    }
}

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
        Ok(Self {
            codes,
            kind,
            layout,
            scales: scale.map(|of| Scales { of: of.clone(), kept: RefCell::default() }),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::{f32_bytes, raw_tensor};
    use safetensors::Dtype as Stored;

    fn raw(dtype: Stored, shape: &[u64], bytes: Vec<u8>) -> RawTensor {
        raw_tensor("w", dtype, shape, bytes)
    }

    fn f32s(shape: &[u64], values: &[f32]) -> RawTensor {
        raw(Stored::F32, shape, f32_bytes(values))
    }

    /// Codes of E4M3 that count 1, 2, 4, 8, 1, … give a tensor whose scales are easily seen.
    fn codes(shape: &[u64]) -> RawTensor {
        let count: u64 = shape.iter().product();
        raw(
            Stored::F8_E4M3,
            shape,
            (0..count).map(|i| [0x38, 0x40, 0x48, 0x50][i as usize % 4]).collect(),
        )
    }

    fn read(view: &Scaled, range: Range<u64>) -> Vec<f32> {
        let bytes = pollster::block_on(view.elements(range)).expect("in range");
        bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().expect("four bytes")))
            .collect()
    }

    fn scaled(
        shape: &[u64],
        scale: &RawTensor,
        blocks: Option<(u64, u64)>,
    ) -> Result<Scaled, String> {
        Scaled::new(codes(shape), Fp8::E4m3, Some(scale), blocks)
    }

    #[test]
    fn one_scale_one_a_row_and_none() {
        let shape = [2, 4];
        assert_eq!(
            read(&Scaled::new(codes(&shape), Fp8::E4m3, None, None).expect("no scale"), 0..8),
            [1.0, 2.0, 4.0, 8.0, 1.0, 2.0, 4.0, 8.0]
        );
        for scale in [f32s(&[], &[0.5]), f32s(&[1], &[0.5]), f32s(&[1, 1], &[0.5])] {
            assert_eq!(
                read(&scaled(&shape, &scale, None).expect("one"), 1..6),
                [1.0, 2.0, 4.0, 0.5, 1.0],
                "{:?}",
                scale.shape
            );
        }
        for scale in [f32s(&[2], &[3.0, -1.0]), f32s(&[2, 1], &[3.0, -1.0])] {
            assert_eq!(
                read(&scaled(&shape, &scale, None).expect("rows"), 2..7),
                [12.0, 24.0, -1.0, -2.0, -4.0],
                "{:?}",
                scale.shape
            );
        }
        // 1.1 is not a bf16: its nearest one, 1.1015625, is the scale.
        let bf16 = raw(Stored::BF16, &[1], vec![0x8d, 0x3f]);
        assert_eq!(read(&scaled(&shape, &bf16, None).expect("bf16"), 0..2), [1.1015625, 2.203125]);
        // E8M0: 2^0, and 2^-127, a subnormal f32.
        let e8m0 = raw(Stored::F8_E8M0, &[2], vec![127, 0]);
        assert_eq!(read(&scaled(&shape, &e8m0, None).expect("E8M0"), 3..5), [8.0, 2f32.powi(-127)]);
    }

    #[test]
    fn blocks_are_inferred_and_may_be_cut_at_the_edges() {
        // 40×70 in 2×3 blocks: 32 is the smallest power of two that gives as many.
        let scale = f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let view = scaled(&[40, 70], &scale, None).expect("blocks");
        let all = read(&view, 0..2800);
        for (i, value) in all.iter().enumerate() {
            let (row, column) = (i / 70, i % 70);
            let want = [1.0, 2.0, 4.0, 8.0][i % 4] * (1 + row / 32 * 3 + column / 32) as f32;
            assert_eq!(*value, want, "({row}, {column})");
        }
        assert_eq!(read(&view, 2273..2300), all[2273..2300], "a range that begins inside a block");
        // config.json goes first: blocks of 24×30 give as many, and end elsewhere.
        let named = scaled(&[40, 70], &scale, Some((24, 30))).expect("blocks");
        assert_eq!(
            (
                read(&named, 24 * 70 + 30..24 * 70 + 31)[0],
                read(&view, 24 * 70 + 30..24 * 70 + 31)[0]
            ),
            (4.0 * 5.0, 4.0)
        );
        // One that does not fit what is stored is passed over.
        assert_eq!(
            read(&scaled(&[40, 70], &scale, Some((128, 128))).expect("blocks"), 0..2800),
            all
        );
    }

    #[test]
    fn experts_have_scales_of_their_own() {
        let shape = [2, 2, 4];
        let want = |a: [f32; 4]| {
            (0..16).map(|i| [1.0, 2.0, 4.0, 8.0][i % 4] * a[i / 4]).collect::<Vec<_>>()
        };
        let cases = [
            (f32s(&[2, 1, 1], &[3.0, 5.0]), [3.0, 3.0, 5.0, 5.0]),
            (f32s(&[2], &[3.0, 5.0]), [3.0, 3.0, 5.0, 5.0]),
            (f32s(&[2, 2, 1], &[1.0, 2.0, 3.0, 5.0]), [1.0, 2.0, 3.0, 5.0]),
            (f32s(&[1], &[7.0]), [7.0; 4]),
        ];
        for (scale, rows) in cases {
            let view = scaled(&shape, &scale, None).expect("experts");
            assert_eq!(read(&view, 0..16), want(rows), "{:?}", scale.shape);
            assert_eq!(read(&view, 9..11), want(rows)[9..11], "{:?}", scale.shape);
        }
        let view = scaled(&shape, &f32s(&[2, 2, 1], &[1.0, 2.0, 3.0, 5.0]), None).expect("experts");
        assert_eq!(pollster::block_on(view.scales(8)).expect("in range"), [3.0, 5.0]);
    }

    #[test]
    fn scales_that_do_not_fit_are_named() {
        for scale in [
            f32s(&[3], &[1.0; 3]),
            f32s(&[1, 4], &[1.0; 4]),
            f32s(&[2, 2], &[1.0; 4]),
            f32s(&[0], &[]),
            f32s(&[1, 2, 1], &[1.0; 2]),
        ] {
            let error = scaled(&[2, 4], &scale, None)
                .err()
                .unwrap_or_else(|| panic!("{:?} passed", scale.shape));
            assert!(error.contains("shape") && error.contains("[2, 4]"), "{error}");
        }
        let error =
            scaled(&[2, 4], &raw(Stored::I32, &[1], vec![0; 4]), None).err().expect("no float");
        assert!(error.contains("I32"), "{error}");
    }

    #[test]
    fn nan_codes_are_nan_and_products_are_rounded_once() {
        let shape = [1, 3];
        let nan = raw(Stored::F8_E4M3, &shape, vec![0x7f, 0x39, 0xff]);
        let view = Scaled::new(nan, Fp8::E4m3, Some(&f32s(&[1], &[0.1])), None).expect("one");
        let values = read(&view, 0..3);
        assert!(values[0].is_nan() && values[2].is_nan());
        assert_eq!(values[1], (1.125 * f64::from(0.1f32)) as f32);
        let e5m2 = raw(Stored::F8_E5M2, &shape, vec![0x3c, 0x7c, 0xfd]);
        let view = Scaled::new(e5m2, Fp8::E5m2, Some(&f32s(&[1], &[2.0])), None).expect("one");
        let values = read(&view, 0..3);
        assert!(values[0] == 2.0 && values[1] == f32::INFINITY && values[2].is_nan());
    }
}
