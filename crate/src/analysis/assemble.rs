//! The report, put together from the results of all tasks.

use crate::analysis::details::find_shortened;
use crate::analysis::inputs::Inputs;
use crate::analysis::plan::{Plan, PlannedRun, plan};
use crate::analysis::results::TaskResults;
use crate::analysis::task::Task;
use crate::checkpoint::formats::sparse_delta::Delta;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::count_compared;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::figures::fisher::compute::share_out_kl;
use crate::figures::overlap::compute::compute_model_overlap;
use crate::figures::tensor::{Status, TensorReport};
use crate::report;
use crate::report::{BackendInfo, Partial, PartialReason, Report, Run, Timings};
use crate::settings::Settings;
use std::collections::{HashMap, HashSet};

/// Puts the results of finished tasks together. Runs in which nothing finished are kept, with what
/// they leave out.
///
/// # Errors
/// Those of [`plan`].
pub fn assemble(
    inputs: &Inputs,
    settings: &Settings,
    backend: BackendInfo,
    results: TaskResults,
    timings: Timings,
    created: String,
) -> Result<Report, Error> {
    let Plan { tasks, runs: planned } = plan(inputs, settings)?;
    let TaskResults { tensors, mut overlaps } = results;
    let partial = find_partial(&tasks, &tensors);
    let shortened = find_shortened(&tasks);
    let places: HashMap<&str, usize> = tasks.iter().map(|t| (t.name(), t.id)).collect();
    let place = |name: &str| places.get(name).copied().unwrap_or(usize::MAX);
    let mut runs: Vec<Run> = inputs
        .tuned
        .iter()
        .zip(planned)
        .map(|(checkpoint, planned)| empty_run(checkpoint, planned, settings))
        .collect();
    count_analysed(&mut runs, &tasks, &tensors);
    for InRun { run, value: tensor } in tensors {
        add_tensor(&mut runs[run], tensor);
    }
    for run in &mut runs {
        share_out_kl(run.tensors.iter_mut().filter_map(|t| t.fisher.as_mut()).collect());
        run.tensors.sort_by_key(|t| place(&t.name));
        (run.layers, run.modules, run.model) = report::rollups(&run.tensors);
        run.cast = report::summarize_cast(&run.tensors);
        if let Some(shortened) = shortened {
            run.tensors.iter_mut().for_each(|tensor| shortened.drop_sweeps(tensor));
        }
    }
    overlaps.sort_by_key(|o| o.name.as_deref().map_or(usize::MAX, place));
    overlaps.extend(compute_model_overlap(&overlaps, inputs.tuned.len()));
    Ok(Report {
        format: report::FORMAT.into(),
        version: report::VERSION,
        generator: report::GENERATOR.into(),
        created,
        backend,
        settings: settings.clone(),
        base: inputs.base.as_ref().map(Checkpoint::summarize),
        fisher: inputs.fisher.as_ref().map(Checkpoint::summarize),
        runs,
        overlaps,
        timings,
        partial,
        check: None,
        shortened,
    })
}

/// Counts the tasks that `results` have in all their runs; `None` where that is every one. A tensor
/// that failed was analysed.
fn find_partial(tasks: &[Task], results: &[InRun<TensorReport>]) -> Option<Partial> {
    let have: HashSet<(usize, &str)> =
        results.iter().map(|report| (report.run, report.value.name.as_str())).collect();
    let finished = tasks
        .iter()
        .filter(|t| t.runs().iter().all(|run| have.contains(&(*run, t.name()))))
        .count();
    // Only cancelling ends a run early: whatever else goes wrong with a tensor is a result of its
    // own.
    (finished < tasks.len()).then_some(Partial {
        finished,
        total: tasks.len(),
        reason: PartialReason::Cancelled,
    })
}

/// Takes the weights of tensors that failed or were not reached out of those compared.
fn count_analysed(runs: &mut [Run], tasks: &[Task], results: &[InRun<TensorReport>]) {
    let done: HashSet<(usize, &str)> = results
        .iter()
        .filter(|report| report.value.status == Status::Done)
        .map(|report| (report.run, report.value.name.as_str()))
        .collect();
    for (place, run) in runs.iter_mut().enumerate() {
        let pairs = tasks
            .iter()
            .flat_map(Task::pairs)
            .filter(|pair| pair.run == place && done.contains(&(place, pair.value.name.as_str())));
        run.coverage =
            run.coverage.map(|planned| count_compared(planned, pairs.map(|pair| &pair.value)));
    }
}

/// A run without any tensor yet.
fn empty_run(checkpoint: &Checkpoint, planned: PlannedRun, settings: &Settings) -> Run {
    let (layers, modules, model) = report::rollups(&[]);
    let delta = checkpoint.delta.as_ref();
    Run {
        checkpoint: checkpoint.summarize(),
        tensors: Vec::new(),
        layers,
        modules,
        model,
        left_out: planned.left_out,
        renamings: planned.renamings,
        coverage: planned.coverage,
        cast: None,
        delta: delta.map(Delta::summarize),
        // What the files say goes before what the user says.
        comparison: delta.and_then(|d| d.comparison).or(settings.comparison),
    }
}

/// Adds a tensor to its run, and where it failed also to what the run leaves out.
fn add_tensor(run: &mut Run, tensor: TensorReport) {
    if tensor.status == Status::Failed {
        let detail = tensor.error.clone().unwrap_or_default();
        run.left_out.push(LeftOut::new(&tensor.name, LeftOutReason::Failed, detail));
    }
    run.tensors.push(tensor);
}
