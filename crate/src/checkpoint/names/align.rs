//! Aligns the names of a checkpoint with those of its base.
//!
//! One model is saved under many names: a vision-language model holds its text tower under
//! `model.language_model.`, a file on the Hub may lack the `transformer.` that a trainer writes, a
//! policy stands under `actor.`. The rule by which they find each other:
//!
//! 1. A name that both have stays as it is, whatever the shapes.
//! 2. Each other name votes for the replacement of a prefix: with the longest suffix that a name of
//!    the base without a partner has, too, with the same shape. `model.language_model.layers.0.w`
//!    and `model.layers.0.w` have `layers.0.w` in common and vote for `model.language_model.` →
//!    `model.`; either side may be empty. A prefix ends at a dot, and no number stands in it or
//!    right behind it, so that one layer is never taken for another.
//! 3. The replacement with the most votes is taken, those that it gives a partner leave, and so on.
//!    A replacement without the vote of a numbered name, as of a layer, is only taken where one
//!    name is the whole end of the other (`language_model.lm_head.weight`, `lm_head.weight`).
//! 4. Two replacements with as many votes that would give one tensor two partners are ambiguous:
//!    neither is taken, and both are told.
//! 5. What has no partner of its name (an expert of a stack) goes with the layer that it is in, or
//!    with a name of the base that differs from its new one by a family's old words alone.
//!
//! The new names are distinct, and none is one that its checkpoint has already. The time is linear
//! in the number of names.

use crate::checkpoint::names::choose::{MOST_RULES, choose_rule, is_evident};
use crate::checkpoint::names::follow::follow_layers;
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::names::votes::{Named, Prefixes, count_votes};
use std::collections::{HashMap, HashSet};

/// The names of one checkpoint as its base calls them.
#[derive(Debug, Default)]
pub struct Alignment {
    /// The new name of each, in order; `None` where the name stays.
    pub names: Vec<Option<String>>,
    /// The replacements, those with most names first.
    pub rules: Vec<Rule>,
    /// Replacements of which none was taken because they fit equally well, as `(from, to)`.
    pub ambiguous: Vec<[(String, String); 2]>,
}

impl Alignment {
    /// Explains why no replacement was taken for `name`; `None` where none was in question.
    pub fn explain_doubt(&self, name: &str) -> Option<String> {
        let of_name = |rules: &&[(String, String); 2]| {
            rules.iter().any(|(from, _)| !from.is_empty() && name.starts_with(from.as_str()))
                || rules.iter().all(|(from, _)| from.is_empty())
        };
        let [(a, b), (c, d)] = self.ambiguous.iter().find(of_name)?;
        Some(format!(
            "`{a}` for the base's `{b}` and `{c}` for its `{d}` fit equally well, so neither is \
            taken: say which one by a renaming of prefixes, `{a}={b}`"
        ))
    }
}

