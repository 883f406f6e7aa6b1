//! The native program: the same library on local files, with threads or a native GPU.

mod compute;
mod estimate;
mod faults;
mod gathered;
mod inputs;
mod interrupt;
mod kept;
mod left_out;
mod open;
mod options;
mod output;
mod pace;
mod read_report;
mod run_digest;
mod tell;
mod verify;

use crate::native::compute::{
    Work, analyze_on_gpu, analyze_on_threads, count_threads, describe_cpu, describe_gpu, open_gpu,
};
use crate::native::estimate::describe_estimate;
use crate::native::faults::{catch_panic, keep_panics_quiet};
use crate::native::gathered::Gathered;
use crate::native::interrupt::{INTERRUPTED, is_asked, listen};
use crate::native::kept::Kept;
use crate::native::left_out::print_left_out;
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::output::Outputs;
use crate::native::pace::Pace;
use crate::native::run_digest::digest_run;
use crate::native::tell::{tell, tell_all};
use crate::native::verify::{is_verify, verify};
use clap::Parser;
use gatescope::analysis::{self, Inputs, Task, TaskResults};
use gatescope::error::Error;
use gatescope::report::{Check, Report, Timings, describe_errors, describe_extent, has_errors};
use gatescope::settings::Settings;
use jiff::Timestamp;
use std::process::ExitCode;
use std::time::Instant;

/// The exit status of a run that finished, but left something out because of errors.
const INCOMPLETE: u8 = 3;

/// Runs the program. Returns the exit status.
pub fn main() -> ExitCode {
    keep_panics_quiet();
    let run = if is_verify() { verify() } else { run() };
    run.unwrap_or_else(|error| {
        tell_all(&error.to_string());
        ExitCode::FAILURE
    })
}

/// The settings of a command line.
fn read_settings(options: &Options) -> Settings {
    Settings {
        k: options.k,
        alphas: options.alpha.clone(),
        eta: options.eta,
        exact_limit: options.exact_limit,
        layers: options.layers.clone(),
        rename: options.rename.clone(),
        map_side: options.map_side,
        comparison: options.comparison,
        function_preserving: !options.no_function_preserving,
        backend: options.backend,
        ..Settings::default()
    }
}

/// Plans the analysis. A panic on the way is an error, as is a plan without a task.
fn plan(inputs: &Inputs, settings: &Settings) -> Result<analysis::Plan, Error> {
    let plan = catch_panic(|| analysis::plan(inputs, settings)).flatten();
    plan.inspect_err(|_| print_left_out(inputs, settings))
}

/// Reads the command line and writes the report. Returns the exit status.
fn run() -> Result<ExitCode, Error> {
    let options = Options::parse();
    // Before anything is computed that could not be written.
    let outputs = Outputs::check(&options)?;
    let settings = read_settings(&options);
    let start = Instant::now();
    let mut all = open_inputs(&options)?;
    let tasks = plan(&all, &settings)?.tasks;
    let now = || start.elapsed().as_secs_f64();
    let device = if all.base.is_some() { open_gpu(options.backend)? } else { None };
    let shortened = analysis::find_shortened(&tasks);
    let limited = analysis::limit_maps(&settings, shortened).into_owned();
    let estimate = analysis::estimate(&tasks, &settings, options.memory << 20);
    let threads = device.is_none().then(|| count_threads(tasks.len()));
    describe_estimate(&estimate, threads).iter().for_each(|line| tell(line));
    listen();
    pollster::block_on(all.identify_files())?;
    let mut info = match &device {
        Some(gpu) => describe_gpu(gpu, &options),
        None => describe_cpu(&options, count_threads(tasks.len())),
    };
    let run = digest_run(&all, &settings, &options, &info, shortened)?;
    let (kept, earlier) = Kept::open(outputs.kept_path(), &run, &tasks);
    let finished = earlier.keys().copied().collect();
    tell_kept(&kept, earlier.len(), tasks.len());
    let still = tasks.iter().filter(|task| !earlier.contains_key(&task.id));
    let pace = Pace::new(still.map(|task| analysis::estimate_seconds(task, &limited)).sum());
    let work = Work {
        options: &options,
        settings: &limited,
        shortened,
        count: tasks.len(),
        finished: &finished,
        kept: &kept,
        pace: &pace,
        now: &now,
    };
    let mut gathered = Gathered::default();
    earlier.into_values().for_each(|found| gathered.add(found, shortened));
    match &device {
        Some(gpu) => gathered.join(analyze_on_gpu(gpu, &tasks, &work)),
        None => {
            let (others, threads) = analyze_on_threads(&tasks, &work);
            gathered.join(others);
            info.workers = threads as u32;
        }
    }
    let Gathered { mut results, stages } = gathered;
    if is_asked() && results.results().tensors.is_empty() {
        tell_all("ended before a tensor was finished: there is no report");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let timings = Timings { total: now(), stages };
    let created = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // Before the results are the report's.
    let check = (!options.no_check && !is_asked()).then(|| {
        let limits = analysis::CheckLimits::of_run(now(), options.memory << 20);
        check(&tasks, results.results(), &settings, limits, &run)
    });
    let assemble = || results.finish(&all, &settings, info, timings, created);
    match catch_panic(assemble).flatten() {
        Ok(mut report) => {
            report.check = check.flatten();
            outputs.write(&report)?;
            Ok(finish(&report, kept))
        }
        Err(error) => {
            // Nothing that was computed may be lost with the report.
            let kept = outputs.keep_results(results.results())?;
            let what = format!("no report could be made: {error}. What was found is kept");
            Err(Error::BadFile { file: kept.display().to_string(), what })
        }
    }
}

/// Computes some tensors again. What goes wrong in that takes nothing from the report.
fn check(
    tasks: &[Task],
    results: &TaskResults,
    settings: &Settings,
    limits: analysis::CheckLimits,
    seed: &str,
) -> Option<Check> {
    let check =
        || pollster::block_on(analysis::check_results(tasks, results, settings, limits, seed));
    match catch_panic(check).flatten() {
        Ok(found) => found,
        Err(error) => {
            tell_all(&format!("no tensor could be checked: {error}"));
            None
        }
    }
}

/// Says how many tensors need not be computed again.
fn tell_kept(kept: &Kept, earlier: usize, all: usize) {
    if let Some(place) = kept.place().filter(|_| earlier > 0) {
        tell_all(&format!(
            "{earlier} of {all} tensors were kept in {} from an earlier run of these files with \
             these settings",
            place.display()
        ));
    }
}

/// Says on stderr how much was compared and what was left out because of errors, and removes what
/// was kept, unless the same command has something left to do.
fn finish(report: &Report, kept: Kept) -> ExitCode {
    for run in &report.runs {
        tell_all(&describe_extent(run));
    }
    for line in report.runs.iter().filter_map(describe_errors) {
        tell_all(&line);
    }
    if let Some(check) = &report.check {
        tell_all(&check.describe());
    }
    if let Some(partial) = &report.partial {
        let (finished, total) = (partial.finished, partial.total);
        let rest = if kept.place().is_some() { "the same command goes on from there" } else { "" };
        let line = format!("ended by a signal: {finished} of {total} tensors are in the report");
        tell_all([line.as_str(), rest].join("; ").trim_end_matches("; "));
        return ExitCode::from(INTERRUPTED);
    }
    kept.remove();
    if has_errors(report) { ExitCode::from(INCOMPLETE) } else { ExitCode::SUCCESS }
}
