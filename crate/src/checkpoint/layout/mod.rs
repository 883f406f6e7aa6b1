//! Which files of a folder hold the weights of its checkpoint.
//!
//! Folders hold more than one set of weights more often than one thinks: a new file beside old
//! shards, the author's own format, variants of other dtypes, the adapter that was merged, averages
//! and states of training. One set is chosen, in the order in which transformers looks for them
//! (`_get_resolved_checkpoint_files` in modeling_utils.py): `model.safetensors`, then shards with
//! their index, then pickles; what it does not look for comes after these. A complete set comes
//! before one that lacks files, a whole model before an adapter. The others are named, never mixed
//! in.

mod names;
mod refusal;
mod sets;
#[cfg(test)]
mod tests;

use crate::checkpoint::foreign;
use crate::checkpoint::formats;
use crate::checkpoint::index::{self, Index};
use crate::checkpoint::layout::names::Purpose;
use crate::checkpoint::layout::sets::{Set, find_broken, find_sets};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// The files of a folder, sorted out.
pub(crate) struct Layout {
    /// The files that hold the weights.
    pub weights: Vec<Rc<dyn Source>>,
    /// Files that are not used, and why.
    pub left_out: Vec<LeftOut>,
    /// The index of these weights; without one, those that name none of the given files.
    pub indices: Vec<Index>,
    /// Whether no index names these files, and their own names tell that none is missing.
    pub is_whole: bool,
    /// Whether the names say that they hold a whole model, no adapter.
    pub is_model: bool,
}

/// True for the name of a file that may hold weights, whatever its format.
pub fn may_hold_weights(name: &str) -> bool {
    formats::is_weights(&name.to_ascii_lowercase())
}

/// Chooses the files that hold the weights of a checkpoint.
///
/// # Errors
/// [`Error::BadFile`] where none does, or where two sets do and nothing tells which is meant.
pub(crate) async fn choose_weights(name: &str, files: &[Rc<dyn Source>]) -> Result<Layout, Error> {
    let weights: Vec<usize> =
        (0..files.len()).filter(|file| may_hold_weights(files[*file].name())).collect();
    if weights.is_empty() {
        return Err(refusal::explain_nothing(name, files));
    }
    let (mut indices, mut left_out) = (Vec::new(), Vec::new());
    for source in files.iter().filter(|file| index::is_index(file.name())) {
        match Index::read(source.as_ref()).await {
            Ok(index) => indices.push(index),
            Err(error) => left_out.push(LeftOut::new(
                source.name(),
                LeftOutReason::BadFile,
                error.to_string(),
            )),
        }
    }
    let mut sets = find_sets(files, &weights, &indices);
    if sets.len() > 1 {
        find_broken(&mut sets, files).await;
    }
    sets.sort_by_key(order);
    if let [first, second, ..] = &sets[..]
        && order(first) == order(second)
    {
        return Err(refusal::explain_two(name, first, second, files));
    }
    let chosen = &sets[0];
    left_out.extend(list_unused(chosen, &sets, files));
    left_out.extend(list_missing(chosen, files));
    let keep = |place: usize, index: &Index| match chosen.index {
        Some(own) => own == place,
        None => !sets.iter().any(|set| set.index == Some(place)) && is_beside(index, chosen),
    };
    let indices = indices.into_iter().enumerate();
    Ok(Layout {
        weights: chosen.files.iter().map(|file| files[*file].clone()).collect(),
        left_out,
        indices: indices.filter(|(place, index)| keep(*place, index)).map(|(_, i)| i).collect(),
        is_whole: chosen.index.is_none() && chosen.is_whole_by_names(),
        is_model: chosen.name.purpose == Purpose::Model,
    })
}

fn is_beside(index: &Index, set: &Set) -> bool {
    index.folder().trim_end_matches('/').eq_ignore_ascii_case(&set.name.folder)
}

