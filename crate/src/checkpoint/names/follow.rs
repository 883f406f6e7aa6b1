//! Names that follow the layer which they are in, or differ by a family's old words alone.

use crate::checkpoint::names::families::modernize_name;
use crate::checkpoint::names::votes::{Named, Prefixes, find_borders, is_number};
use std::collections::HashSet;

/// A name that follows a replacement: its place, the replacement, and its new form.
pub(crate) type Follower<'a> = (u32, Prefixes<'a>, String);

/// The name up to the first number in it, as `model.layers.0.`; `None` without one.
pub(crate) fn find_layer_stem(name: &str) -> Option<&str> {
    let mut end = 0;
    for component in name.split('.') {
        end += component.len() + 1;
        if is_number(component) {
            return name.get(..end);
        }
    }
    None
}

/// Finds the names in the base of those without a partner, by the replacements that were `taken`.
/// `of_base` and `of_other` are the places of those without a partner, `named` the names given so
/// far.
pub(crate) fn follow_layers<'a>(
    (base, of_base): (&[Named<'_>], &[u32]),
    (other, of_other): (&[Named<'_>], &[u32]),
    taken: &[Prefixes<'a>],
    named: impl Iterator<Item = String>,
) -> Vec<Follower<'a>> {
    let mut found = Vec::new();
    if taken.is_empty() {
        return found;
    }
    let free = || of_base.iter().map(|b| base[*b as usize].name);
    let stems: HashSet<&str> = free().filter_map(find_layer_stem).collect();
    let newest: HashSet<String> = free().map(modernize_name).collect();
    let mut used: HashSet<String> = named.collect();
    used.extend(base.iter().chain(other).map(|n| n.name.to_string()));
    for &place in of_other {
        let name = other[place as usize].name;
        let borders: Vec<usize> = find_borders(name).collect();
        let mut fitting: Vec<_> = taken
            .iter()
            .filter(|(from, _)| name.starts_with(from) && borders.contains(&from.len()))
            .collect();
        fitting.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        for &(from, to) in fitting {
            let new = format!("{to}{}", &name[from.len()..]);
            let known = find_layer_stem(&new).is_some_and(|stem| stems.contains(stem))
                || newest.contains(&modernize_name(&new));
            if known && used.insert(new.clone()) {
                found.push((place, (from, to), new));
                break;
            }
        }
    }
    found
}
