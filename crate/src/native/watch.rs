//! `gatescope watch`: compares every checkpoint that a run saves, as soon as it is complete, with
//! the base and with the one before it, and writes a row for each.

use crate::native::compare::INCOMPLETE;
use crate::native::hub_cache::resolve;
use crate::native::interrupt::{INTERRUPTED, is_asked};
use crate::native::open::Places;
use crate::native::options::LogFormat;
use crate::native::pair::{compare_pair, options_for};
use crate::native::saves::{Save, Saves};
use crate::native::step_log::{Row, StepLog};
use crate::native::tell::{set_format, tell_all};
use clap::{Args, ValueHint};
use gatescope::error::Error;
use gatescope::report::{Report, rollup::Rollup};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Seconds between two questions whether a signal came.
const NAP: f64 = 0.1;

/// Compares each checkpoint that a training run saves in a folder with the base and with the one
/// before it: one row a step in a wide CSV or JSONL. A checkpoint is complete when two looks find
/// files of the same sizes and all that its index names. Ends by Ctrl-C, or with --once when all
/// that is there is done; the same command goes on where the log ends.
#[derive(Args, Debug)]
pub struct WatchOptions {
    /// The folder in which the run saves: checkpoint-N/ (transformers, TRL) or
    /// global_step_N/actor/huggingface/ (verl).
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// The base checkpoint.
    #[arg(long, value_hint = ValueHint::AnyPath)]
    base: PathBuf,
    /// The file that gets a row a step: CSV, or JSON lines with the ending .jsonl.
    #[arg(long, value_hint = ValueHint::FilePath)]
    log: PathBuf,
    /// Compute spectra and masks as well, at this rank: much slower.
    #[arg(long, value_name = "K")]
    spectra: Option<usize>,
    /// Seconds between two looks into the folder.
    #[arg(long, default_value_t = 10.0)]
    every: f64,
    /// End when every complete checkpoint has its row.
    #[arg(long)]
    once: bool,
    /// How lines on stderr are written.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

/// Compares two checkpoints. `None` where a signal came.
fn compare(base: &Path, tuned: &Path, spectra: Option<usize>) -> Result<Option<Report>, Error> {
    let options = options_for(base, tuned, spectra)?;
    compare_pair(&options, &Places::find(&options)?)
}

/// Adds the figures of some tensors.
fn add_rollup(row: &mut Row, name: &str, rollup: &Rollup) {
    let changed =
        (rollup.parameters > 0).then(|| 1.0 - rollup.unchanged as f64 / rollup.parameters as f64);
    row.push((format!("{name}/changed_bf16"), json!(changed)));
    row.push((format!("{name}/relative_update"), json!(rollup.relative_update)));
}

/// Adds the figures of a comparison under a name; of layers and kinds of modules too where `parts`.
fn add_report(row: &mut Row, name: &str, report: &Report, parts: bool) {
    let run = &report.runs[0];
    let model = &run.model;
    let coverage = run.coverage.as_ref();
    let share = coverage.filter(|coverage| coverage.base > 0).map(|coverage| {
        coverage.compared.saturating_add(coverage.not_adapted) as f64 / coverage.base as f64
    });
    row.push((format!("{name}/compared"), json!(share.map(|share| share.min(1.0)))));
    row.push((format!("{name}/left_out_by_errors"), {
        json!(run.left_out.iter().filter(|one| one.reason.is_error()).count())
    }));
    add_rollup(row, name, model);
    row.push((format!("{name}/max_abs_update"), json!(model.max_abs_update)));
    row.push((format!("{name}/non_finite"), json!(model.non_finite)));
    for (figure, mean) in &model.spectral {
        row.push((format!("{name}/{figure}"), json!(mean.mean)));
    }
    if parts {
        for layer in &run.layers {
            add_rollup(row, &format!("{name}/layer_{}", layer.key), layer);
        }
        for module in &run.modules {
            add_rollup(row, &format!("{name}/{}", module.key), module);
        }
    }
}

/// Makes the row of a save. `None` where a signal came.
fn make_row(
    options: &WatchOptions,
    base: &Path,
    before: Option<&Save>,
    save: &Save,
) -> Result<Option<Row>, Error> {
    let start = Instant::now();
    let Some(of_base) = compare(base, &save.path, options.spectra)? else { return Ok(None) };
    let mut row: Row = vec![
        ("step".into(), json!(save.step)),
        ("timestamp".into(), json!(of_base.created)),
        ("checkpoint".into(), json!(save.path.display().to_string())),
        ("previous_step".into(), json!(before.map(|before| before.step))),
    ];
    add_report(&mut row, "base", &of_base, true);
    // The step before the first one is the base, and so it is where the one before is gone: its
    // place in the table tells which.
    let of_previous = match before {
        Some(before) => compare(&before.path, &save.path, options.spectra)?,
        None => Some(of_base),
    };
    let Some(of_previous) = of_previous else { return Ok(None) };
    add_report(&mut row, "previous", &of_previous, false);
    row.push(("seconds".into(), Value::from(start.elapsed().as_secs_f64())));
    Ok(Some(row))
}

/// Whether a save is no longer there.
fn is_gone(save: &Save) -> bool {
    !save.path.exists()
}

/// Waits, unless a signal comes.
fn wait(seconds: f64) {
    let start = Instant::now();
    while !is_asked() && start.elapsed().as_secs_f64() < seconds {
        sleep(Duration::from_secs_f64(NAP.min(seconds)));
    }
}

/// Watches a folder. Returns the exit status.
///
/// # Errors
/// Where the folder or the base can't be read, or the log can't be written. A save that can't be
/// read is told and passed over.
pub fn watch(options: &WatchOptions) -> Result<ExitCode, Error> {
    set_format(options.log_format);
    let base = resolve(&options.base)?;
    let mut log = StepLog::open(&options.log)?;
    let mut saves = Saves::new(&options.folder);
    let mut failed = false;
    // Looks that found nothing to do: after two, what is there is done, or is not complete.
    let mut idle = 0;
    loop {
        let complete = saves.look()?;
        let before = |save: &Save| complete.iter().rfind(|one| one.step < save.step);
        let next = complete.iter().find(|save| !log.has(save.step) && !saves.is_bad(save.step));
        if let Some(save) = next {
            idle = 0;
            match make_row(options, &base, before(save), save) {
                Ok(Some(row)) => {
                    log.add(save.step, &row)?;
                    tell_all(&format!("step {}: {}", save.step, describe_row(&row)));
                }
                Ok(None) => {}
                // Trainers delete old saves: the next look finds what is there.
                Err(error) if is_gone(save) || before(save).is_some_and(is_gone) => {
                    tell_all(&format!("step {}: {error}: a save was deleted", save.step));
                }
                Err(error) => {
                    failed = true;
                    saves.pass_over(save.step);
                    tell_all(&format!("step {}: {error}: it has no row", save.step));
                }
            }
        } else {
            idle += 1;
            if options.once && idle > 1 {
                saves.tell_incomplete();
                let done = !failed && !saves.has_incomplete();
                return Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) });
            }
            wait(options.every);
        }
        if is_asked() {
            tell_all("ended by a signal: the same command goes on where the log ends");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
}

/// The figures of a row that tell most.
fn describe_row(row: &Row) -> String {
    let find = |name: &str| {
        let value = row.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_f64());
        value.map_or("unknown".into(), |value| format!("{:.3} %", 100.0 * value))
    };
    format!(
        "{} of weights differ from the base in bf16, {} from the step before",
        find("base/changed_bf16"),
        find("previous/changed_bf16")
    )
}
