//! `gatescope check`: what two checkpoints are to each other, in one read of the files.

use crate::native::compare::INCOMPLETE;
use crate::native::interrupt::INTERRUPTED;
use crate::native::open::Places;
use crate::native::pair::{compare_pair, options_for};
use crate::native::tell::{print, tell_all};
use clap::{Args, ValueHint};
use gatescope::checkpoint::summary::{LeftOut, LeftOutReason};
use gatescope::error::Error;
use gatescope::report::Run;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// The most names of one kind in the answer.
const NAMED: usize = 8;

/// Says in one line of JSON what a checkpoint is to its base, from one read of both: changed (exit
/// status 0), bit_equal (4), unchanged_in_bf16 or adapter_without_effect (5), or
/// other_architecture (6); 3 where something could not be read.
#[derive(Args, Debug)]
pub struct QuickOptions {
    /// The base checkpoint.
    #[arg(value_hint = ValueHint::AnyPath)]
    base: PathBuf,
    /// The tuned checkpoint, adapter or sparse delta.
    #[arg(value_hint = ValueHint::AnyPath)]
    tuned: PathBuf,
}

/// What a checkpoint is to its base.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Changed,
    BitEqual,
    UnchangedInBf16,
    AdapterWithoutEffect,
    OtherArchitecture,
    Incomplete,
}

impl Verdict {
    /// The word and the exit status.
    fn tell(self) -> (&'static str, u8) {
        match self {
            Self::Changed => ("changed", 0),
            Self::BitEqual => ("bit_equal", 4),
            Self::UnchangedInBf16 => ("unchanged_in_bf16", 5),
            Self::AdapterWithoutEffect => ("adapter_without_effect", 5),
            Self::OtherArchitecture => ("other_architecture", 6),
            Self::Incomplete => ("incomplete", INCOMPLETE),
        }
    }
}

/// The number of tensors left out for a reason, and the first names.
fn list(left_out: &[LeftOut], reason: LeftOutReason) -> Value {
    let names: Vec<&str> =
        left_out.iter().filter(|one| one.reason == reason).map(|one| one.name.as_str()).collect();
    json!({ "count": names.len(), "names": names[..names.len().min(NAMED)] })
}

/// What is told of everything that is left out.
fn describe(left_out: &[LeftOut]) -> Value {
    let errors = left_out.iter().filter(|one| one.reason.is_error()).count();
    json!({
        "rows_of_one_side": list(left_out, LeftOutReason::RowsDiffer),
        "shape_differs": list(left_out, LeftOutReason::ShapeDiffers),
        "only_in_base": list(left_out, LeftOutReason::OnlyInBase),
        "only_in_tuned": list(left_out, LeftOutReason::OnlyInTuned),
        "errors": errors,
    })
}

/// Prints the answer and returns the exit status.
fn answer(verdict: Verdict, rest: [Value; 2]) -> ExitCode {
    let (word, status) = verdict.tell();
    let mut line = json!({ "verdict": word, "exit_status": status });
    for part in rest {
        if let (Some(line), Value::Object(part)) = (line.as_object_mut(), part) {
            line.extend(part);
        }
    }
    print([line.to_string()]);
    ExitCode::from(status)
}

/// Judges a run of which only Gate III was counted. What is left out of either side keeps it from
/// being equal, and a shape that differs is that of another architecture.
fn judge(run: &Run, is_adapter: bool) -> Verdict {
    let has = |reason| run.left_out.iter().any(|one| one.reason == reason);
    let model = &run.model;
    let is_whole = run.coverage.as_ref().is_none_or(|coverage| coverage.is_whole());
    if run.left_out.iter().any(|one| one.reason.is_error()) {
        Verdict::Incomplete
    } else if has(LeftOutReason::ShapeDiffers) {
        Verdict::OtherArchitecture
    } else if !is_whole || model.unchanged < model.parameters {
        Verdict::Changed
    } else if is_adapter {
        Verdict::AdapterWithoutEffect
    } else if model.bit_equal == model.parameters {
        Verdict::BitEqual
    } else {
        Verdict::UnchangedInBf16
    }
}

/// Compares two checkpoints by Gate III alone, prints one line of JSON, and returns the exit
/// status.
///
/// # Errors
/// Those of opening and reading; [`Error::Setting`] where the tuned path holds several
/// checkpoints.
pub fn check_quickly(quick: &QuickOptions) -> Result<ExitCode, Error> {
    let options = options_for(&quick.base, &quick.tuned, None)?;
    let places = Places::find(&options)?;
    let inputs = places.open()?;
    let [tuned] = &inputs.tuned[..] else {
        return Err(Error::Setting(format!(
            "{} holds {} checkpoints, and check compares one: give one of its folders",
            quick.tuned.display(),
            inputs.tuned.len()
        )));
    };
    let is_adapter = tuned.adapter.is_some();
    let form = if is_adapter {
        "adapter"
    } else if tuned.delta.is_some() {
        "delta"
    } else {
        "weights"
    };
    let inventory = inputs.inventory(None, &[]);
    if let Some(found) = inventory.first().filter(|found| found.tensors == 0) {
        let errors = found.left_out.iter().any(|one| one.reason.is_error());
        let verdict = if errors { Verdict::Incomplete } else { Verdict::OtherArchitecture };
        let rest = [json!({ "form": form, "tensors": 0 }), describe(&found.left_out)];
        return Ok(answer(verdict, rest));
    }
    drop(inputs);
    let Some(report) = compare_pair(&options, &places)? else {
        tell_all("ended by a signal");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let run = &report.runs[0];
    let model = &run.model;
    let figures = json!({
        "form": form,
        "tensors": model.tensors,
        "weights": model.parameters,
        "bit_equal": model.bit_equal,
        "unchanged_in_bf16": model.unchanged,
        "relative_update": model.relative_update,
        "max_abs_update": model.max_abs_update,
        "non_finite": model.non_finite,
        "coverage": run.coverage,
    });
    Ok(answer(judge(run, is_adapter), [figures, describe(&run.left_out)]))
}
