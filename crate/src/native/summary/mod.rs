//! A report in some ten lines: how much was compared, what moved, and how many times what a random
//! update would give. The words are the page's; tests/unit/summaries.json holds both to the same.

mod directions;
mod energy;
mod extent;
mod format;
mod gaps;
mod published;
mod reading;
mod readings;
mod sentences;
mod sorts;

use crate::native::summary::extent::describe_compared;
use crate::native::summary::format::{NONE, count, counted, degrees, number, percent, times};
use crate::native::summary::published::{PUBLISHED, list_sources, mask_alpha};
use crate::native::summary::reading::Reading;
use crate::native::summary::readings::{ROWS, Row, read_row};
use crate::native::summary::sentences::describe_run;
use crate::native::summary::sorts::{Sort, describe_no_place, describe_note, sort_run};
use gatescope::figures::tensor::Status;
use gatescope::report::{Report, Run};

/// Summarises a report, each run in lines of its own.
pub fn summarize(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for run in &report.runs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(describe_size(run));
        let sort = sort_run(report, run);
        let sentences = describe_run(report, run, sort);
        if !sentences.is_empty() {
            lines.push(sentences.join(" "));
        }
        lines.extend(describe_note(report, run, sort));
        lines.extend(describe_unchanged(report, run, sort));
        if !matches!(sort, Sort::Listed | Sort::Nothing | Sort::Identical | Sort::Cast) {
            lines.extend(list_rows(report, run));
        }
    }
    if lines.iter().any(|line| line.contains("; published")) {
        lines.push(format!("Published for whole runs of whole models. {}.", list_sources()));
    }
    lines
}

/// How much of both checkpoints was compared: the line that goes before any figure.
fn describe_size(run: &Run) -> String {
    let done = run.tensors.iter().filter(|tensor| tensor.status == Status::Done).count();
    let (name, tensors) = (&run.checkpoint.name, counted(done, "tensor", "tensors"));
    let Some(coverage) = &run.coverage else { return format!("{name}: {tensors} read.") };
    let all = || format!("all {} weights", count(coverage.base.max(coverage.tuned)));
    let share = describe_compared(coverage).unwrap_or_else(all);
    format!("{name}: {tensors} compared, {share}.")
}

/// What is published of a metric and where the run stands in it, or why it has no place; nothing
/// where published ranges say nothing of the run.
fn describe_published(report: &Report, run: &Run, row: Option<Row>) -> String {
    let found = PUBLISHED.iter().find(|one| one.row == row);
    let Some(found) = found.filter(|_| describe_no_place(report, run).is_none()) else {
        return String::new();
    };
    let published = format!("; published: {} ({})", found.text, found.source);
    match found.place(report, run) {
        Ok(standing) => format!("{published}, {}", standing.words()),
        Err(why) => format!("{published}, not placed: {why}"),
    }
}

/// The share that is unchanged, beside what is published of it.
fn describe_unchanged(report: &Report, run: &Run, sort: Sort) -> Option<String> {
    if !matches!(sort, Sort::Whole | Sort::Part | Sort::Step) {
        return None;
    }
    let share = percent(published::measure_change(run).0?);
    let published = describe_published(report, run, None);
    Some(format!("  Unchanged in bf16: {share}{published}"))
}

/// A line for each metric that is read against a random update; none where no matrix has spectra.
fn list_rows(report: &Report, run: &Run) -> Vec<String> {
    if run.tensors.iter().all(|tensor| tensor.geometry.is_none()) {
        return Vec::new();
    }
    // Masks are published at one α: values at another are none of theirs.
    let at = report.settings.alphas.iter().position(|one| *one == mask_alpha()).unwrap_or(0);
    let mut lines = Vec::new();
    for row in ROWS {
        let mut found = (row, read_row(row, &run.tensors, at));
        if row == Row::Spectrum && found.1.matrices == 0 {
            let leading = read_row(Row::LeadingSpectrum, &run.tensors, at);
            if leading.matrices > 0 {
                found = (Row::LeadingSpectrum, leading);
            }
        }
        let (row, reading) = found;
        let masks = match row {
            Row::PrincipalMask | Row::LowMask => {
                report.settings.alphas.get(at).map(|alpha| format!(" (α = {alpha})"))
            }
            _ => None,
        };
        let label = format!("{}{}", row.label(), masks.unwrap_or_default());
        let published = describe_published(report, run, Some(row));
        lines.push(format!("  {label}: {}{published}", describe_reading(row, &reading)));
    }
    lines
}

/// The ratio first, then what it is of.
fn describe_reading(row: Row, reading: &Reading) -> String {
    let Some(ratio) = reading.ratio else {
        let note = reading.note.as_deref().unwrap_or("not known");
        return format!("no ratio: {note}");
    };
    let write = |value: Option<f64>| {
        let Some(value) = value else { return NONE.to_string() };
        match row {
            Row::Principal | Row::PrincipalMask | Row::LowMask => percent(value),
            Row::MedianRotation | Row::LargestRotation => degrees(value),
            Row::Excess => times(value),
            _ => number(value),
        }
    };
    let noise = if reading.noise { ", within noise" } else { "" };
    let partly = reading.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    format!(
        "{} random{noise} ({} beside {}){partly}",
        times(ratio),
        write(reading.value),
        write(reading.baseline)
    )
}
