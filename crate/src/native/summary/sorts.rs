//! What a run is, as far as a sentence can be made of it, and what holds beside one
//! (www/report/answer.js, placement.js).

use crate::native::summary::extent::{describe_rows, find_part};
use crate::native::summary::format::sentence;
use gatescope::report::{Report, Run};
use gatescope::settings::Comparison;

/// Dtypes without scales, which hold a weight each.
const PLAIN: [&str; 5] = ["BF16", "F16", "F32", "F64", ""];

/// What a run is, as far as a sentence can be made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Listed,
    Nothing,
    Step,
    Identical,
    Cast,
    Part,
    Adapter,
    Whole,
}

/// The kind of comparison: what the run's own files tell, else what the user set.
fn find_comparison(report: &Report, run: &Run) -> Option<Comparison> {
    run.comparison.or(report.settings.comparison)
}

fn is_identical(run: &Run) -> bool {
    run.model.parameters > 0 && run.model.bit_equal == run.model.parameters
}

fn is_whole_cast(run: &Run) -> bool {
    run.cast.as_ref().is_some_and(|cast| cast.whole)
}

/// Sorts a run.
pub fn sort_run(report: &Report, run: &Run) -> Sort {
    if report.base.is_none() {
        Sort::Listed
    } else if run.model.tensors == 0 {
        Sort::Nothing
    } else if find_part(report, run).is_some() {
        Sort::Part
    } else if is_identical(run) {
        Sort::Identical
    } else if is_whole_cast(run) {
        Sort::Cast
    } else if matches!(find_comparison(report, run), Some(Comparison::PerStep | Comparison::Steps))
    {
        Sort::Step
    } else if run.tensors.iter().any(|tensor| tensor.adapter.is_some()) {
        Sort::Adapter
    } else {
        Sort::Whole
    }
}

/// What a quantisation of the tuned checkpoint alone adds to an update.
fn describe_quantized(run: &Run) -> Option<String> {
    let found = run.tensors.iter().find(|tensor| {
        let (from, to) = (tensor.dtype_base.as_str(), tensor.dtype_tuned.as_str());
        tensor.adapter.is_none() && !from.is_empty() && from != to && !PLAIN.contains(&to)
    })?;
    Some(format!(
        "Δ holds the error of a quantisation, and may be nothing else: weights are stored as {}, \
         those of the base as {}.",
        found.dtype_tuned, found.dtype_base
    ))
}

/// Why published ranges say nothing of a run; `None` where they do.
pub fn describe_no_place(report: &Report, run: &Run) -> Option<String> {
    let steps = [Comparison::PerStep, Comparison::Steps];
    Some(if report.base.is_none() {
        "Published ranges take the base, which is not there.".into()
    } else if find_comparison(report, run).is_some_and(|kind| steps.contains(&kind)) {
        "Published ranges are of whole runs and say nothing of single steps.".into()
    } else if find_part(report, run).is_some() {
        "Published ranges are of whole models and say nothing of a part of one.".into()
    } else if is_whole_cast(run) {
        "Published ranges are of training and say nothing of the rounding between two dtypes."
            .into()
    } else if let Some(quantized) = describe_quantized(run) {
        format!("{quantized} Published ranges are of training and say nothing of it.")
    } else if run.tensors.iter().any(|tensor| tensor.adapter.is_some()) {
        "Published ranges are of models trained in full and say nothing of an adapter.".into()
    } else {
        return None;
    })
}

/// Why no sentence is made of a run, or what holds beside it.
pub fn describe_note(report: &Report, run: &Run, sort: Sort) -> Option<String> {
    match sort {
        Sort::Listed => Some(
            "Without the base, how far the weights moved, and where in its spectrum, is not known."
                .into(),
        ),
        Sort::Nothing => Some("No tensor was compared.".into()),
        Sort::Step if find_comparison(report, run) == Some(Comparison::Steps) => Some(
            "Steps of one run: published ranges are of whole runs and say nothing of them.".into(),
        ),
        Sort::Step => Some(
            "One step of a run: published ranges are of whole runs and say nothing of it.".into(),
        ),
        Sort::Part => {
            let reasons = find_part(report, run).map(|(_, reasons)| reasons).unwrap_or_default();
            let part = match reasons.as_slice() {
                [] => String::new(),
                reasons => format!("Part of the model: {}. ", reasons.join(", ")),
            };
            let rest = if is_identical(run) {
                "No weight of it differs."
            } else {
                "All values are of this part; published ranges, of whole models, say nothing of it."
            };
            Some(format!("{part}{rest}"))
        }
        _ => {
            let place = (sort != Sort::Identical).then(|| describe_no_place(report, run)).flatten();
            let rows = describe_rows(run).map(|rows| sentence(&rows));
            let notes: Vec<String> = place.into_iter().chain(rows).collect();
            (!notes.is_empty()).then(|| notes.join(" "))
        }
    }
}
