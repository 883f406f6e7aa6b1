//! Tensors of base and tuned that belong together.
//!
//! They find each other by name: as it is, by the renamings that a user asks for, by the rule of
//! [`align_names`](crate::checkpoint::names::align), and where the two sides cut the same weights
//! differently by [`regroup`]. The base's names name what is compared.

pub mod copies;
mod measure;
pub mod pair;
mod partners;
pub mod regroup;
mod rows;
#[cfg(test)]
mod tests;
mod tied;

pub(crate) use measure::count_compared;
pub use pair::{Pair, Side, Unmerged};

use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora as adapter;
use crate::checkpoint::names::layers::LayerSet;
use crate::checkpoint::names::others::name_other_program;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming};
use crate::checkpoint::names::{natural, role::find_role};
use crate::checkpoint::onto::place_delta;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::copies::list_copies;
use crate::checkpoint::pairing::measure::measure_coverage;
use crate::checkpoint::pairing::pair::cut_pair;
use crate::checkpoint::pairing::partners::find_partners;
use crate::checkpoint::pairing::regroup::regroup;
use crate::checkpoint::pairing::rows::{cut_rows, drop_ones};
use crate::checkpoint::pairing::tied::{explain_missing_head, find_tied_head};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::{HashMap, HashSet};

/// The pairs of a base and a tuned checkpoint.
pub struct Pairing {
    /// The pairs in the base's order.
    pub pairs: Vec<Pair>,
    /// What has no partner or can't be read, and why.
    pub left_out: Vec<LeftOut>,
    /// The rules by which names of one side were changed to find their partners.
    pub renamings: Vec<Renaming>,
    /// The share of both that is compared.
    pub coverage: Coverage,
}

/// Lists what can't be read in a base and in a tuned checkpoint: once what is the same in both, as
/// a buffer is.
fn list_problems(base: &[LeftOut], tuned: &[LeftOut]) -> Vec<LeftOut> {
    let [of_base, of_tuned] = [base, tuned].map(|side| side.iter().collect::<HashSet<_>>());
    let say = |p: &LeftOut, place: &str| {
        // The message of a file begins with its name.
        let what = p.detail.strip_prefix(&format!("{}: ", p.name)).unwrap_or(&p.detail);
        LeftOut::new(&p.name, p.reason, format!("in {place}: {what}"))
    };
    let first = base.iter().map(|p| {
        let both = of_tuned.contains(p);
        say(p, if both { "both checkpoints" } else { "the base checkpoint" })
    });
    let rest = tuned.iter().filter(|p| !of_base.contains(p));
    first.chain(rest.map(|p| say(p, "the tuned checkpoint"))).collect()
}

/// Pairs the tensors of two checkpoints by name.
pub fn pair_tensors(base: &Checkpoint, tuned: &Checkpoint, layers: Option<&LayerSet>) -> Pairing {
    pair_renamed(base, tuned, layers, &[])
}

