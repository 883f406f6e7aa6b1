//! A sparse delta in the report: beside the whole checkpoint that it leads to, with the same
//! figures.

use crate::analysis::inputs::Inputs;
use crate::analysis::tests::common::report_of;
use crate::checkpoint::formats::sparse_delta::summary::{DeltaLayout, DeltaSummary};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::FileBuilder;
use crate::settings::{Comparison, Settings};
use half::bf16;

const SHAPE: (usize, usize) = (6, 5);

fn bytes(values: &[bf16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn whole(name: &str, values: &[bf16]) -> Checkpoint {
    let shape = [SHAPE.0 as u64, SHAPE.1 as u64];
    FileBuilder::new().tensor("w", "BF16", &shape, bytes(values)).checkpoint(name)
}

fn delta(places: &[i32], values: &[bf16]) -> Checkpoint {
    let count = [places.len() as u64];
    let indices: Vec<u8> = places.iter().flat_map(|p| p.to_le_bytes()).collect();
    FileBuilder::new()
        .metadata(r#"{"sparse":"True","model_version":"3"}"#)
        .tensor("w.indices", "I32", &count, indices)
        .tensor("w.values", "BF16", &count, bytes(values))
        .checkpoint("delta")
}

#[test]
fn a_delta_reads_as_the_checkpoint_it_leads_to() {
    let base: Vec<bf16> =
        (0..SHAPE.0 * SHAPE.1).map(|i| bf16::from_f32(((i * i) as f32 * 0.37).sin())).collect();
    let places = [1, 4, 7, 19, 29];
    let mut tuned = base.clone();
    places
        .iter()
        .for_each(|p| tuned[*p as usize] = bf16::from_f32(tuned[*p as usize].to_f32() * 1.25));
    let values: Vec<bf16> = places.iter().map(|p| tuned[*p as usize]).collect();
    let inputs = Inputs::new(
        Some(whole("base", &base)),
        vec![whole("whole", &tuned), delta(&places, &values)],
        None,
    )
    .expect("they fit");
    let found = report_of(&inputs, &Settings { k: 2, ..Settings::default() });
    let [by_whole, by_delta] = &found.runs[..] else { panic!("{} runs", found.runs.len()) };
    assert_eq!(by_delta.tensors, by_whole.tensors);
    assert_eq!(by_delta.tensors[0].precision.as_ref().map(|p| p.unchanged), Some(25));
    assert_eq!(
        by_delta.delta,
        Some(DeltaSummary {
            layout: DeltaLayout::Trl,
            base_version: None,
            target_version: Some(3),
            changed: Some(5)
        })
    );
    assert_eq!(
        (by_delta.comparison, &by_whole.delta, &by_whole.comparison),
        (Some(Comparison::PerStep), &None, &None)
    );
    assert_eq!(found.overlaps[0].both, vec![vec![5; 2]; 2]);
    let error = Inputs::new(Some(delta(&places, &values)), vec![whole("whole", &tuned)], None)
        .err()
        .expect("a delta is not a base")
        .to_string();
    assert!(error.contains("delta") && error.contains("as the base"), "{error}");
}

#[test]
fn a_delta_is_put_on_its_base_by_the_names_that_a_user_asks_for() {
    let values: Vec<bf16> = (0..30_u8).map(|i| bf16::from_f32(f32::from(i) + 1.0)).collect();
    // Nothing in `w` says that it is this tensor.
    let base = FileBuilder::new().tensor("x.b", "BF16", &[6, 5], bytes(&values)).checkpoint("base");
    let tuned = delta(&[3, 8], &[bf16::from_f32(100.0); 2]);
    let inputs = Inputs::new(Some(base), vec![tuned], None).expect("they fit");
    let rename = vec![["w".to_string(), "x.b".to_string()]];
    let found = report_of(&inputs, &Settings { k: 2, rename, ..Settings::default() });
    let tensors = &found.runs[0].tensors;
    assert_eq!(tensors.len(), 1, "{:?}", found.runs[0].left_out);
    assert_eq!(tensors[0].precision.as_ref().map(|p| p.unchanged), Some(28));
}
