//! The native program: the same library on local files, with threads or a native GPU.

mod compute;
mod estimate;
mod gathered;
mod inputs;
mod left_out;
mod open;
mod options;
mod output;
mod pace;

use crate::native::compute::{
    Work, analyze_on_gpu, analyze_on_threads, catch_panic, count_threads, open_gpu, tell,
};
use crate::native::estimate::describe_estimate;
use crate::native::left_out::print_left_out;
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::output::Outputs;
use crate::native::pace::Pace;
use clap::Parser;
use gatescope::analysis;
use gatescope::error::Error;
use gatescope::report::{Report, Timings, describe_errors, describe_extent, has_errors};
use gatescope::settings::Settings;
use jiff::Timestamp;
use std::process::ExitCode;
use std::time::Instant;

/// The exit status of a run that finished, but left something out because of errors.
const INCOMPLETE: u8 = 3;

/// Reads the command line and writes the report. Returns the exit status.
pub fn run() -> Result<ExitCode, Error> {
    let options = Options::parse();
    // Before anything is computed that could not be written.
    let outputs = Outputs::check(&options)?;
    let settings = Settings {
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
    };
    let start = Instant::now();
    let all = open_inputs(&options)?;
    let plan = analysis::plan(&all, &settings);
    let tasks = plan.inspect_err(|_| print_left_out(&all, &settings))?.tasks;
    let now = || start.elapsed().as_secs_f64();
    let device = if all.base.is_some() { open_gpu(options.backend)? } else { None };
    let shortened = analysis::find_shortened(&tasks);
    let limited = analysis::limit_maps(&settings, shortened).into_owned();
    let estimate = analysis::estimate(&tasks, &settings, options.memory << 20);
    let threads = device.is_none().then(|| count_threads(tasks.len()));
    describe_estimate(&estimate, threads).iter().for_each(|line| tell(line));
    let pace = Pace::new(estimate.core_seconds);
    let work = Work {
        options: &options,
        settings: &limited,
        shortened,
        count: tasks.len(),
        pace: &pace,
        now: &now,
    };
    let (info, gathered) = match device {
        Some(gpu) => analyze_on_gpu(&gpu, &tasks, &work),
        None => analyze_on_threads(&tasks, &work),
    };
    let timings = Timings { total: now(), stages: gathered.stages };
    let created = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut results = gathered.results;
    let assemble = || results.finish(&all, &settings, info, timings, created);
    match catch_panic(assemble).flatten() {
        Ok(report) => {
            outputs.write(&report)?;
            Ok(tell_outcome(&report))
        }
        Err(error) => {
            // Nothing that was computed may be lost with the report.
            let kept = outputs.keep_results(results.results())?;
            let what = format!("no report could be made: {error}. What was found is kept");
            Err(Error::BadFile { file: kept.display().to_string(), what })
        }
    }
}

/// Says on stderr how much was compared and what was left out because of errors.
fn tell_outcome(report: &Report) -> ExitCode {
    for run in &report.runs {
        eprintln!("gatescope: {}", describe_extent(run));
    }
    for line in report.runs.iter().filter_map(describe_errors) {
        eprintln!("gatescope: {line}");
    }
    if has_errors(report) { ExitCode::from(INCOMPLETE) } else { ExitCode::SUCCESS }
}
