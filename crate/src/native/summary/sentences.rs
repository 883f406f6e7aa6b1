//! The sentences about one run (www/report/answer.js, sentences.js): they place it among what
//! others published and never judge it. None is made of what no published range is of.

use crate::native::summary::energy::{find_concentration, has_layers};
use crate::native::summary::extent::find_part;
use crate::native::summary::format::{
    count, counted, enumerate, round_share, sentence, shorten, times,
};
use crate::native::summary::published::{PUBLISHED, Standing, measure_change};
use crate::native::summary::readings::{Row, read_row};
use crate::native::summary::sorts::{Sort, describe_no_place};
use gatescope::figures::cast::report::RoundedSide;
use gatescope::report::{Report, Run};
use std::collections::BTreeMap;

/// A metric as its row is called, within a sentence.
fn name_in_sentence(row: Option<Row>) -> String {
    let label = row.map_or("Unchanged in bf16", Row::label);
    let mut letters = label.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect::<String>())
}

/// Where a run stands among published ranges: every placed metric is named.
fn describe_places(report: &Report, run: &Run) -> String {
    let mut groups: BTreeMap<Standing, Vec<String>> = BTreeMap::new();
    for published in PUBLISHED.iter() {
        if let Ok(place) = published.place(report, run) {
            groups.entry(place).or_default().push(name_in_sentence(published.row));
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let places: Vec<String> = groups
        .iter()
        .map(|(place, names)| {
            let verb = if names.len() == 1 { "is" } else { "are" };
            format!("{} {verb} {}", enumerate(names), place.words())
        })
        .collect();
    format!(" Against published runs: {}.", places.join("; "))
}

/// How much a run changed, and where that places it.
fn describe_change(report: &Report, run: &Run, name: &str) -> String {
    let (unchanged, relative) = measure_change(run);
    let share = unchanged.map_or("an unknown share".into(), |share| round_share(1.0 - share));
    let verb = if unchanged.is_some() { "differ" } else { "differs" };
    let size = relative.map(|size| format!("; the relative update is {}", round_share(size)));
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
