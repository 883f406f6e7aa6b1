//! The report, put together from the results of all tasks, one after the other.

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
use crate::report::{
    BackendInfo, Partial, PartialReason, Report, Run, RunSums, Shortened, Timings,
};
use crate::settings::Settings;
use std::collections::{HashMap, HashSet};

/// The results of finished tasks, from which a report is made. Tensors are taken in as they come,
/// and what only rollups need of them is summed and let go, so that the longest report never holds
/// all details of all tensors.
#[derive(Debug, Default)]
pub struct Assembly {
    results: TaskResults,
    /// For each run the sums of its rollups.
    sums: Vec<RunSums>,
}

impl Assembly {
    /// Takes in the results of a task, whose details are `shortened` as those of the whole report.
    pub fn add(&mut self, results: TaskResults, shortened: Option<Shortened>) {
        let TaskResults { tensors, overlaps } = results;
        for mut tensor in tensors {
            if self.sums.len() <= tensor.run {
                self.sums.resize_with(tensor.run + 1, RunSums::default);
            }
            self.sums[tensor.run].add(&tensor.value);
            if let Some(shortened) = shortened {
                shortened.drop_sweeps(&mut tensor.value);
            }
            self.results.tensors.push(tensor);
        }
        self.results.overlaps.extend(overlaps);
    }

    /// Takes in what another assembly has taken in.
    pub fn join(&mut self, other: Self) {
        if self.sums.len() < other.sums.len() {
            self.sums.resize_with(other.sums.len(), RunSums::default);
        }
        self.sums.iter_mut().zip(other.sums).for_each(|(sums, more)| sums.join(more));
        self.results.extend(other.results);
    }

    /// What was taken in, without what only rollups need.
    pub fn results(&self) -> &TaskResults {
        &self.results
    }

    /// Makes the report of what was taken in, which is moved to it at the very end: where
    /// anything fails before, the results are still here. Runs in which nothing finished are kept,
    /// with what they leave out.
    ///
    /// # Errors
    /// Those of [`plan`].
    pub fn finish(
        &mut self,
        inputs: &Inputs,
        settings: &Settings,
        backend: BackendInfo,
        timings: Timings,
        created: String,
    ) -> Result<Report, Error> {
        let Plan { tasks, runs: planned } = plan(inputs, settings)?;
        let partial = find_partial(&tasks, &self.results.tensors);
        let shortened = find_shortened(&tasks);
        let places: HashMap<&str, usize> = tasks.iter().map(|t| (t.name(), t.id)).collect();
        let place = |name: &str| places.get(name).copied().unwrap_or(usize::MAX);
        self.sums.resize_with(inputs.tuned.len(), RunSums::default);
        let mut runs: Vec<Run> = inputs
            .tuned
            .iter()
            .zip(planned)
            .zip(&self.sums)
            .map(|((checkpoint, planned), sums)| start_run(checkpoint, planned, sums, settings))
            .collect();
        let TaskResults { tensors, overlaps } = &mut self.results;
        count_analysed(&mut runs, &tasks, tensors);
        // In place: a stable sort copies half of them.
        tensors.sort_unstable_by(|a, b| {
            let key = |t: &InRun<TensorReport>| (t.run, place(&t.value.name));
            key(a).cmp(&key(b)).then_with(|| a.value.name.cmp(&b.value.name))
        });
        for of_run in tensors.chunk_by_mut(|a, b| a.run == b.run) {
            let run = &mut runs[of_run[0].run];
            let fishers = of_run.iter_mut().filter_map(|tensor| tensor.value.fisher.as_mut());
            share_out_kl(fishers.collect());
            run.cast = report::summarize_cast(of_run.iter().map(|tensor| &tensor.value));
            run.left_out.extend(of_run.iter().filter_map(|tensor| find_failure(&tensor.value)));
        }
        overlaps.sort_by_key(|o| o.name.as_deref().map_or(usize::MAX, place));
        overlaps.extend(compute_model_overlap(overlaps, inputs.tuned.len()));
        let mut report = Report {
            format: report::FORMAT.into(),
            version: report::VERSION,
            generator: report::GENERATOR.into(),
            created,
            backend,
            settings: settings.clone(),
            base: inputs.base.as_ref().map(Checkpoint::summarize),
            fisher: inputs.fisher.as_ref().map(Checkpoint::summarize),
            runs,
            overlaps: Vec::new(),
            timings,
            partial,
            check: None,
            shortened,
        };
        let TaskResults { tensors, overlaps } = std::mem::take(&mut self.results);
        report.overlaps = overlaps;
        for of_run in tensors.chunk_by(|a, b| a.run == b.run) {
            report.runs[of_run[0].run].tensors.reserve_exact(of_run.len());
        }
        for InRun { run, value: tensor } in tensors {
            report.runs[run].tensors.push(tensor);
        }
        Ok(report)
    }
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

/// A run without its tensors, which `sums` are of.
fn start_run(
    checkpoint: &Checkpoint,
    planned: PlannedRun,
    sums: &RunSums,
    settings: &Settings,
) -> Run {
    let (layers, modules, model) = sums.roll_up();
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

/// What a run leaves out with a tensor that failed.
fn find_failure(tensor: &TensorReport) -> Option<LeftOut> {
    let detail = || tensor.error.clone().unwrap_or_default();
    (tensor.status == Status::Failed)
        .then(|| LeftOut::new(&tensor.name, LeftOutReason::Failed, detail()))
}
