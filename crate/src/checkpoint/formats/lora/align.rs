//! Names of an adapter's modules against those of the base.
//!
//! One rule changes the beginning of names that the base does not have: that which leads most of
//! them to a layer whose shape fits. GPT-2's file on the Hub has `h.0`, the model that PEFT saw
//! `transformer.h.0`.

use crate::checkpoint::names::votes::is_number;
use crate::checkpoint::open::Checkpoint;
use std::collections::HashMap;

/// Components that may differ at the beginning of a name.
const MOST: usize = 4;

/// A beginning of names and what stands in its place in the base; both end with a dot or are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The beginning in the adapter.
    pub from: String,
    /// The beginning in the base.
    pub to: String,
}

/// A module of an adapter, and the lengths of its outputs and inputs.
pub(crate) struct Module<'a> {
    /// The name in the adapter.
    pub name: &'a str,
    /// Outputs and inputs of its weight.
    pub sides: [u64; 2],
}

/// All ways to cut a name in two behind its first components.
fn cut(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let dots = name.match_indices('.').map(|(at, _)| at + 1).take(MOST);
    [0].into_iter().chain(dots).map(|at| name.split_at(at))
}

/// The numbers of layers in a beginning, which no rule may change.
fn numbers(beginning: &str) -> impl Iterator<Item = &str> {
    beginning.split('.').filter(|part| is_number(part))
}

/// Finds the rule for modules that the base does not have; `None` where none leads to it, or two
/// lead as many to different layers.
pub(crate) fn find_rule(modules: &[Module<'_>], base: &Checkpoint) -> Option<Rule> {
    let mut ends: HashMap<&str, Vec<(&str, [u64; 2])>> = HashMap::new();
    for t in &base.tensors {
        if let (Some(name), &[rows, columns]) = (t.name.strip_suffix(".weight"), &t.shape[..]) {
            for (beginning, end) in cut(name) {
                ends.entry(end).or_default().push((beginning, [rows, columns]));
            }
        }
    }
    let mut votes: HashMap<(&str, &str), usize> = HashMap::new();
    for module in modules {
        let [outputs, inputs] = module.sides;
        for (from, end) in cut(module.name) {
            for (to, shape) in ends.get(end).into_iter().flatten() {
                let fits = [[outputs, inputs], [inputs, outputs]].contains(shape);
                if fits && numbers(from).eq(numbers(to)) {
                    *votes.entry((from, to)).or_default() += 1;
                }
            }
        }
    }
    let most = votes.values().copied().max()?;
    let mut best: Vec<(&str, &str)> =
        votes.into_iter().filter(|(_, count)| *count == most).map(|(rule, _)| rule).collect();
    best.sort_by_key(|(from, to)| (from.len() + to.len(), *from, *to));
    let (from, to) = best[0];
    // The same change, said with more components: all others must be this.
    let same = |(f, t): &(&str, &str)| {
        f.strip_prefix(from).is_some_and(|rest| t.strip_prefix(to) == Some(rest))
    };
    best.iter().all(same).then(|| Rule { from: from.into(), to: to.into() })
}

impl Rule {
    /// The name that the rule makes of another; `None` where it does not begin as the rule says.
    pub fn apply(&self, name: &str) -> Option<String> {
        name.strip_prefix(&self.from).map(|rest| format!("{}{rest}", self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::FileBuilder;

    fn rule(base: &[&str], modules: &[&str]) -> Option<(String, String)> {
        let base = base
            .iter()
            .fold(FileBuilder::new(), |f, name| {
                f.tensor(&format!("{name}.weight"), "BF16", &[2, 3], [0; 12])
            })
            .checkpoint("base");
        let modules: Vec<_> = modules.iter().map(|name| Module { name, sides: [3, 2] }).collect();
        find_rule(&modules, &base).map(|rule| (rule.from, rule.to))
    }

    #[test]
    fn the_shortest_change_that_leads_most_names_to_the_base() {
        let some = |from: &str, to: &str| Some((from.to_string(), to.to_string()));
        assert_eq!(
            rule(&["h.0.c_attn", "h.1.c_attn"], &["transformer.h.0.c_attn"]),
            some("transformer.", "")
        );
        assert_eq!(rule(&["transformer.h.0.c_attn"], &["h.0.c_attn"]), some("", "transformer."));
        assert_eq!(
            rule(&["model.language_model.layers.0.q"], &["model.layers.0.q"]),
            some("model.", "model.language_model.")
        );
        // Two towers: no guess.
        assert_eq!(rule(&["a.layers.0.q", "b.layers.0.q"], &["layers.0.q"]), None);
        assert_eq!(rule(&["a.layers.0.q"], &["layers.0.k"]), None);
        // Another layer is not another name of this one.
        assert_eq!(rule(&["layers.0.q"], &["layers.1.q"]), None);
    }
}
