//! FP8 tensors by hand: values behind scales, and codes and scales that agree.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tests::common::tensor_reports;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, f32_bytes};
use crate::element::dtype::Dtype;
use crate::figures::fp8::report::Quantized;
use crate::figures::tensor::TensorReport;
use crate::settings::Settings;

/// A checkpoint of tensors (name, dtype, shape, bytes).
fn checkpoint(tensors: &[(&str, &str, &[u64], Vec<u8>)]) -> Checkpoint {
    let add = |file: FileBuilder, (name, dtype, shape, bytes): &(&str, &str, &[u64], Vec<u8>)| {
        file.tensor(name, dtype, shape, bytes)
    };
    tensors.iter().fold(FileBuilder::new(), add).checkpoint("x")
}

/// The reports of all tensors of one run, by name.
fn reports(base: Checkpoint, tuned: Checkpoint) -> Vec<TensorReport> {
    let inputs = Inputs { base: Some(base), tuned: vec![tuned], fisher: None };
    let runs = plan(&inputs, &Settings::default()).expect("tasks").runs;
    let left_out: Vec<_> = runs.into_iter().map(|run| run.left_out).collect();
    assert!(left_out[0].is_empty(), "{left_out:?}");
    let mut found = tensor_reports(&inputs, &Settings::default());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[test]
fn other_scales_change_weights_whose_codes_agree() {
    // Two experts of 1×2. Codes 1 2 | 4 8, scales ½ | ½; then codes 1 2 | 8 8 and scales 1 | ½.
    let side = |codes: [u8; 4], scales: [f32; 2]| {
        checkpoint(&[
            ("experts", "F8_E4M3", &[2, 1, 2], codes.to_vec()),
            ("experts_scale_inv", "F32", &[2, 1, 1], f32_bytes(&scales)),
        ])
    };
    let found = reports(
        side([0x38, 0x40, 0x48, 0x50], [0.5, 0.5]),
        side([0x38, 0x40, 0x50, 0x50], [1.0, 0.5]),
    );
    let [first, second] = &found[..] else { panic!("{} tensors", found.len()) };
    assert_eq!(
        (first.dtype, [&first.dtype_base[..], &first.dtype_tuned]),
        (Dtype::F32, ["F8_E4M3", "F8_E4M3"])
    );
    assert_eq!(first.quantized, Some(Quantized { codes_equal: 2, scales: 1, scales_equal: 0 }));
    assert_eq!(second.quantized, Some(Quantized { codes_equal: 1, scales: 1, scales_equal: 1 }));
    // ½ 1 → 1 2, and 2 4 → 4 4.
    let figures = |t: &TensorReport| {
        let (p, u) =
            (t.precision.as_ref().expect("Gate III"), t.update.as_ref().expect("an update"));
        (p.unchanged, u.frobenius_base.powi(2), u.frobenius_update.powi(2), u.max_abs_update)
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
    for (got, want) in
        [(figures(first), (0, 1.25, 1.25, 1.0)), (figures(second), (1, 20.0, 4.0, 2.0))]
    {
        assert_eq!((got.0, got.3), (want.0, want.3));
        near(got.1, want.1);
        near(got.2, want.2);
    }
}

#[test]
fn one_side_in_fp8_is_compared_by_values_alone() {
    let codes = || {
        checkpoint(&[
            ("w", "F8_E5M2", &[3], vec![0x3c, 0x40, 0x7d]),
            ("w_scale", "F32", &[1], f32_bytes(&[0.5])),
        ])
    };
    let bf16 = || checkpoint(&[("w", "BF16", &[3], vec![0x00, 0x3f, 0x00, 0x40, 0x00, 0x40])]);
    for (base, tuned, names) in
        [(codes(), bf16(), ["F8_E5M2", "BF16"]), (bf16(), codes(), ["BF16", "F8_E5M2"])]
    {
        let t = reports(base, tuned).remove(0);
        assert_eq!(
            (t.dtype, [t.dtype_base.as_str(), &t.dtype_tuned], &t.quantized),
            (Dtype::F32, names, &None)
        );
        let p = t.precision.as_ref().expect("Gate III");
        // ½ ½, 1 against 2, NaN against 2.
        assert_eq!((p.unchanged, p.bit_equal, p.non_finite), (1, 1, 1));
    }
    let kinds = reports(
        codes(),
        checkpoint(&[
            ("w", "F8_E4M3", &[3], vec![0x38, 0x40, 0x00]),
            ("w_scale", "F32", &[1], f32_bytes(&[0.5])),
        ]),
    )
    .remove(0);
    assert_eq!(kinds.quantized, None, "codes of two kinds say nothing of each other");
    let other_scales =
        reports(codes(), checkpoint(&[("w", "F8_E5M2", &[3], vec![0x3c, 0x40, 0x7d])])).remove(0);
    assert_eq!(
        other_scales.quantized,
        Some(Quantized { codes_equal: 3, scales: 1, scales_equal: 0 })
    );
}
