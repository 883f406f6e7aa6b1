//! Compares checkpoints: from options to a report.

use crate::native::compute::{
    Work, analyze_on_gpu, analyze_on_threads, count_threads, describe_cpu, describe_gpu, open_gpu,
};
use crate::native::estimate::describe_estimate;
use crate::native::faults::catch_panic;
use crate::native::gate::plan_tasks;
use crate::native::gathered::Gathered;
use crate::native::interrupt::{INTERRUPTED, is_asked, listen};
use crate::native::kept::Kept;
use crate::native::open::Places;
use crate::native::options::Options;
use crate::native::output::Outputs;
use crate::native::pace::Pace;
use crate::native::progress::{end_bar, start_bar};
use crate::native::run_digest::digest_run;
use crate::native::summary::summarize;
use crate::native::tell::{print, tell, tell_all};
use gatescope::analysis::{self, Task, TaskResults};
use gatescope::error::Error;
use gatescope::report::{Check, Report, Timings, describe_errors, describe_extent, has_errors};
use gatescope::settings::Settings;
use jiff::Timestamp;
use std::process::ExitCode;
use std::sync::Once;
use std::time::Instant;

/// The exit status of a run that finished, but left something out because of errors.
pub const INCOMPLETE: u8 = 3;

static LISTENING: Once = Once::new();

/// Compares the checkpoints of the options, writes the report and a summary. Returns the exit
/// status.
///
/// # Errors
/// Those of [`make_report`] and [`Outputs::write`].
pub fn compare(options: &Options) -> Result<ExitCode, Error> {
    // Before anything is computed that could not be written.
    let outputs = Outputs::check(options)?;
    let places = Places::find(options)?;
    let Some((report, kept)) = make_report(options, &places, &outputs)? else {
        tell_all("ended before a tensor was finished: there is no report");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    outputs.write(&report)?;
    tell_end(&report, options.quiet);
    if !options.quiet {
        let lines = summarize(&report);
        // What a report's own reader would take for a part of it goes elsewhere.
        if outputs.take_stdout() { lines.iter().for_each(|line| tell(line)) } else { print(lines) }
    }
    Ok(finish(&report, kept))
}

/// Compares the checkpoints. `None` where a signal ended it before a tensor was finished.
///
/// # Errors
/// Those of opening and planning. Where no report can be made of the results, they are kept, and
/// the error says where.
pub fn make_report(
    options: &Options,
    places: &Places,
    outputs: &Outputs,
) -> Result<Option<(Report, Kept)>, Error> {
    let settings = options.settings();
    let start = Instant::now();
    let mut all = places.open()?;
    let tasks = plan_tasks(&all, &settings, options.only)?;
    let now = || start.elapsed().as_secs_f64();
    let device = if all.base.is_some() { open_gpu(options.backend)? } else { None };
    let shortened = analysis::find_shortened(&tasks);
    let limited = analysis::limit_maps(&settings, shortened).into_owned();
    let estimate = analysis::estimate(&tasks, &settings, options.memory << 20);
    let threads = device.is_none().then(|| count_threads(tasks.len()));
    if !options.quiet {
        describe_estimate(&estimate, threads).iter().for_each(|line| tell(line));
    }
    LISTENING.call_once(listen);
    pollster::block_on(all.identify_files())?;
    let mut info = match &device {
        Some(gpu) => describe_gpu(gpu, options),
        None => describe_cpu(options, count_threads(tasks.len())),
    };
    let run = digest_run(&all, &settings, options, &info, shortened)?;
    let (kept, earlier) = Kept::open(outputs.kept_path(), &run, &tasks);
    let finished = earlier.keys().copied().collect();
    tell_kept(&kept, earlier.len(), tasks.len());
    let still = tasks.iter().filter(|task| !earlier.contains_key(&task.id));
    let pace = Pace::new(still.map(|task| analysis::estimate_seconds(task, &limited)).sum());
    let work = Work {
        options,
        places,
        settings: &limited,
        shortened,
        count: tasks.len(),
        finished: &finished,
        kept: &kept,
        pace: &pace,
        now: &now,
    };
    if !options.quiet {
        start_bar(finished.len(), tasks.len());
    }
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
    end_bar();
    let Gathered { mut results, stages } = gathered;
    if is_asked() && results.results().tensors.is_empty() {
        return Ok(None);
    }
    let timings = Timings { total: now(), stages };
    let created = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    // Before the results are the report's.
    let check = (!options.no_check && options.only.is_none() && !is_asked()).then(|| {
        let limits = analysis::CheckLimits::of_run(now(), options.memory << 20);
        check(&tasks, results.results(), &settings, limits, &run)
    });
    let assemble = || results.finish(&all, &settings, info, timings, created);
    match catch_panic(assemble).flatten() {
        Ok(mut report) => {
            report.check = check.flatten();
            Ok(Some((report, kept)))
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

/// Says on stderr how much was compared, and in any case what was left out because of errors.
fn tell_end(report: &Report, quiet: bool) {
    if !quiet {
        report.runs.iter().for_each(|run| tell_all(&describe_extent(run)));
    }
    for line in report.runs.iter().filter_map(describe_errors) {
        tell_all(&line);
    }
    if let Some(check) = report.check.as_ref().filter(|_| !quiet) {
        tell_all(&check.describe());
    }
}

/// Removes what was kept, unless the same command has something left to do. Returns the exit
/// status.
fn finish(report: &Report, kept: Kept) -> ExitCode {
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
