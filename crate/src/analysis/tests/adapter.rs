//! An adapter in place of a checkpoint, by hand: base 2×3, r = 1, s = 2.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tests::common::tensor_reports;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::checkpoint::testing::{FileBuilder, bytes_file, open};
use crate::figures::tensor::TensorReport;
use crate::settings::Settings;

/// Name, shape and values.
type Tensor<'a> = (&'a str, &'a [u64], &'a [f32]);

const CONFIG: &str = r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2}"#;

fn adapter(config: &str, tensors: &[Tensor<'_>]) -> Checkpoint {
    let factors =
        tensors.iter().fold(FileBuilder::new(), |f, (name, shape, v)| f.f32s(name, shape, v));
    let files =
        vec![factors.source("model.safetensors"), bytes_file("adapter_config.json", config)];
    open("adapter", files).expect("an adapter")
}

fn analyzed(base: &[Tensor<'_>], tuned: Checkpoint) -> (Vec<TensorReport>, Vec<LeftOut>) {
    let base = base.iter().fold(FileBuilder::new(), |f, (name, shape, v)| f.bf16s(name, shape, v));
    let inputs = Inputs { base: Some(base.checkpoint("base")), tuned: vec![tuned], fisher: None };
    let settings = Settings { k: 1, ..Settings::default() };
    let runs = plan(&inputs, &settings).expect("a task").runs;
    let mut left_out: Vec<_> = runs.into_iter().map(|run| run.left_out).collect();
    (tensor_reports(&inputs, &settings), left_out.remove(0))
}

#[test]
fn merged_for_gate_three_and_in_factors_for_the_rest() {
    let base: &[Tensor<'_>] =
        &[("x.weight", &[2, 3], &[1.0, 2.0, 4.0, 8.0, 1.0, 2.0]), ("other", &[1], &[1.0])];
    // Δ = 2·(1, ½)ᵀ·(2^-8, 2^-9, 0): 2^-7, 2^-8, 0, 2^-8, 2^-9, 0. In bf16 1 takes 2^-7 and loses
    // 2^-9 (a tie goes to even); 8 and 2 lose 2^-8.
    let tuned = adapter(
        CONFIG,
        &[
            ("base_model.model.x.lora_A.weight", &[1, 3], &[0.00390625, 0.001953125, 0.0]),
            ("base_model.model.x.lora_B.weight", &[2, 1], &[1.0, 0.5]),
        ],
    );
    let (found, left_out) = analyzed(base, tuned);
    assert_eq!(
        (left_out.len(), left_out[0].name.as_str(), left_out[0].reason),
        (1, "other", LeftOutReason::NotAdapted)
    );
    let report = &found[0];
    assert_eq!(report.error, None);
    assert_eq!(report.precision.as_ref().expect("Gate III").unchanged, 5);
    let adapter = report.adapter.as_ref().expect("an adapter");
    assert_eq!(
        (adapter.rank, adapter.scale, adapter.touched, adapter.survives),
        (1, 2.0, 4, Some(0.25))
    );
    // In units of 2^-9: Δ = 4, 2, 0, 2, 1, 0, merged 4, 0, 0, 0, 0, 0.
    assert_eq!((adapter.realized, adapter.merge_error), (Some(16.0 / 25.0), Some(3.0 / 5.0)));
    let update = report.update.as_ref().expect("an update");
    let norm = 5.0 / 512.0;
    assert!(
        (update.frobenius_update / norm - 1.0).abs() < 1e-14
            && (update.spectrum[0] / norm - 1.0).abs() < 1e-14,
        "{update:?}"
    );
    assert_eq!(
        (
            update.spectrum.len(),
            update.rank_share,
            update.stable_rank.map(|r| (r * 1e12).round() / 1e12)
        ),
        (1, Some(0.5), Some(1.0))
    );
    let (a, b) = (adapter.a_principal.expect("A"), adapter.b_principal.expect("B"));
    assert!(a > 0.0 && a < 1.0 && b > 0.0 && b < 1.0);
    assert_eq!((adapter.a_chance, adapter.b_chance), (Some(1.0 / 3.0), Some(0.5)));
}

#[test]
fn factors_along_the_principal_directions_lie_in_them() {
    // W0 = 4·e_2·e_1ᵀ + e_1·e_3ᵀ: A along e_1 and B along e_2 are PiSSA's start; k = 1.
    let base: &[Tensor<'_>] = &[("x.weight", &[2, 3], &[0.0, 0.0, 1.0, 4.0, 0.0, 0.0])];
    let factors: &[Tensor<'_>] = &[
        ("x.lora_A.weight", &[1, 3], &[1.0, 0.0, 0.0]),
        ("x.lora_B.weight", &[2, 1], &[0.0, 1.0]),
    ];
    let (found, _) = analyzed(base, adapter(CONFIG, factors));
    let adapter = found[0].adapter.as_ref().expect("an adapter");
    for share in [adapter.a_principal, adapter.b_principal] {
        assert!(share.is_some_and(|s| (s - 1.0).abs() < 1e-12), "{adapter:?}");
    }
}

#[test]
fn embeddings_and_conv1d_are_transposed() {
    let base: &[Tensor<'_>] = &[("x.weight", &[3, 2], &[1.0; 6])];
    let values: &[f32] = &[0.5, 0.25, 0.0];
    let factors: [&[Tensor<'_>]; 2] = [
        &[("x.lora_embedding_A", &[1, 3], values), ("x.lora_embedding_B", &[2, 1], &[1.0, 0.0])],
        &[("x.lora_A.weight", &[1, 3], values), ("x.lora_B.weight", &[2, 1], &[1.0, 0.0])],
    ];
    for (config, factors) in
        [CONFIG, r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "fan_in_fan_out": true}"#]
            .iter()
            .zip(factors)
    {
        let (found, _) = analyzed(base, adapter(config, factors));
        // Δ = 2·(0.5, 0.25, 0)ᵀ·(1, 0).
        assert_eq!(
            found[0]
                .precision
                .as_ref()
                .expect("Gate III")
                .row_density
                .as_ref()
                .expect("rows")
                .values,
            [0.5, 0.5, 0.0]
        );
        assert_eq!(found[0].update.as_ref().expect("an update").max_abs_update, 1.0);
    }
}

#[test]
fn factors_that_fit_nothing_are_named() {
    let base: &[Tensor<'_>] =
        &[("x.weight", &[2, 3], &[1.0; 6]), ("good.weight", &[2, 3], &[1.0; 6])];
    let good: [Tensor<'_>; 2] =
        [("good.lora_A.weight", &[1, 3], &[1.0; 3]), ("good.lora_B.weight", &[2, 1], &[1.0; 2])];
    let cases: [(&[Tensor<'_>], LeftOutReason, &str); 5] = [
        (&[("x.lora_A.weight", &[1, 3], &[1.0; 3])], LeftOutReason::BadAdapter, "only A"),
        (
            &[("x.lora_A.weight", &[2, 3], &[1.0; 6]), ("x.lora_B.weight", &[2, 2], &[1.0; 4])],
            LeftOutReason::BadAdapter,
            "rank 2",
        ),
        (
            &[("x.lora_A.weight", &[1, 3], &[1.0; 3]), ("x.lora_B.weight", &[2, 2], &[1.0; 4])],
            LeftOutReason::BadAdapter,
            "no rank in common",
        ),
        (
            &[("x.lora_A.weight", &[1, 2], &[1.0; 2]), ("x.lora_B.weight", &[2, 1], &[1.0; 2])],
            LeftOutReason::ShapeDiffers,
            "[2, 2]",
        ),
        (
            &[("y.lora_A.weight", &[1, 3], &[1.0; 3]), ("y.lora_B.weight", &[2, 1], &[1.0; 2])],
            LeftOutReason::OnlyInTuned,
            "no tensor",
        ),
    ];
    for (bad, reason, words) in cases {
        let (found, left_out) = analyzed(base, adapter(CONFIG, &[&good[..], bad].concat()));
        assert_eq!(found.len(), 1);
        assert!(
            left_out.iter().any(|l| l.reason == reason && l.detail.contains(words)),
            "{reason}: {left_out:?}"
        );
    }
}
