//! The native program: the same library on local files, with threads or a native GPU.

mod compute;
mod left_out;
mod open;
mod options;
mod output;

use crate::native::compute::{analyze_on_gpu, analyze_on_threads, open_gpu};
use crate::native::left_out::print_left_out;
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::output::{check_template, write_report};
use clap::Parser;
use gatescope::analysis;
use gatescope::error::Error;
use gatescope::report::Timings;
use gatescope::settings::Settings;
use jiff::Timestamp;
use std::time::Instant;

/// Reads the command line and writes the report.
pub fn run() -> Result<(), Error> {
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
    let plan = analysis::plan(&all, &settings);
    let tasks = plan.inspect_err(|_| print_left_out(&all, &settings))?.tasks;
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
    write_report(&report, &options.out, options.csv.as_deref())
}