/// Aligns the names `other` with those of `base`; the names within each are distinct.
pub fn align_names(base: &[Named<'_>], other: &[Named<'_>]) -> Alignment {
    let theirs: HashMap<&str, u32> = base.iter().map(|n| n.name).zip(0..).collect();
    let own: HashSet<&str> = other.iter().map(|n| n.name).collect();
    let mut of_base: Vec<u32> =
        (0..).zip(base).filter(|(_, n)| !own.contains(n.name)).map(|(i, _)| i).collect();
    let mut of_other: Vec<u32> =
        (0..).zip(other).filter(|(_, n)| !theirs.contains_key(n.name)).map(|(i, _)| i).collect();
    let mut votes = count_votes(base, &of_base, other, &of_other);
    votes.retain(|rule, ballot| is_evident(*rule, ballot, other));
    let mut out = Alignment { names: vec![None; other.len()], ..Alignment::default() };
    let mut taken: Vec<Prefixes<'_>> = Vec::new();
    while taken.len() < MOST_RULES && !votes.is_empty() {
        let Some(rule) = choose_rule(&mut votes, &mut out.ambiguous) else { continue };
        taken.push(rule);
        let (from, to) = rule;
        let (mut gone_base, mut gone_other) = (HashSet::new(), HashSet::new());
        let free: HashSet<u32> = of_base.iter().copied().collect();
        for &place in &of_other {
            let name = other[place as usize].name;
            let Some(rest) = name.strip_prefix(from) else { continue };
            let new = format!("{to}{rest}");
            let Some(&b) = theirs.get(new.as_str()).filter(|b| free.contains(b)) else { continue };
            Rule::count(&mut out.rules, from, to, name, &new);
            out.names[place as usize] = Some(new);
            gone_base.insert(b);
            gone_other.insert(place);
        }
        of_base.retain(|b| !gone_base.contains(b));
        of_other.retain(|t| !gone_other.contains(t));
        votes.retain(|rule, ballot| {
            ballot.retain(|(b, t)| !gone_base.contains(b) && !gone_other.contains(t));
            *rule != (from, to) && !ballot.is_empty()
        });
    }
    let named = out.names.iter().flatten().cloned();
    for (place, (from, to), new) in
        follow_layers((base, &of_base), (other, &of_other), &taken, named)
    {
        Rule::count(&mut out.rules, from, to, other[place as usize].name, &new);
        out.names[place as usize] = Some(new);
    }
    out.rules.sort_by_key(|rule| std::cmp::Reverse(rule.tensors));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u64] = &[4, 4];

    fn align(base: &[(&str, &[u64])], other: &[(&str, &[u64])]) -> (Vec<String>, Vec<String>) {
        let named = |all: &[(&'static str, &'static [u64])]| -> Vec<Named<'static>> {
            all.iter().map(|(name, shape)| Named::new(name, shape)).collect()
        };
        // Names of a test live as long as the test.
        let leak = |all: &[(&str, &[u64])]| -> Vec<(&'static str, &'static [u64])> {
            let one = |(n, s): &(&str, &[u64])| (&*n.to_string().leak(), &*s.to_vec().leak());
            all.iter().map(one).collect()
        };
        let found = align_names(&named(&leak(base)), &named(&leak(other)));
        let names = other
            .iter()
            .zip(found.names)
            .map(|((old, _), new)| new.unwrap_or_else(|| old.to_string()))
            .collect();
        let rules =
            found.rules.iter().map(|r| format!("{}→{} ×{}", r.from, r.to, r.tensors)).collect();
        (names, rules)
    }

    #[test]
    fn prefixes_of_real_checkpoints() {
        // Base, tuned, the new names of the tuned, the rules.
        type Names = &'static [&'static str];
        let cases: &[(Names, Names, Names, Names)] = &[
            (
                &["model.layers.0.w", "model.layers.1.w", "model.norm.w", "lm_head.w"],
                &[
                    "model.language_model.layers.0.w",
                    "model.language_model.layers.1.w",
                    "model.language_model.norm.w",
                    "lm_head.w",
                    "model.visual.blocks.0.w",
                ],
                &[
                    "model.layers.0.w",
                    "model.layers.1.w",
                    "model.norm.w",
                    "lm_head.w",
                    "model.visual.blocks.0.w",
                ],
                &["model.language_model.→model. ×3"],
            ),
            (
                &["h.0.attn.w", "wte.w"],
                &["transformer.h.0.attn.w", "transformer.wte.w"],
                &["h.0.attn.w", "wte.w"],
                &["transformer.→ ×2"],
            ),
            (
                &["transformer.h.0.attn.w", "transformer.wte.w"],
                &["h.0.attn.w", "wte.w"],
                &["transformer.h.0.attn.w", "transformer.wte.w"],
                &["→transformer. ×2"],
            ),
            (
                &["visual.blocks.0.w", "model.layers.0.w", "model.layers.1.w", "lm_head.w"],
                &[
                    "model.visual.blocks.0.w",
                    "model.language_model.layers.0.w",
                    "model.language_model.layers.1.w",
                    "lm_head.w",
                ],
                &["visual.blocks.0.w", "model.layers.0.w", "model.layers.1.w", "lm_head.w"],
                &["model.language_model.→model. ×2", "model.→ ×1"],
            ),
            (
                &["language_model.model.layers.0.w", "language_model.lm_head.w"],
                &["model.language_model.layers.0.w", "lm_head.w"],
                &["language_model.model.layers.0.w", "language_model.lm_head.w"],
                &["→language_model. ×1", "model.language_model.→language_model.model. ×1"],
            ),
            // A stack without a partner goes with its layer; what is in no layer of the base stays.
            (
                &["layers.0.a.w", "layers.0.experts.0.w"],
                &["m.layers.0.a.w", "m.layers.0.experts", "m.other.0.w"],
                &["layers.0.a.w", "layers.0.experts", "m.other.0.w"],
                &["m.→ ×2"],
            ),
            // A norm outside of layers by the words of a family's first checkpoints.
            (
                &["bert.layer.0.w", "bert.embeddings.LayerNorm.gamma"],
                &["layer.0.w", "embeddings.LayerNorm.weight", "pooler.w"],
                &["bert.layer.0.w", "bert.embeddings.LayerNorm.weight", "pooler.w"],
                &["→bert. ×2"],
            ),
            // One layer is never taken for another, nor one list of layers.
            (&["model.layers.3.w"], &["mtp.layers.0.w"], &["mtp.layers.0.w"], &[]),
            (&["model.layers.0.w.x"], &["model.blocks.0.w.x"], &["model.blocks.0.w.x"], &[]),
            // A norm is not the other tower's for its name's last words.
            (&["model.norm.w"], &["visual.norm.w"], &["visual.norm.w"], &[]),
            // Two towers fit equally well.
            (
                &["layers.0.w"],
                &["a.layers.0.w", "b.layers.0.w"],
                &["a.layers.0.w", "b.layers.0.w"],
                &[],
            ),
            (&["a.layers.0.w", "b.layers.0.w"], &["layers.0.w"], &["layers.0.w"], &[]),
            // One fits better.
            (
                &["layers.0.w", "lm_head.w"],
                &["actor.layers.0.w", "actor.lm_head.w", "critic.layers.0.w"],
                &["layers.0.w", "lm_head.w", "critic.layers.0.w"],
                &["actor.→ ×2"],
            ),
        ];
        let shaped = |names: &[&'static str]| names.iter().map(|n| (*n, ONE)).collect::<Vec<_>>();
        for (base, tuned, names, rules) in cases {
            let found = align(&shaped(base), &shaped(tuned));
            assert_eq!(found, (words(names), words(rules)), "{tuned:?}");
        }
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|w| w.to_string()).collect()
    }

    #[test]
    fn shapes_vote_but_names_go_with_their_rule() {
        let base: [(&str, &[u64]); 2] = [("layers.0.w", &[4, 4]), ("embed.w", &[64, 4])];
        let tuned: [(&str, &[u64]); 2] = [("m.layers.0.w", &[4, 4]), ("m.embed.w", &[66, 4])];
        let found = align(&base, &tuned);
        assert_eq!(found.0, ["layers.0.w", "embed.w"]);
        let other: [(&str, &[u64]); 1] = [("m.layers.0.w", &[4, 5])];
        assert_eq!(align(&base, &other).0, ["m.layers.0.w"]);
        let unknown = [Named { name: "m.layers.0.w", shape: None }];
        let found = align_names(&[Named::new("layers.0.w", ONE)], &unknown);
        assert_eq!(found.names, [Some("layers.0.w".to_string())]);
    }

    #[test]
    fn new_names_are_distinct_and_doubts_are_told() {
        let base = [Named::new("layers.0.w", ONE), Named::new("layers.0.v", ONE)];
        // `layers.0.v` is there already and stays.
        let tuned = ["layers.0.v", "m.layers.0.v", "m.layers.0.w"].map(|n| Named::new(n, ONE));
        let found = align_names(&base, &tuned);
        assert_eq!(found.names, [None, None, Some("layers.0.w".to_string())]);
        let towers = ["a.layers.0.w", "b.layers.0.w"].map(|n| Named::new(n, ONE));
        let found = align_names(&base[..1], &towers);
        let doubt = found.explain_doubt("b.layers.0.w").expect("a doubt");
        assert!(doubt.contains("`a.`") && doubt.contains("`b.`"), "{doubt}");
        assert_eq!(found.explain_doubt("c"), None);
    }
}
