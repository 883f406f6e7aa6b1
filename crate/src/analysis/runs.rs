//! All runs of one task.

use crate::analysis::job::Job;
use crate::analysis::listed::analyze_listings;
use crate::analysis::results::TaskResults;
use crate::analysis::task::{Task, Work};
use crate::analysis::tensor::analyze_with_fallback;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::pairing::Pair;
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::fisher::pass::{FisherOutcome, weigh_by_fisher};
use crate::figures::fp8::pass::compare_codes;
use crate::figures::overlap::pass::compare_runs;
use crate::figures::tensor::TensorReport;
use crate::host::Host;
use crate::kernels::Backend;
use crate::kernels::cpu::Cpu;
use crate::settings::Settings;
use std::cell::Cell;

/// The share of a task's progress that the comparison of its runs takes.
const OVERLAP_SHARE: f64 = 0.05;

/// The share of a tensor's progress that its passes after the masks take.
const LAST_SHARE: f64 = 0.05;

/// Analyses all runs of one task. A tensor that fails does not stop the others: it is reported as
/// failed, with the reason.
pub async fn analyze<B: Backend>(
    device: &B,
    task: &Task,
    settings: &Settings,
    host: &Host<'_>,
) -> TaskResults {
    let mut results = match &task.work {
        Work::Pairs(pairs) => analyze_pairs(device, pairs, settings, host).await,
        Work::Listings(listings) => analyze_listings(listings, settings, host).await,
    };
    results.keep_finite();
    results
}

/// The results of a task that could not be analysed: its tensor failed in every run.
pub fn fail_task(task: &Task, error: &Error) -> TaskResults {
    let reports: Vec<InRun<TensorReport>> = match &task.work {
        Work::Pairs(pairs) => {
            pairs.iter().map(|p| InRun::new(p.run, TensorReport::for_pair(&p.value))).collect()
        }
        Work::Listings(listings) => listings
            .iter()
            .map(|l| InRun::new(l.run, TensorReport::for_listing(&l.value)))
            .collect(),
    };
    let mut results = TaskResults { tensors: reports, overlaps: Vec::new() };
    results.tensors.iter_mut().for_each(|report| report.value.fail(error));
    results
}

/// Analyses each run of a tensor against the base, then all runs against each other.
async fn analyze_pairs<B: Backend>(
    device: &B,
    pairs: &[InRun<Pair>],
    settings: &Settings,
    host: &Host<'_>,
) -> TaskResults {
    // A task's progress only grows: the runs leave room for the pass that compares them.
    let alone = if pairs.len() > 1 { 1.0 - OVERLAP_SHARE } else { 1.0 };
    let of_runs = |stage: &str, share: f64| (host.progress)(stage, alone * share);
    let of_overlap =
        |stage: &str, share: f64| (host.progress)(stage, alone + OVERLAP_SHARE * share);
    let (runs_host, overlap_host) =
        (Host { progress: &of_runs, ..*host }, Host { progress: &of_overlap, ..*host });
    let mut tensors = analyze_runs(device, pairs, settings, &runs_host).await;
    let overlaps = match compare_runs(pairs, settings, &overlap_host).await {
        Ok(found) => found.into_iter().collect(),
        Err(error) => {
            // No figure can be relied on of files that this pass could not read.
            tensors.iter_mut().for_each(|report| report.value.fail(&error));
            Vec::new()
        }
    };
    TaskResults { tensors, overlaps }
}

/// Analyses each run of a tensor against the base.
async fn analyze_runs<B: Backend>(
    device: &B,
    pairs: &[InRun<Pair>],
    settings: &Settings,
    host: &Host<'_>,
) -> Vec<InRun<TensorReport>> {
    let mut reports = Vec::new();
    // The base's triplets stay on the device that computed them.
    let (mut on_device, mut on_cpu) = (None, None);
    for (done, InRun { run, value: pair }) in pairs.iter().enumerate() {
        let start = (host.now)();
        let runs = pairs.len() as f64;
        // Some passes share one stretch of the progress, as not every tensor takes them. The
        // largest share told so far keeps it from going back.
        let most = Cell::new(0.0);
        let progress = |stage: &str, share: f64| {
            most.set(share.max(most.get()));
            (host.progress)(stage, (done as f64 + most.get()) / runs);
        };
        let host = &Host { progress: &progress, ..*host };
        let mut report = TensorReport::for_pair(pair);
        // The shaders have no f64: such tensors are small in practice and take the CPU path on
        // every backend.
        let found = match pair.dtype {
            Dtype::F64 => {
                let job = Job { device: &Cpu, pair, settings, host };
                analyze_with_fallback(&job, &mut on_cpu, &mut report).await
            }
            _ => {
                let job = Job { device, pair, settings, host };
                analyze_with_fallback(&job, &mut on_device, &mut report).await
            }
        };
        let found = match found {
            Ok(()) => add_fisher_and_fp8(pair, settings, host, &mut report).await,
            Err(error) => Err(error),
        };
        if let Err(error) = found {
            report.fail(&error);
        }
        report.seconds = (host.now)() - start;
        reports.push(InRun::new(*run, report));
    }
    reports
}

/// Adds Gate I, where there is a Fisher, and the codes of FP8 tensors, which have passes of their
/// own.
async fn add_fisher_and_fp8(
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
    report: &mut TensorReport,
) -> Result<(), Error> {
    let late = |stage: &str, share: f64| (host.progress)(stage, 1.0 - LAST_SHARE * (1.0 - share));
    match weigh_by_fisher(pair, settings, &Host { progress: &late, ..*host }).await? {
        FisherOutcome::Found(found) => report.fisher = Some(found),
        FisherOutcome::Unusable(note) => report.fisher_note = Some(note),
        FisherOutcome::NotGiven => {}
    }
    report.quantized = compare_codes(pair).await?;
    Ok(())
}
