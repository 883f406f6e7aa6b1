//! The choice among replacements of prefixes by the votes for them.

use crate::checkpoint::names::votes::{Ballot, Named, Prefixes, has_number};
use std::collections::{HashMap, HashSet};

/// The most replacements that are taken, and the most pairs of them that are told as ambiguous.
pub(crate) const MOST_RULES: usize = 64;

/// Whether the votes for a rule are more than an accident.
pub(crate) fn is_evident((from, to): Prefixes<'_>, ballot: &Ballot, other: &[Named<'_>]) -> bool {
    let suffix = |place: u32| &other[place as usize].name[from.len()..];
    ballot.iter().any(|(_, t)| has_number(suffix(*t)))
        || ((from.is_empty() || to.is_empty())
            && ballot.iter().any(|(_, t)| suffix(*t).contains('.')))
}

/// Chooses the rule with the most votes. Takes it and those that are as good out of `votes`: all
/// that contradict each other are told in `ambiguous`, and `None` comes back if it is one of them.
pub(crate) fn choose_rule<'a>(
    votes: &mut HashMap<Prefixes<'a>, Ballot>,
    ambiguous: &mut Vec<[(String, String); 2]>,
) -> Option<Prefixes<'a>> {
    let most = votes.values().map(Vec::len).max()?;
    let mut best: Vec<Prefixes<'a>> =
        votes.iter().filter(|(_, b)| b.len() == most).map(|(rule, _)| *rule).collect();
    best.sort_unstable();
    // The rules by the names that they would use, on either side.
    let mut users: HashMap<(bool, u32), Prefixes<'a>> = HashMap::new();
    let mut doubtful: HashSet<Prefixes<'a>> = HashSet::new();
    for rule in &best {
        let mut rivals = HashSet::new();
        for (b, t) in &votes[rule] {
            for key in [(false, *b), (true, *t)] {
                let first = *users.entry(key).or_insert(*rule);
                if first != *rule {
                    rivals.insert(first);
                }
            }
        }
        let owned = |(from, to): Prefixes<'_>| (from.to_string(), to.to_string());
        for rival in rivals {
            if ambiguous.len() < MOST_RULES {
                ambiguous.push([owned(rival), owned(*rule)]);
            }
            doubtful.extend([rival, *rule]);
        }
    }
    votes.retain(|rule, _| !doubtful.contains(rule));
    best.into_iter().find(|rule| !doubtful.contains(rule))
}
