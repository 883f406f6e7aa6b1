//! A run that is stored in another dtype than the base: what is a cast and what is training.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::report_of;
use crate::checkpoint::testing::FileBuilder;
use crate::figures::cast::report::{CastSummary, RoundedSide};
use crate::report::{Report, describe_extent, to_csv};
use crate::settings::Settings;

/// Two matrices of F32 values, and of the same with `step` added to one weight of the second, as
/// BF16.
fn report(step: f32) -> Report {
    let values = |seed: f32| (0..12).map(|i| ((i as f32 + seed) * 0.734_573_2).cos()).collect();
    let (first, mut second): (Vec<f32>, Vec<f32>) = (values(0.0), values(0.5));
    let base = FileBuilder::new().f32s("a", &[4, 3], &first).f32s("b", &[4, 3], &second);
    second[7] += step;
    let tuned = FileBuilder::new().bf16s("a", &[4, 3], &first).bf16s("b", &[4, 3], &second);
    let inputs = Inputs {
        base: Some(base.checkpoint("base")),
        tuned: vec![tuned.checkpoint("tuned")],
        fisher: None,
    };
    report_of(&inputs, &Settings { k: 2, ..Settings::default() })
}

#[test]
fn a_cast_is_named_and_training_beside_it_told_apart() {
    let cast = |tensors, whole| CastSummary {
        from: "F32".into(),
        to: "BF16".into(),
        rounded: RoundedSide::Tuned,
        tensors,
        parameters: 12 * tensors as u64,
        whole,
    };
    let pure = report(0.0);
    assert_eq!(pure.runs[0].cast, Some(cast(2, true)));
    assert_eq!(
        describe_extent(&pure.runs[0]),
        "tuned: 2 tensors compared, all 24 weights. Nothing differs but by rounding: tuned is \
         stored as BF16, the base as F32"
    );
    assert!(pure.runs[0].model.relative_update.is_some_and(|size| size > 0.0));
    let mixed = report(0.5);
    assert_eq!(mixed.runs[0].cast, Some(cast(1, false)));
    let table = to_csv(&mixed);
    let column = table.lines().next().expect("a header").split(',').position(|c| c == "cast");
    let cells: Vec<_> =
        table.lines().skip(1).filter_map(|line| line.split(',').nth(column?)).collect();
    assert_eq!(cells, ["tuned", ""]);
}
