//! Weights at the ends of their dtypes: figures do not depend on the scale, and whatever the
//! weights, every number of the report is one.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::{analyze_all, assemble_report};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, bf16_bytes, f32_bytes};
use crate::figures::tensor::{Status, TensorReport};
use crate::kernels::Backend;
use crate::kernels::cpu::Cpu;
use crate::kernels::gpu::Gpu;
use crate::kernels::gpu::device::Prefer;
use crate::report::{Report, to_csv, to_json};
use crate::settings::Settings;
use pollster::block_on;

const SHAPE: [u64; 2] = [24, 16];

/// Weights about 1, and the same ones after a step.
fn weights(step: f64) -> Vec<f64> {
    (0..SHAPE[0] * SHAPE[1])
        .map(|i| {
            let i = i as f64;
            (i * i * 0.37).sin() + step * (i * 1.7).cos()
        })
        .collect()
}

fn bytes(dtype: &str, values: &[f64]) -> Vec<u8> {
    let narrow: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    match dtype {
        "F64" => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        "F32" => f32_bytes(&narrow),
        _ => bf16_bytes(&narrow),
    }
}

type Tensor = (String, &'static str, Vec<f64>, Vec<f64>);

/// Analyses all tensors on a device, and reads the report back as its readers do.
fn analyzed<B: Backend>(device: &B, tensors: &[Tensor]) -> Vec<TensorReport> {
    let checkpoint = |tuned: bool| -> Checkpoint {
        let mut file = FileBuilder::new();
        for (name, dtype, base, after) in tensors {
            let values = if tuned { after } else { base };
            let shape = if name.starts_with("vector") { &SHAPE[..1] } else { &SHAPE[..] };
            let length = shape.iter().product::<u64>() as usize;
            file = file.tensor(name, dtype, shape, bytes(dtype, &values[..length]));
        }
        file.checkpoint(if tuned { "tuned" } else { "base" })
    };
    let inputs = Inputs {
        base: Some(checkpoint(false)),
        tuned: vec![checkpoint(true), checkpoint(true)],
        fisher: None,
    };
    let settings = Settings { k: 4, ..Settings::default() };
    let results = analyze_all(device, &inputs, &settings);
    let text = to_json(&assemble_report(&inputs, &settings, results)).expect("a report");
    let mut report: Report = serde_json::from_str(&text).expect("no null in the place of a number");
    assert!(!to_csv(&report).contains("inf"), "no cell is infinite");
    report.runs.swap_remove(1).tensors
}

/// The tensors of each device.
fn on_devices(tensors: &[Tensor]) -> [(&'static str, Vec<TensorReport>); 2] {
    let gpu = block_on(Gpu::new(Prefer::Fast))
        .expect("this test needs a WebGPU adapter (lavapipe will do)");
    [("CPU", analyzed(&Cpu, tensors)), ("GPU", analyzed(&gpu, tensors))]
}

/// Figures of a tensor that its scale must not change, and its sizes by `scale`.
fn figures(tensor: &TensorReport, scale: f64) -> Vec<f64> {
    let (update, precision) = (tensor.update.as_ref(), tensor.precision.as_ref());
    let update = update.expect("an update");
    let mut figures = vec![
        precision.expect("Gate III").bit_equal as f64,
        update.frobenius_base / scale,
        update.frobenius_update / scale,
        update.max_abs_update / scale,
        update.relative_update.expect("a base"),
    ];
    if let Some(geometry) = &tensor.geometry {
        figures.extend([
            update.spectral_norm.expect("a matrix") / scale,
            update.spectrum[0] / scale,
            update.stable_rank.expect("an update"),
            geometry.spectrum_base[3] / scale,
            geometry.spectrum_tuned[0] / scale,
            geometry.bounds.weyl.observed / scale,
            geometry.bounds.ky_fan.bound.expect("a bound") / scale,
            geometry.nss_top_k,
            geometry.rotation_max,
            geometry.off_principal_share.expect("an update"),
        ]);
    }
    figures
}

#[test]
fn the_scale_of_the_weights_changes_no_figure() {
    let scales = [
        ("F32", [1e30, 1e20, 3e37, 1e-20, 1e-30].as_slice()),
        ("BF16", &[1e30, 1e20, 1e-30]),
        ("F64", &[1e30, 1e100, 1e200, 1e307, 1e-30, 1e-200]),
    ];
    let mut tensors: Vec<Tensor> = Vec::new();
    let mut of_scale = Vec::new();
    for (dtype, scales) in scales {
        for shape in ["matrix", "vector"] {
            for scale in std::iter::once(&1.0).chain(scales) {
                // A power of two changes no digit of bf16 and f32.
                let scale = 2f64.powi(f64::log2(*scale).round() as i32);
                let [base, tuned] = [0.0, 0.05]
                    .map(|step| weights(step).iter().map(|weight| weight * scale).collect());
                tensors.push((format!("{shape}.{dtype}.{scale:e}"), dtype, base, tuned));
                of_scale.push(scale);
            }
        }
    }
    for (device, found) in on_devices(&tensors) {
        let mut plain = Vec::new();
        for ((name, ..), scale) in tensors.iter().zip(&of_scale) {
            let tensor = found.iter().find(|tensor| tensor.name == *name).expect("a tensor");
            let beyond = name.starts_with("matrix.F64") && scale.log2().abs() > 130.0;
            let note = "its weights are beyond the range of f32: there are no masks";
            let note = beyond.then_some(note);
            assert_eq!((&tensor.error, tensor.figures_note.as_deref()), (&None, note), "{name}");
            let is_matrix = name.starts_with("matrix");
            assert_eq!(tensor.geometry.is_some(), is_matrix, "{device} {name}");
            let figures = figures(tensor, *scale);
            if *scale == 1.0 {
                plain = figures;
                continue;
            }
            for (i, (got, want)) in figures.iter().zip(&plain).enumerate() {
                let same = (got - want).abs() <= 1e-5 * want.abs();
                assert!(same, "{device} {name}, figure {i}: {got} for {want}");
            }
        }
    }
}

#[test]
fn every_number_is_one_whatever_the_weights() {
    let (base, tuned) = (weights(0.0), weights(0.05));
    let all = |value: f64| vec![value; base.len()];
    let with = |values: &[f64], value: f64| {
        let mut values = values.to_vec();
        values[5] = value;
        values
    };
    let times = |values: &[f64], scale: f64| values.iter().map(|v| v * scale).collect::<Vec<_>>();
    let most = f64::from(f32::MAX);
    let opposite =
        |values: &[f64]| times(&values.iter().map(|v| v.signum()).collect::<Vec<_>>(), most);
    let cases: Vec<(&str, Vec<f64>, Vec<f64>)> = vec![
        ("causal_mask", all(-most), all(-most)),
        ("opposite", opposite(&base), times(&opposite(&base), -1.0)),
        ("spike", with(&base, -most), with(&tuned, -most)),
        ("new_spike", base.clone(), with(&tuned, most)),
        ("subnormal", times(&base, 1e-40), times(&tuned, 1e-40)),
        ("small_update", base.clone(), with(&base, base[5] * (1.0 + 1e-7))),
        ("not_a_number", with(&base, f64::NAN), with(&tuned, f64::INFINITY)),
        ("unbounded", times(&base, 1e30), with(&times(&tuned, 1e30), f64::NEG_INFINITY)),
        ("zero", all(0.0), times(&tuned, 1e30)),
        ("to_zero", times(&base, 1e-30), all(0.0)),
        ("wide_most", times(&base, 1.7e308), times(&tuned, -1.6e308)),
        ("wide_mixed", times(&base, 1e-200), times(&tuned, 1e200)),
        ("wide_subnormal", times(&base, 1e-310), times(&tuned, 1e-310)),
    ];
    let mut tensors: Vec<Tensor> = Vec::new();
    for (name, base, tuned) in &cases {
        let dtypes: &[_] = if name.starts_with("wide") { &["F64"] } else { &["F32", "BF16"] };
        for dtype in dtypes {
            for shape in ["matrix", "vector"] {
                let name = format!("{shape}.{name}.{dtype}");
                tensors.push((name, dtype, base.clone(), tuned.clone()));
            }
        }
    }
    for (device, found) in on_devices(&tensors) {
        assert_eq!(found.len(), tensors.len());
        for tensor in found {
            assert_eq!((tensor.status, &tensor.error), (Status::Done, &None), "{}", tensor.name);
            let has_note = tensor.figures_note.is_some();
            assert!(tensor.update.is_some() || has_note, "{device} {}", tensor.name);
            // As bf16 the largest F32 is infinite.
            let large = ["opposite.F32", "mask.F32"].iter().any(|end| tensor.name.ends_with(end));
            if large {
                let update = tensor.update.expect("finite sizes");
                assert!(update.frobenius_base > 1e38, "{device} {}", tensor.name);
            }
        }
    }
}
