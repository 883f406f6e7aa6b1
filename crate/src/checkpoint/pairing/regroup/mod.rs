//! Weights that the two sides cut differently: experts in one tensor each or stacked, projections
//! fused or apart, layers stored as transposes, and modules under a family's old names.
//!
//! Everything here is exact or not done: the shapes of both sides must leave one reading, and all
//! elements of the tuned tensors must have their place in the base.

mod experts;
pub mod fused;
mod made;
pub mod place;
pub mod turned;

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::families::{find_old_words, modernize_name};
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::names::votes::is_number;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::pairing::regroup::experts::regroup_experts;
use crate::checkpoint::pairing::regroup::fused::{explain_fused, regroup_fused};
use crate::checkpoint::pairing::regroup::made::Made;
use crate::checkpoint::pairing::regroup::place::find_place;
use crate::checkpoint::pairing::regroup::turned::turn_layers;
use std::collections::{HashMap, HashSet};

/// What regrouping changed.
#[derive(Default)]
pub(crate) struct Regrouped {
    /// The rules, with patterns of names: `{e}` is the number of an expert.
    pub rules: Vec<Rule>,
    /// Why tensors of the tuned checkpoint could not be cut as the base is, by name.
    pub refused: HashMap<String, String>,
}

/// Cuts the partners that have no counterpart in the base as the base has them.
pub(crate) fn regroup(
    base: &Checkpoint,
    tuned: &Checkpoint,
    partners: &mut Vec<Partner>,
) -> Regrouped {
    let mut out = Regrouped::default();
    let there: HashSet<String> = partners.iter().map(|p| p.entry.name.clone()).collect();
    let alone: Vec<&TensorEntry> =
        base.tensors.iter().filter(|b| !there.contains(&b.name)).collect();
    let turned = find_turned_experts(base, partners);
    let mut made = turn_layers(base, partners);
    if alone.is_empty() && turned.is_empty() && made.is_empty() {
        return out;
    }
    let is_turned = |name: &str| {
        !turned.is_empty() && find_place(name).is_some_and(|(experts, _)| turned.contains(&experts))
    };
    let mut alone = match_old_names(&alone, base, partners, &mut out.rules);
    alone.extend(base.tensors.iter().filter(|b| there.contains(&b.name) && is_turned(&b.name)));
    let free: Vec<usize> = (0..partners.len())
        .filter(|at| {
            let entry = &partners[*at].entry;
            entry.update.is_none() && (base.get(&entry.name).is_none() || is_turned(&entry.name))
        })
        .collect();
    if !alone.is_empty() && !free.is_empty() {
        let (experts, refused) = regroup_experts(base, tuned, &alone, partners, &free);
        out.refused = refused;
        made.extend(experts);
        made.extend(regroup_fused(base, tuned, &alone, partners, &free));
        out.refused.extend(explain_fused(&alone, partners, &free, &made));
    }
    tell_rules(&made, partners, &mut out.rules);
    let gone: HashSet<usize> = made.iter().flat_map(|m| m.of.iter().copied()).collect();
    let mut at = 0;
    let mut new = Vec::new();
    for m in made {
        let original = partners[m.of[0]].original.clone();
        new.push(Partner { entry: m.entry, original });
    }
    partners.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    partners.extend(new);
    out
}

/// Finds the experts that one side stacks as the transposes of the other's, under the same names: a
/// stack that is not square tells it of all stacks of its layer.
fn find_turned_experts(base: &Checkpoint, partners: &[Partner]) -> HashSet<String> {
    let is_turned = |p: &&Partner| match base.get(&p.entry.name).map(|b| &b.shape[..]) {
        Some(&[experts, rows, columns]) => {
            rows != columns && p.entry.shape == [experts, columns, rows]
        }
        _ => false,
    };
    let turned = partners.iter().filter(is_turned);
    turned.filter_map(|p| find_place(&p.entry.name)).map(|(experts, _)| experts).collect()
}

/// Renames partners whose names differ from the base's by a family's old words alone. Returns the
/// tensors of the base that are still alone.
fn match_old_names<'a>(
    alone: &[&'a TensorEntry],
    base: &Checkpoint,
    partners: &mut [Partner],
    rules: &mut Vec<Rule>,
) -> Vec<&'a TensorEntry> {
    let mut by_newest: HashMap<String, Option<&TensorEntry>> = HashMap::new();
    for b in alone {
        // Two with one newest name are none's.
        by_newest.entry(modernize_name(&b.name)).and_modify(|b| *b = None).or_insert(Some(b));
    }
    let mut found = HashSet::new();
    for p in partners.iter_mut().filter(|p| base.get(&p.entry.name).is_none()) {
        let Some(Some(b)) = by_newest.get(&modernize_name(&p.entry.name)) else { continue };
        if b.shape != p.entry.shape || !found.insert(b.name.as_str()) {
            continue;
        }
        for (old, new) in find_old_words(&p.entry.name) {
            Rule::count(rules, old, new, &p.original, &b.name);
        }
        for (old, new) in find_old_words(&b.name) {
            Rule::count(rules, new, old, &p.original, &b.name);
        }
        p.entry.name = b.name.clone();
    }
    alone.iter().copied().filter(|b| !found.contains(b.name.as_str())).collect()
}

/// The last components of a name from `experts` or the projection on, with `{e}` for the number of
/// an expert.
fn make_pattern(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let last_two = parts.len().saturating_sub(2);
    let start = parts.iter().position(|part| modernize_name(part) == "experts").unwrap_or(last_two);
    let word = |part: &&str| if is_number(part) { "{e}".to_string() } else { part.to_string() };
    parts[start..].iter().map(word).collect::<Vec<_>>().join(".")
}

/// Tells how tensors were cut: one rule for each pattern of names, with what is made of it.
fn tell_rules(made: &[Made], partners: &[Partner], rules: &mut Vec<Rule>) {
    // In the order of the places, so that the rules do not depend on that of maps.
    let mut uses: Vec<(usize, &str)> =
        made.iter().flat_map(|m| m.of.iter().map(|at| (*at, m.entry.name.as_str()))).collect();
    uses.sort_by_key(|(at, _)| *at);
    for of_one in uses.chunk_by(|a, b| a.0 == b.0) {
        let name = &partners[of_one[0].0].entry.name;
        let mut made_of: Vec<String> = Vec::new();
        for (_, b) in of_one {
            let pattern = make_pattern(b);
            if !made_of.contains(&pattern) {
                made_of.push(pattern);
            }
        }
        let original = &partners[of_one[0].0].original;
        let (from, mut to) = (make_pattern(name), made_of.join(", "));
        if from == to {
            to.push_str(", transposed");
        }
        Rule::count(rules, &from, &to, original, of_one[0].1);
    }
}
