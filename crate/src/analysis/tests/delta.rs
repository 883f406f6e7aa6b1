//! A sparse delta in the report: beside the whole checkpoint that it leads to, with the same
//! figures.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::{assemble, plan};
use crate::analysis::results::Analyzed;
use crate::analysis::tensor::analyze;
use crate::checkpoint::formats::sparse_delta::summary::DeltaSummary as Delta;
use crate::checkpoint::open::Checkpoint;
use crate::host::Host;
use crate::kernels::cpu::Cpu;
use crate::report::{BackendInfo, Report, Timings};
use crate::settings::Settings;
use crate::source::MemorySource;
use half::bf16;
use pollster::block_on;
use std::rc::Rc;

const SHAPE: (usize, usize) = (6, 5);

fn opened(name: &str, header: &str, data: &[u8]) -> Checkpoint {
    let bytes = [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), data].concat();
    block_on(Checkpoint::open(name, vec![Rc::new(MemorySource::new("model.safetensors", bytes))]))
        .expect("a good file")
}

fn whole(name: &str, values: &[bf16]) -> Checkpoint {
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    opened(
        name,
        &format!(
            r#"{{"w":{{"dtype":"BF16","shape":[{},{}],"data_offsets":[0,{}]}}}}"#,
            SHAPE.0,
            SHAPE.1,
            data.len()
        ),
        &data,
    )
}

fn delta(places: &[i32], values: &[bf16]) -> Checkpoint {
    let n = places.len();
    let header = format!(
        r#"{{"__metadata__":{{"sparse":"True","model_version":"3"}},"w.indices":{{"dtype":"I32","shape":[{n}],"data_offsets":[0,{}]}},"w.values":{{"dtype":"BF16","shape":[{n}],"data_offsets":[{},{}]}}}}"#,
        4 * n,
        4 * n,
        6 * n
    );
    let data: Vec<u8> = places
        .iter()
        .flat_map(|p| p.to_le_bytes())
        .chain(values.iter().flat_map(|v| v.to_le_bytes()))
        .collect();
    opened("delta", &header, &data)
}

fn report(inputs: &Inputs) -> Report {
    let settings = Settings { k: 2, ..Settings::default() };
    let host = Host { memory: 1 << 30, now: &|| 0.0, progress: &|_, _| () };
    let mut results = Analyzed::default();
    for task in plan(inputs, &settings).expect("a plan").0 {
        results.extend(block_on(analyze(&Cpu, &task, &settings, &host)));
    }
    let backend =
        BackendInfo { kind: "cpu".into(), adapter: None, reason: "test".into(), workers: 1 };
    assemble(inputs, &settings, backend, results, Timings::default(), "2026-01-01T00:00:00Z".into())
        .expect("a report")
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
    let found = report(&inputs);
    let [by_whole, by_delta] = &found.runs[..] else { panic!("{} runs", found.runs.len()) };
    assert_eq!(by_delta.tensors, by_whole.tensors);
    assert_eq!(by_delta.tensors[0].precision.as_ref().map(|p| p.unchanged), Some(25));
    assert_eq!(
        by_delta.delta,
        Some(Delta {
            layout: "trl".into(),
            base_step: None,
            target_step: Some(3),
            changed: Some(5)
        })
    );
    assert_eq!(
        (by_delta.span.as_deref(), &by_whole.delta, &by_whole.span),
        (Some("per_step"), &None, &None)
    );
    assert_eq!(found.overlaps[0].both, vec![vec![5; 2]; 2]);
    let error = Inputs::new(Some(delta(&places, &values)), vec![whole("whole", &tuned)], None)
        .err()
        .expect("a delta is no base")
        .to_string();
    assert!(error.contains("delta") && error.contains("as the base"), "{error}");
}
