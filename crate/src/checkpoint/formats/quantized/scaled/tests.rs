//! FP8 codes with scales of every shape.

use crate::checkpoint::formats::quantized::codes::Fp8;
use crate::checkpoint::formats::quantized::scaled::Scaled;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::testing::{f32_bytes, raw_tensor};
use crate::checkpoint::views::{Quantization, View};
use safetensors::Dtype as Stored;
use std::ops::Range;

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
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("four bytes"))).collect()
}

fn scaled(shape: &[u64], scale: &RawTensor, blocks: Option<(u64, u64)>) -> Result<Scaled, String> {
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
        (read(&named, 24 * 70 + 30..24 * 70 + 31)[0], read(&view, 24 * 70 + 30..24 * 70 + 31)[0]),
        (4.0 * 5.0, 4.0)
    );
    // One that does not fit what is stored is passed over.
    assert_eq!(read(&scaled(&[40, 70], &scale, Some((128, 128))).expect("blocks"), 0..2800), all);
}

#[test]
fn experts_have_scales_of_their_own() {
    let shape = [2, 2, 4];
    let want =
        |a: [f32; 4]| (0..16).map(|i| [1.0, 2.0, 4.0, 8.0][i % 4] * a[i / 4]).collect::<Vec<_>>();
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
    let error = scaled(&[2, 4], &raw(Stored::I32, &[1], vec![0; 4]), None).err().expect("no float");
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
