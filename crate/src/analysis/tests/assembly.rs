//! Results are taken in one after the other, and make the same report in whatever order they come.

use crate::analysis::assemble::Assembly;
use crate::analysis::inputs::Inputs;
use crate::analysis::results::TaskResults;
use crate::analysis::tests::common::{analyze_all, assemble_report};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::FileBuilder;
use crate::kernels::cpu::Cpu;
use crate::report::{BackendInfo, BackendKind, Report, Shortened, Timings, to_json};
use crate::settings::Settings;

fn checkpoint(step: f32) -> Checkpoint {
    (0..4)
        .fold(FileBuilder::new(), |file, i| {
            let value = |j: i32| ((j * j + i) as f32 * 0.37).sin() + step * (j as f32).cos();
            let values: Vec<f32> = (0..20 * 12).map(value).collect();
            file.f32s(&format!("model.layers.{}.mlp.up_proj.{i}.weight", i / 2), &[20, 12], &values)
        })
        .checkpoint("model")
}

fn inputs() -> Inputs {
    let tuned = vec![checkpoint(1e-3), checkpoint(2e-3)];
    Inputs { base: Some(checkpoint(0.0)), tuned, fisher: None }
}

/// Each tensor and each overlap as results of its own, the last first.
fn split(results: TaskResults) -> Vec<TaskResults> {
    let overlaps = results.overlaps.into_iter();
    let overlaps = overlaps.map(|o| TaskResults { tensors: Vec::new(), overlaps: vec![o] });
    let tensors = results.tensors.into_iter();
    let tensors = tensors.map(|t| TaskResults { tensors: vec![t], overlaps: Vec::new() });
    tensors.chain(overlaps).rev().collect()
}

fn finish(assembly: &mut Assembly, inputs: &Inputs, settings: &Settings) -> Option<Report> {
    let backend =
        BackendInfo { kind: BackendKind::Cpu, adapter: None, detail: "test".into(), workers: 1 };
    let created = "2026-01-01T00:00:00Z".into();
    assembly.finish(inputs, settings, backend, Timings::default(), created).ok()
}

#[test]
fn the_order_of_results_changes_nothing() {
    let (inputs, settings) = (inputs(), Settings { k: 4, ..Settings::default() });
    let results = analyze_all(&Cpu, &inputs, &settings);
    let whole = assemble_report(&inputs, &settings, results.clone());
    // Two threads, each with some of the results.
    let (mut first, mut second) = (Assembly::default(), Assembly::default());
    for (i, one) in split(results).into_iter().enumerate() {
        let of = if i % 3 == 0 { &mut first } else { &mut second };
        of.add(one, None);
    }
    first.join(second);
    let joined = finish(&mut first, &inputs, &settings).expect("a report");
    let (joined, whole) = (to_json(&joined).expect("JSON"), to_json(&whole).expect("JSON"));
    assert_eq!(joined, whole);
}

#[test]
fn rollups_have_what_their_tensors_have_lost() {
    let (inputs, settings) = (inputs(), Settings { k: 4, ..Settings::default() });
    let results = analyze_all(&Cpu, &inputs, &settings);
    let whole = assemble_report(&inputs, &settings, results.clone());
    let shortened = Shortened::for_matrices(100_000);
    let mut assembly = Assembly::default();
    split(results).into_iter().for_each(|one| assembly.add(one, shortened));
    assert!(assembly.results().tensors.iter().all(|t| t.value.geometry.is_none()));
    let report = finish(&mut assembly, &inputs, &settings).expect("a report");
    for (run, before) in report.runs.iter().zip(&whole.runs) {
        assert_eq!(run.model.matrices, 4);
        assert!(run.model.sweep.len() > 1 && run.model.masks.len() == 2);
        assert_eq!((&run.model, &run.layers), (&before.model, &before.layers));
        assert_eq!(run.modules, before.modules);
    }
}

#[test]
fn results_outlive_a_report_that_can_t_be_made() {
    let (inputs, settings) = (inputs(), Settings { k: 4, ..Settings::default() });
    let mut assembly = Assembly::default();
    assembly.add(analyze_all(&Cpu, &inputs, &settings), None);
    assert!(finish(&mut assembly, &inputs, &Settings { k: 0, ..settings.clone() }).is_none());
    assert_eq!(assembly.results().tensors.len(), 8);
    let report = finish(&mut assembly, &inputs, &settings).expect("a report");
    assert_eq!(report.runs[1].tensors.len(), 4);
    assert!(assembly.results().tensors.is_empty(), "they were moved");
}