/// Pairs the tensors of two checkpoints by name, after the prefixes `asked` were replaced in those
/// of the tuned one.
pub fn pair_renamed(
    base: &Checkpoint,
    tuned: &Checkpoint,
    layers: Option<&LayerSet>,
    asked: &[[String; 2]],
) -> Pairing {
    let (mut pairs, mut left_out, mut renamings) = (Vec::new(), Vec::new(), Vec::new());
    let again = tuned.delta.as_ref().filter(|_| !asked.is_empty());
    let again = again.map(|delta| place_delta(&tuned.name, delta, base, asked));
    let placed = again.as_ref().unwrap_or(&tuned.placed);
    let (of_whole, of_parts): (Vec<&LeftOut>, _) =
        placed.problems.iter().partition(|p| p.name == tuned.name);
    left_out.extend(of_whole.into_iter().cloned());
    let problems: Vec<LeftOut> = tuned.problems.iter().chain(of_parts).cloned().collect();
    left_out.extend(list_problems(&base.problems, &problems));
    for (renamed, checkpoint) in [(RenamedSide::Base, base), (RenamedSide::Tuned, tuned)] {
        renamings.extend(checkpoint.renamed.iter().map(|rule| rule.clone().on(renamed)));
    }
    renamings.extend(placed.renamed.iter().map(|rule| rule.clone().on(RenamedSide::Tuned)));
    let with_adapter = tuned.adapter.as_ref().map(|config| {
        let applied = adapter::apply_adapter(base, tuned, config, asked);
        left_out.extend(applied.left_out);
        renamings.extend(applied.renamings);
        applied.tensors
    });
    let whole = again.as_ref().map_or(&tuned.tensors, |placed| &placed.tensors);
    let tensors = with_adapter.as_ref().unwrap_or(whole);
    // The tensors of an adapter and of a delta have the base's names by now.
    let asked = if with_adapter.is_some() || again.is_some() { &[] } else { asked };
    let mut partners = find_partners(base, tensors, asked);
    renamings.extend(partners.renamings.iter().cloned());
    let regrouped = regroup(base, tuned, &mut partners.tensors);
    renamings.extend(regrouped.rules.into_iter().map(|rule| rule.on(RenamedSide::Tuned)));
    if with_adapter.is_none() {
        left_out.extend(list_copies(base, tuned, &partners.tensors));
    }
    // What can't be read on one side is not missing there.
    let mut listed: HashSet<String> = left_out.iter().map(|l| l.name.clone()).collect();
    listed.extend(problems.iter().flat_map(|p| partners.rename_problem(&p.name)));
    let named: HashMap<&str, &TensorEntry> =
        partners.tensors.iter().map(|p| (p.entry.name.as_str(), &p.entry)).collect();
    let mut pair_up = |b: &TensorEntry, t: &TensorEntry, left_out: &mut Vec<LeftOut>| {
        let chosen = |set: &LayerSet| {
            find_role(&b.name, &b.shape).layer.is_some_and(|layer| set.contains(layer))
        };
        if layers.is_some_and(|set| !chosen(set)) {
            left_out.push(LeftOut::new(
                &b.name,
                LeftOutReason::LayerNotSelected,
                "it is in none of the layers chosen",
            ));
            return;
        }
        if b.shape == t.shape {
            pairs.extend(cut_pair(b, t));
        } else if let Some(t) = drop_ones(b, t) {
            pairs.extend(cut_pair(b, &t));
        } else if let Some(cut) = cut_rows(b, t) {
            left_out.push(LeftOut::new(&b.name, LeftOutReason::RowsDiffer, cut.detail));
            pairs.extend(cut_pair(&cut.base, &cut.tuned));
        } else {
            left_out.push(LeftOut::new(
                &b.name,
                LeftOutReason::ShapeDiffers,
                format!("base {:?}, tuned {:?}", b.shape, t.shape),
            ));
        }
    };
    let head = find_tied_head(base, tuned, &partners.tensors, with_adapter.is_some());
    for b in &base.tensors {
        if let Some(t) = named.get(b.name.as_str()) {
            pair_up(b, t, &mut left_out);
        } else if let Some(head) = head.as_ref().filter(|head| head.base.name == b.name) {
            pair_up(&head.base, &head.tuned, &mut left_out);
        } else if !listed.contains(&b.name) {
            let (reason, detail) = match with_adapter {
                None => (
                    LeftOutReason::OnlyInBase,
                    name_other_program(&b.name).map_or_else(
                        || explain_missing_head(&b.name, "tuned checkpoint", tuned),
                        |told| format!("the tuned checkpoint has no tensor of this name; {told}"),
                    ),
                ),
                Some(_) => {
                    (LeftOutReason::NotAdapted, "the adapter leaves it as it is".to_string())
                }
            };
            left_out.push(LeftOut::new(&b.name, reason, detail));
        }
    }
    let tied_to_base = head.as_ref().filter(|head| base.get(&head.base.name).is_none());
    if let Some(head) = tied_to_base {
        pair_up(&head.base, &head.tuned, &mut left_out);
    }
    renamings.extend(head.iter().map(|head| head.renaming.clone()));
    let mut extra: Vec<_> = partners
        .tensors
        .iter()
        .filter(|p| {
            base.get(&p.entry.name).is_none()
                && !listed.contains(&p.entry.name)
                && !listed.contains(&p.original)
                && tied_to_base.is_none_or(|head| head.tuned.name != p.entry.name)
        })
        .collect();
    extra.sort_by(|a, b| natural::compare_names(&a.original, &b.original));
    left_out.extend(extra.iter().map(|p| {
        let detail = partners
            .explain_doubt(&p.original)
            .or_else(|| regrouped.refused.get(&p.entry.name).cloned())
            .or_else(|| {
                let told = name_other_program(&p.original)?;
                Some(format!("the base has no tensor of this name; {told}"))
            })
            .unwrap_or_else(|| explain_missing_head(&p.entry.name, "base", base));
        LeftOut::new(&p.original, LeftOutReason::OnlyInTuned, detail)
    }));
    let coverage = measure_coverage(base, tuned, tensors, &pairs, &left_out);
    Pairing { pairs, left_out, renamings, coverage }
}
