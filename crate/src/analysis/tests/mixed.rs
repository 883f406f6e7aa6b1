//! Runs that are stored in other dtypes than the base: the same numbers give the same figures.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::{Plan, plan};
use crate::analysis::results::TaskResults;
use crate::analysis::tests::common::analyze_all;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::FileBuilder;
use crate::element::dtype::Dtype;
use crate::figures::tensor::TensorReport;
use crate::kernels::gpu::Gpu;
use crate::kernels::gpu::device::Prefer;
use crate::settings::Settings;
use half::bf16;
use pollster::block_on;

const SHAPE: (usize, usize) = (6, 5);

fn checkpoint(dtype: &str, values: &[bf16]) -> Checkpoint {
    let data: Vec<u8> = match dtype {
        "BF16" => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        "F32" => values.iter().flat_map(|v| v.to_f32().to_le_bytes()).collect(),
        _ => values.iter().flat_map(|v| v.to_f64().to_le_bytes()).collect(),
    };
    let shape = [SHAPE.0 as u64, SHAPE.1 as u64];
    FileBuilder::new().tensor("w", dtype, &shape, data).checkpoint(dtype)
}

fn analyzed(base: &[bf16], tuned: &[bf16], dtypes: &[&str]) -> TaskResults {
    // No device but the CPU takes F64.
    let gpu = block_on(Gpu::new(Prefer::Fast))
        .expect("this test needs a WebGPU adapter (lavapipe will do)");
    let inputs = Inputs {
        base: Some(checkpoint("BF16", base)),
        tuned: dtypes.iter().map(|d| checkpoint(d, tuned)).collect(),
        fisher: None,
    };
    let settings = Settings { k: 2, ..Settings::default() };
    let Plan { tasks, runs } = plan(&inputs, &settings).expect("one task");
    let left_out: Vec<_> = runs.into_iter().map(|run| run.left_out).collect();
    assert!(tasks.len() == 1 && left_out.iter().all(Vec::is_empty), "{left_out:?}");
    analyze_all(&gpu, &inputs, &settings)
}

#[test]
fn dtypes_of_the_file_change_no_figure() {
    let value =
        |i: usize, step: f32| bf16::from_f32(((i * i) as f32 * 0.37).sin() + step * (i % 4) as f32);
    let all = |step: f32| (0..SHAPE.0 * SHAPE.1).map(|i| value(i, step)).collect::<Vec<_>>();
    let found = analyzed(&all(0.0), &all(0.02), &["BF16", "F64", "F32"]);
    let reports: Vec<&TensorReport> = found.tensors.iter().map(|report| &report.value).collect();
    let names =
        |t: &TensorReport| [t.dtype.to_string(), t.dtype_base.clone(), t.dtype_tuned.clone()];
    assert_eq!(names(reports[0]), ["BF16", "BF16", "BF16"]);
    assert_eq!(names(reports[1]), ["F64", "BF16", "F64"]);
    assert_eq!(names(reports[2]), ["F32", "BF16", "F32"]);
    for other in &reports[1..] {
        let mut same = (*other).clone();
        (same.dtype, same.dtype_tuned) = (Dtype::Bf16, "BF16".into());
        // The relative test in the compared dtype rounds differently only beside its limit; here
        // nothing lies there. Masks go by another device for F64, whose thresholds may differ in
        // the last bit.
        same.masks = reports[0].masks.clone();
        // Wider dtypes hold the base exactly, so a cast would leave every weight as it is.
        let unmoved = reports[0].precision.as_ref().map(|p| p.bit_equal);
        assert_eq!(same.cast.take().map(|c| (Some(c.rounded), c.rounding)), Some((unmoved, 0.0)));
        assert_eq!((&same.error, &same), (&None, reports[0]));
    }
    let overlap = &found.overlaps[0];
    let changed = overlap.parameters - reports[0].precision.as_ref().expect("Gate III").unchanged;
    assert!(changed > 0);
    assert_eq!(overlap.both, vec![vec![changed; 3]; 3]);
    assert_eq!(overlap.exactly, [overlap.parameters - changed, 0, 0, changed].map(Some));
}
