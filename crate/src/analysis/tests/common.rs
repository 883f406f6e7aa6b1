//! Whole analyses in memory, for the tests of all subjects.

use crate::analysis::assemble::Assembly;
use crate::analysis::details::find_shortened;
use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::analysis::results::TaskResults;
use crate::analysis::runs::analyze;
use crate::figures::tensor::TensorReport;
use crate::host::Host;
use crate::kernels::Backend;
use crate::kernels::cpu::Cpu;
use crate::report::{BackendInfo, BackendKind, Report, Timings};
use crate::settings::Settings;
use pollster::block_on;
use std::cell::RefCell;

/// Analyses all tasks on `device`, and checks that the progress of each only grows.
pub fn analyze_all<B: Backend>(device: &B, inputs: &Inputs, settings: &Settings) -> TaskResults {
    let told = RefCell::new(Vec::new());
    let host =
        Host { memory: 1 << 30, now: &|| 0.0, progress: &|_, share| told.borrow_mut().push(share) };
    let mut results = TaskResults::default();
    for task in plan(inputs, settings).expect("a plan").tasks {
        told.borrow_mut().clear();
        results.extend(block_on(analyze(device, &task, settings, &host)));
        let told = told.borrow();
        assert!(
            told.is_sorted() && told.iter().all(|share| (0.0..=1.0).contains(share)),
            "progress only grows: {told:?}"
        );
    }
    results
}

/// The reports of all tensors of all runs, in the order of the plan.
pub fn tensor_reports(inputs: &Inputs, settings: &Settings) -> Vec<TensorReport> {
    let results = analyze_all(&Cpu, inputs, settings);
    results.tensors.into_iter().map(|report| report.value).collect()
}

/// Puts results together as the CPU found them.
pub fn assemble_report(inputs: &Inputs, settings: &Settings, results: TaskResults) -> Report {
    let backend =
        BackendInfo { kind: BackendKind::Cpu, adapter: None, detail: "test".into(), workers: 1 };
    let mut assembly = Assembly::default();
    let tasks = plan(inputs, settings).expect("a plan").tasks;
    assembly.add(results, find_shortened(&tasks));
    assembly
        .finish(inputs, settings, backend, Timings::default(), "2026-01-01T00:00:00Z".into())
        .expect("a report")
}

/// The whole report of an analysis on the CPU.
pub fn report_of(inputs: &Inputs, settings: &Settings) -> Report {
    assemble_report(inputs, settings, analyze_all(&Cpu, inputs, settings))
}
