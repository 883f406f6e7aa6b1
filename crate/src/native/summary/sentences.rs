//! The sentences about one run (www/report/answer.js, sentences.js): they place it among what
//! others published and never judge it. None is made of what no published range is of.

use crate::native::summary::energy::{find_concentration, has_layers};
use crate::native::summary::extent::{describe_rows, find_part};
use crate::native::summary::format::{
    count, counted, enumerate, round_share, sentence, shorten, times,
};
use crate::native::summary::published::{PUBLISHED, Standing, measure_change};
use crate::native::summary::readings::{Row, read_row};
use gatescope::figures::cast::report::RoundedSide;
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

/// Where a run stands among published ranges: every placed metric is counted.
fn describe_places(report: &Report, run: &Run) -> String {
    let mut places: Vec<Standing> =
        PUBLISHED.iter().filter_map(|one| one.place(report, run).ok()).collect();
    places.sort_unstable();
    let Some(first) = places.first() else { return String::new() };
    let among = "placed among published ranges";
    let all = places.len();
    if all == 1 {
        return format!(" The one metric {among} is {}.", first.words());
    }
    if places.iter().all(|place| place == first) {
        return format!(" All {all} metrics {among} are {}.", first.words());
    }
    let mut groups: Vec<String> = Vec::new();
    for (i, group) in places.chunk_by(|a, b| a == b).enumerate() {
        let n = group.len();
        let verb = if i > 0 {
            ""
        } else if n == 1 {
            "is "
        } else {
            "are "
        };
        groups.push(format!("{n} {verb}{}", group[0].words()));
    }
    format!(" Of {all} metrics {among}, {}.", enumerate(&groups))
}

/// How much a run changed, and where that places it.
fn describe_change(report: &Report, run: &Run, name: &str) -> String {
    let (unchanged, relative) = measure_change(run);
    let share = unchanged.map_or("an unknown share".into(), |share| round_share(1.0 - share));
    let verb = if unchanged.is_some() { "differ" } else { "differs" };
    let size = relative.map(|size| format!("; ‖Δ‖ is {} of ‖W‖", round_share(size)));
    let places = if describe_no_place(report, run).is_none() {
        describe_places(report, run)
    } else {
        String::new()
    };
    format!("In {name}, {share} of weights {verb} in bf16{}.{places}", size.unwrap_or_default())
}

/// What an adapter is.
fn describe_adapter(run: &Run, name: &str) -> String {
    let adapted: Vec<_> = run
        .tensors
        .iter()
        .filter_map(|tensor| Some((tensor.adapter.as_ref()?, tensor.update.as_ref())))
        .collect();
    let mut ranks: Vec<usize> = adapted.iter().map(|(adapter, _)| adapter.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    let touched: u64 = adapted.iter().map(|(adapter, _)| adapter.touched).sum();
    let changed: f64 =
        adapted.iter().map(|(one, _)| one.touched as f64 * one.survives.unwrap_or(0.0)).sum();
    let rank = if ranks.len() == 1 { "rank" } else { "ranks" };
    let ranks: Vec<String> = ranks.iter().map(ToString::to_string).collect();
    let mut text = format!("{name} is a LoRA adapter of {rank} {}", enumerate(&ranks));
    if let (_, Some(relative)) = measure_change(run) {
        text.push_str(&format!(
            ": it moves the {} that it adapts by {} of their norm",
            counted(adapted.len(), "matrix", "matrices"),
            round_share(relative)
        ));
    }
    if touched > 0 {
        text.push_str(&format!(
            "; after the merge in bf16, {} of the weights that it touches are changed",
            round_share(changed / touched as f64)
        ));
    }
    text + "."
}

/// Whether a run moved the principal subspaces more than a random update would.
fn describe_side(run: &Run) -> String {
    let found = read_row(Row::Principal, &run.tensors, 0);
    let Some(ratio) = found.ratio else {
        let note = found.note.map(|note| format!(": {note}")).unwrap_or_default();
        return format!("Whether it is on-principal is not known{note}.");
    };
    let side = match (found.noise, ratio > 1.0) {
        (true, _) => "neither on- nor off-principal",
        (false, true) => "on-principal",
        (false, false) => "off-principal",
    };
    format!("It is {side} ({} random).", times(ratio))
}

/// Where the energy of an update lies.
fn describe_spread(run: &Run) -> Option<String> {
    match find_concentration(&run.tensors) {
        Some((place, energy)) => {
            Some(format!("{} of its update is in {place}.", round_share(energy)))
        }
        None => has_layers(&run.tensors).then(|| "Its update is spread over the layers.".into()),
    }
}

/// What a run that is a cast is.
fn describe_cast(run: &Run, name: &str) -> Option<String> {
    let cast = run.cast.as_ref().filter(|cast| cast.whole)?;
    let gate = if run.model.unchanged == run.model.parameters {
        ": no weight changed in bf16"
    } else {
        ""
    };
    let (from, to) = (&cast.from, &cast.to);
    if cast.rounded == RoundedSide::Base {
        return Some(format!(
            "{name} differs from the base by less than {from} can hold{gate}. Rounded from {to} \
             to {from}, every weight is the base’s, as in two casts of one model."
        ));
    }
    let stored = || run.tensors.iter().filter_map(|t| Some((t.cast.as_ref()?, t.update.as_ref())));
    let rounding = stored().map(|(cast, _)| cast.rounding.powi(2)).sum::<f64>().sqrt();
    let base = stored().filter_map(|(_, update)| update);
    let base = base.map(|update| update.frobenius_base.powi(2)).sum::<f64>().sqrt();
    let size = (rounding > 0.0 && base > 0.0)
        .then(|| format!("; the rounding is {} of ‖W‖", round_share(rounding / base)));
    Some(format!(
        "{name} is a cast of the base from {from} to {to}{gate}. Every weight is the base’s, \
         rounded{}.",
        size.unwrap_or_default()
    ))
}

/// What a sparse delta lists, without its base.
fn describe_listed(run: &Run, name: &str) -> String {
    let Some(listed) = &run.model.listed else {
        return "No tensor of the deltas could be read.".into();
    };
    match listed.density {
        Some(density) => {
            format!("The delta of {name} lists {} of its weights as changed.", round_share(density))
        }
        None => {
            let weights = if listed.changed == 1 { "weight" } else { "weights" };
            format!("The delta of {name} lists {} {weights} as changed.", count(listed.changed))
        }
    }
}

/// The sentences about a run.
pub fn describe_run(report: &Report, run: &Run, sort: Sort) -> Vec<String> {
    let name = shorten(&run.checkpoint.name);
    match sort {
        Sort::Listed => vec![describe_listed(run, &name)],
        Sort::Nothing | Sort::Step => Vec::new(),
        Sort::Identical => vec!["Identical to the base: no weight differs.".into()],
        Sort::Cast => describe_cast(run, &name).into_iter().collect(),
        Sort::Part => {
            let share = find_part(report, run).and_then(|(share, _)| share);
            let share = share.map(|share| sentence(&format!("{share} were compared")));
            share.into_iter().chain(describe_cast(run, &name)).collect()
        }
        Sort::Adapter => {
            let first = describe_adapter(run, &name);
            [first, describe_side(run)].into_iter().chain(describe_spread(run)).collect()
        }
        Sort::Whole => {
            let first = describe_change(report, run, &name);
            [first, describe_side(run)].into_iter().chain(describe_spread(run)).collect()
        }
    }
}
