//! The native program: the same library on local files, with threads or a native GPU.

mod compute;
mod estimate;
mod inputs;
mod open;
mod options;
mod output;

use crate::native::compute::{
    Work, analyze_on_gpu, analyze_on_threads, catch_panic, count_threads, open_gpu, tell,
};
use crate::native::estimate::describe_estimate;
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::output::Outputs;
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
    let outputs = Outputs::check(&options)?;
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
    let estimate = analysis::estimate(&tasks, &settings, options.memory << 20);
    let threads = device.is_none().then(|| count_threads(tasks.len()));
    describe_estimate(&estimate, threads).iter().for_each(|line| tell(line));
    let work =
        Work { options: &options, settings: &limited, shortened, count: tasks.len(), now: &now };
    let (info, found) = match device {
        Some(gpu) => analyze_on_gpu(&gpu, &tasks, &work),
        None => analyze_on_threads(&tasks, &work),
    };
    let timings = Timings { total: now(), stages: found.stages };
    let created = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // Kept until the report is made: nothing that was computed may be lost with it.
    let results = found.results.clone();
    let assemble = || analysis::assemble(&all, &settings, info, results, timings, created);
    match catch_panic(assemble).flatten() {
        Ok(report) => {
            drop(found.results);
            outputs.write(&report)
        }
        Err(error) => {
            let kept = outputs.keep_results(&found.results)?;
            let what = format!("no report could be made: {error}. What was found is kept");
            Err(Error::BadFile { file: kept.display().to_string(), what })
        }
    }
}
