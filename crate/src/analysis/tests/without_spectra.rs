//! Tensors of two dimensions that map no space to another.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::report_of;
use crate::checkpoint::testing::FileBuilder;
use crate::settings::Settings;

#[test]
fn a_depthwise_convolution_is_counted_and_has_no_geometry() {
    let side = |moved: f32| {
        let kernel: Vec<f32> = (0..24).map(|i| i as f32 + moved).collect();
        let matrix: Vec<f32> = (0..12).map(|i| (i * i) as f32 + moved).collect();
        FileBuilder::new()
            .bf16s("model.layers.0.conv1d.weight", &[6, 1, 4], &kernel)
            .bf16s("model.layers.0.self_attn.q_proj.weight", &[3, 4], &matrix)
            .checkpoint("side")
    };
    let inputs = Inputs { base: Some(side(0.0)), tuned: vec![side(1.0)], fisher: None };
    let settings = Settings { k: 2, ..Settings::default() };
    let report = report_of(&inputs, &settings);
    let run = &report.runs[0];
    let conv = run.tensors.iter().find(|t| t.name.contains("conv1d")).expect("the convolution");
    assert_eq!((&conv.shape[..], conv.parameters), (&[6, 4][..], 24));
    assert!(conv.precision.is_some() && conv.update.is_some() && conv.geometry.is_none());
    assert!(conv.geometry_note.as_deref().is_some_and(|note| note.contains("depthwise")));
    assert_eq!((run.model.tensors, run.model.matrices, run.model.parameters), (2, 1, 36));
}
