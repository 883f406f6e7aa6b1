//! What is said before an analysis is about what it takes.

use crate::analysis::estimate::estimate;
use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::tests::common::report_of;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::FileBuilder;
use crate::report::to_json;
use crate::settings::Settings;

fn checkpoint(step: f32) -> Checkpoint {
    (0..3)
        .fold(FileBuilder::new(), |file, i| {
            let value = |j: i32| ((j * j + i) as f32 * 0.37).sin() + step * (j as f32).cos();
            let values: Vec<f32> = (0..64 * 48).map(value).collect();
            file.f32s(&format!("model.layers.{i}.mlp.up_proj.weight"), &[64, 48], &values)
        })
        .checkpoint("model")
}

#[test]
fn reports_are_about_as_long_as_expected() {
    for tuned in [vec![checkpoint(1e-3)], vec![checkpoint(1e-3), checkpoint(2e-3)]] {
        let runs = tuned.len();
        let inputs = Inputs { base: Some(checkpoint(0.0)), tuned, fisher: None };
        let settings = Settings { k: 16, ..Settings::default() };
        let tasks = plan(&inputs, &settings).expect("a plan").tasks;
        let found = estimate(&tasks, &settings, 1 << 30);
        assert_eq!(found.matrices, 3 * runs);
        let tensors = |report: &mut crate::report::Report| {
            // What does not grow with the tensors is not in the estimate.
            for run in &mut report.runs {
                run.layers.clear();
                run.modules.clear();
                run.model = crate::report::RunSums::default().roll_up().2;
            }
        };
        let mut report = report_of(&inputs, &settings);
        tensors(&mut report);
        let length = to_json(&report).expect("a report").len() as f64;
        let ratio = found.report_bytes / length;
        assert!((0.5..2.0).contains(&ratio), "{ratio} times {length}");
        assert!(found.core_seconds > 0.0 && found.task_bytes > 4.0 * 2.0 * 64.0 * 48.0);
    }
}
