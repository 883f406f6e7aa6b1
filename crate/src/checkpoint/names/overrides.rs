//! Replacements of prefixes that a user asks for.

use crate::checkpoint::names::align::{Alignment, align_names};
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::names::votes::Named;
use std::collections::HashSet;

/// Replaces the prefix `from` of `name` by `to`, at a dot; `None` where the name does not begin
/// with it. A dot at the end of either says nothing more; an empty one stands for no prefix.
fn replace_prefix(name: &str, from: &str, to: &str) -> Option<String> {
    let (from, to) = (from.trim_end_matches('.'), to.trim_end_matches('.'));
    let rest = match name.strip_prefix(from)? {
        whole if from.is_empty() => whole,
        "" => return Some(to.into()).filter(|to: &String| !to.is_empty()),
        rest => rest.strip_prefix('.')?,
    };
    Some(if to.is_empty() { rest.into() } else { format!("{to}.{rest}") })
}

/// Renames as a user asked: the first rule that fits a name is applied to it. Returns the new name,
/// and counts it in `rules`.
pub(crate) fn rename_by(
    asked: &[[String; 2]],
    name: &str,
    rules: &mut Vec<Rule>,
) -> Option<String> {
    let (new, [from, to]) =
        asked.iter().find_map(|rule| Some((replace_prefix(name, &rule[0], &rule[1])?, rule)))?;
    Rule::count(rules, from, to, name, &new);
    Some(new)
}

/// Finds the names that tensors have in a base: first as a user `asked`, then by alignment. Those
/// that change have a name in what is returned, and its rules count them.
pub(crate) fn align_asked(
    base: &[Named<'_>],
    own: &[Named<'_>],
    asked: &[[String; 2]],
) -> Alignment {
    let mut rules = Vec::new();
    let mut used: HashSet<String> = HashSet::new();
    if !asked.is_empty() {
        used.extend(own.iter().map(|tensor| tensor.name.to_string()));
    }
    let mut rename = |name: &str| {
        let new = rename_by(asked, name, &mut Vec::new())?;
        // Never two tensors to one name.
        if !used.insert(new) {
            return None;
        }
        rename_by(asked, name, &mut rules)
    };
    let new: Vec<Option<String>> = own.iter().map(|tensor| rename(tensor.name)).collect();
    let renamed: Vec<Named<'_>> = own
        .iter()
        .zip(&new)
        .map(|(tensor, new)| Named { name: new.as_deref().unwrap_or(tensor.name), ..*tensor })
        .collect();
    let mut found = align_names(base, &renamed);
    rules.append(&mut found.rules);
    found.rules = rules;
    for (name, new) in found.names.iter_mut().zip(new) {
        *name = name.take().or(new);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_at_dots() {
        for (name, from, to, new) in [
            ("actor.model.w", "actor.", "", Some("model.w")),
            ("actor.model.w", "actor", "", Some("model.w")),
            ("actors.model.w", "actor", "", None),
            ("model.w", "", "text.", Some("text.model.w")),
            ("a.b.w", "a.b", "c", Some("c.w")),
            ("head.weight", "head.weight", "lm_head.weight", Some("lm_head.weight")),
            ("head", "head", "", None),
        ] {
            assert_eq!(replace_prefix(name, from, to).as_deref(), new, "{name} {from} {to}");
        }
        let asked = [["a", "b"], ["a", "c"]].map(|rule| rule.map(String::from));
        let mut rules = Vec::new();
        assert_eq!(rename_by(&asked, "a.w", &mut rules).as_deref(), Some("b.w"));
        assert_eq!((rules.len(), rules[0].tensors), (1, 1));
    }
}
