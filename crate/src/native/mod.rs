//! The native program: the same library on local files, with threads or a native GPU.

mod compute;
mod open;
mod options;
mod output;

use crate::native::compute::{analyze_on_gpu, analyze_on_threads, open_gpu};
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::output::{check_template, write_report};
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
    check_template(&options.out)?;
    let settings = Settings {
        k: options.k,
        alphas: options.alpha.clone(),
        eta: options.eta,
        exact_limit: options.exact_limit,
        layers: options.layers.clone(),
        map_side: options.map_side,
        comparison: options.comparison,
        function_preserving: !options.no_function_preserving,
        backend: options.backend,
        ..Settings::default()
    };
    let start = Instant::now();
    let all = open_inputs(&options)?;
    let tasks = analysis::plan(&all, &settings)?.tasks;
    let now = || start.elapsed().as_secs_f64();
    let device = if all.base.is_some() { open_gpu(options.backend)? } else { None };
    let shortened = analysis::find_shortened(&tasks);
    let limited = analysis::limit_maps(&settings, shortened).into_owned();
    let (info, mut found) = match device {
        Some(gpu) => analyze_on_gpu(&gpu, &all, &options, &limited, &now)?,
        None => analyze_on_threads(tasks.len(), &options, &limited, &now)?,
    };
    analysis::shorten_results(&mut found.results, shortened);
    let timings = Timings { total: now(), stages: found.stages };
    let report = analysis::assemble(
        &all,
        &settings,
        info,
        found.results,
        timings,
        Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )?;
    write_report(&report, &options.out, options.csv.as_deref())?;
    Ok(tell_outcome(&report))
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
