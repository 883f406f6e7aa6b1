//! How a finished run went, in lines for a terminal.

use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::figures::cast::report::CastSummary;
use crate::figures::tensor::Status;
use crate::report::{Report, Run};

/// Describes how much of both checkpoints a run compared: the line that goes before any figure.
pub fn describe_extent(run: &Run) -> String {
    let tensors = match run.tensors.iter().filter(|t| t.status == Status::Done).count() {
        1 => "1 tensor".into(),
        n => format!("{n} tensors"),
    };
    let name = &run.checkpoint.name;
    let compared = match run.coverage {
        Some(coverage) => format!("{name}: {tensors} compared, {}", coverage.describe()),
        None => format!("{name}: {tensors} read"),
    };
    match run.cast.as_ref().filter(|cast| cast.whole) {
        Some(CastSummary { from, to, .. }) => format!(
            "{compared}. Nothing differs but by rounding: {name} is stored as {to}, the base as \
             {from}"
        ),
        None => compared,
    }
}

/// Describes what a run left out because of errors, by reason with an example of each; `None` where
/// nothing went wrong.
pub fn describe_errors(run: &Run) -> Option<String> {
    let mut reasons: Vec<(LeftOutReason, usize, &LeftOut)> = Vec::new();
    for one in run.left_out.iter().filter(|one| one.reason.is_error()) {
        match reasons.iter_mut().find(|(reason, ..)| *reason == one.reason) {
            Some((_, count, _)) => *count += 1,
            None => reasons.push((one.reason, 1, one)),
        }
    }
    if reasons.is_empty() {
        return None;
    }
    let all: usize = reasons.iter().map(|(_, count, _)| count).sum();
    let each: Vec<String> = reasons
        .iter()
        .map(|(reason, count, LeftOut { name, detail, .. })| {
            // The message of a tensor that failed begins with its name.
            let detail = detail.strip_prefix(&format!("{name}: ")).unwrap_or(detail);
            let word = reason.to_string().replace('_', " ");
            format!("{count} {word} (as {name}: {detail})")
        })
        .collect();
    Some(format!("{}: {all} left out because of errors: {}", run.checkpoint.name, each.join("; ")))
}

/// Whether a report lacks something because of an error: a tensor failed, or a
/// file or tensor could not be read.
pub fn has_errors(report: &Report) -> bool {
    report.runs.iter().flat_map(|run| &run.left_out).any(|one| one.reason.is_error())
}