/// The order of preference; two sets that are equal in it are both meant or none.
fn order(set: &Set) -> impl Ord + use<> {
    let name = &set.name;
    let depth = if name.folder.is_empty() { 0 } else { 1 + name.folder.matches('/').count() };
    (
        name.purpose == Purpose::State,
        depth,
        name.purpose,
        !set.is_complete(),
        !set.is_looked_for(),
        name.format,
        !name.variant.is_empty(),
        name.rank(),
        set.index.is_none(),
    )
}

/// Lists the files with weights that are not used: one entry a file, and one for a folder inside
/// the given one.
fn list_unused(chosen: &Set, sets: &[Set], files: &[Rc<dyn Source>]) -> Vec<LeftOut> {
    let used: HashSet<usize> = chosen.files.iter().copied().collect();
    let verb = if chosen.files.len() == 1 { "is" } else { "are" };
    let instead = format!("{} {verb} compared", chosen.describe(files));
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    for set in sets {
        for file in set.files.iter().filter(|file| !used.contains(file)) {
            reasons.entry(*file).or_insert_with(|| explain_unused(set, chosen, &instead));
        }
    }
    for (place, file) in files.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
        if let Some(kind) = foreign::find_kind(file.name()).filter(|k| foreign::holds_weights(k)) {
            reasons
                .entry(place)
                .or_insert_with(|| format!("{instead} in its place ({})", kind.what));
        }
    }
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut left_out = Vec::new();
    for (place, reason) in reasons {
        match files[place].name().rsplit_once('/') {
            Some((folder, name)) if !folder.eq_ignore_ascii_case(&chosen.name.folder) => {
                folders.entry(folder).or_default().push(name);
            }
            _ => left_out.push(LeftOut::new(files[place].name(), LeftOutReason::NotUsed, reason)),
        }
    }
    left_out.extend(folders.into_iter().map(|(folder, names)| {
        let detail = format!(
            "{instead}; this folder inside holds weights, too ({}, {}): give it by \
             itself to compare them",
            names[0],
            if names.len() == 1 { "1 file".into() } else { format!("{} files", names.len()) },
        );
        LeftOut::new(&format!("{folder}/"), LeftOutReason::NotUsed, detail)
    }));
    left_out
}

/// Why a set is not the one that is compared.
fn explain_unused(set: &Set, chosen: &Set, instead: &str) -> String {
    match set.name.purpose {
        Purpose::State => {
            format!("it holds a state of training or an average beside the weights; {instead}")
        }
        Purpose::Adapter if chosen.name.purpose == Purpose::Model => format!(
            "it is an adapter beside a whole model: {instead} as it is. To compare \
             the adapter, give this file by itself"
        ),
        _ if chosen.is_complete() && !set.is_complete() => format!(
            "the folder holds more than one set of weights, and this one lacks files: {instead}"
        ),
        _ => {
            let rule = if chosen.is_looked_for() { ", as transformers would load it" } else { "" };
            format!(
                "the folder holds more than one set of weights: {instead}{rule}. To compare this \
                 one, give it by itself"
            )
        }
    }
}

/// Lists the shards that the numbers of the others tell of, where no index does. A shard that is
/// given by itself stands for itself.
fn list_missing(chosen: &Set, files: &[Rc<dyn Source>]) -> Option<LeftOut> {
    let total = chosen.name.total.filter(|_| chosen.index.is_none() && files.len() > 1)?;
    if chosen.is_whole_by_names() {
        return None;
    }
    let first = (1..=total).find(|number| !chosen.numbers.contains(number))?;
    let lacking = total.saturating_sub(chosen.numbers.len() as u64);
    let there = files[*chosen.files.first()?].name();
    let (before, after) = there.rsplit_once("-of-")?;
    let (stem, digits) = before.rsplit_once('-')?;
    let name = format!("{stem}-{first:0width$}-of-{after}", width = digits.len());
    let others =
        if lacking > 1 { format!(", and {} more of these", lacking - 1) } else { String::new() };
    let detail = format!(
        "the names of the other shards say that there are {total}, but it was not given{others}: \
         add it"
    );
    Some(LeftOut::new(&name, LeftOutReason::MissingShard, detail))
}
