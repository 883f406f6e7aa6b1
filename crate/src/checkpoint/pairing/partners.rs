//! The tensors of a tuned checkpoint under the names of its base.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::align::Alignment;
use crate::checkpoint::names::overrides::align_asked;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming};
use crate::checkpoint::names::votes::Named;
use crate::checkpoint::open::Checkpoint;

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
    let theirs: Vec<_> = base.tensors.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
    let ours: Vec<_> = tensors.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
    let mut alignment = align_asked(&theirs, &ours, asked);
    let partner = |(t, new): (&TensorEntry, &Option<String>)| Partner {
        entry: TensorEntry { name: new.as_ref().unwrap_or(&t.name).clone(), ..t.clone() },
        original: t.name.clone(),
    };
    let partners = tensors.iter().zip(&alignment.names).map(partner).collect();
    let rules = std::mem::take(&mut alignment.rules);
    let renamings = rules.into_iter().map(|rule| rule.on(RenamedSide::Tuned)).collect();
    Partners { tensors: partners, renamings, alignment }
}
