//! The tensors of a tuned checkpoint under the names of its base.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::align::{Alignment, align_names};
use crate::checkpoint::names::overrides::rename_by;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming, Rule};
use crate::checkpoint::names::votes::Named;
use crate::checkpoint::open::Checkpoint;
use std::collections::HashSet;

/// A tensor of the tuned checkpoint.
pub(crate) struct Partner {
    /// The tensor by its name in the base.
    pub entry: TensorEntry,
    /// Its own name.
    pub original: String,
}

/// The tensors of the tuned checkpoint, and how their names were changed.
pub(crate) struct Partners {
    /// The tensors.
    pub tensors: Vec<Partner>,
    /// The rules that changed names.
    pub renamings: Vec<Renaming>,
    alignment: Alignment,
}

impl Partners {
    /// The names that a tensor which could not be read may have in the base.
    pub fn rename_problem(&self, name: &str) -> Vec<String> {
        self.renamings
            .iter()
            .filter_map(|r| Some(format!("{}{}", r.to, name.strip_prefix(r.from.as_str())?)))
            .collect()
    }

    /// Explains why a tensor found no partner, where two replacements of its prefix fit.
    pub fn explain_doubt(&self, name: &str) -> Option<String> {
        let doubt = self.alignment.explain_doubt(name)?;
        Some(format!("the base has no tensor of this name: {doubt}"))
    }
}

/// Finds the names that `tensors` have in the base: first as the user `asked`, then by alignment.
pub(crate) fn find_partners(
    base: &Checkpoint,
    tensors: &[TensorEntry],
    asked: &[[String; 2]],
) -> Partners {
    let mut rules: Vec<Rule> = Vec::new();
    let mut used: HashSet<&str> = HashSet::new();
    if !asked.is_empty() {
        used.extend(tensors.iter().map(|t| t.name.as_str()));
    }
    let mut given: HashSet<String> = HashSet::new();
    let own: Vec<Option<String>> = tensors
        .iter()
        .map(|t| {
            let mut counted = rules.clone();
            let new = rename_by(asked, &t.name, &mut counted)?;
            // Never two tensors to one name.
            if used.contains(new.as_str()) || !given.insert(new.clone()) {
                return None;
            }
            rules = counted;
            Some(new)
        })
        .collect();
    let names: Vec<&str> =
        tensors.iter().zip(&own).map(|(t, new)| new.as_deref().unwrap_or(&t.name)).collect();
    let theirs: Vec<_> = base.tensors.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
    let ours: Vec<_> =
        tensors.iter().zip(&names).map(|(t, name)| Named::new(name, &t.shape)).collect();
    let mut alignment = align_names(&theirs, &ours);
    rules.append(&mut alignment.rules);
    let partner = |(t, (name, new)): (&TensorEntry, (&&str, &Option<String>))| Partner {
        entry: TensorEntry { name: new.clone().unwrap_or_else(|| name.to_string()), ..t.clone() },
        original: t.name.clone(),
    };
    let partners = tensors.iter().zip(names.iter().zip(&alignment.names)).map(partner).collect();
    let renamings = rules.into_iter().map(|rule| rule.on(RenamedSide::Tuned)).collect();
    Partners { tensors: partners, renamings, alignment }
}
