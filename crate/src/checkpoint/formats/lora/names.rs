//! Names of an adapter's modules and tensors as the base has them: first as a user asks, then by
//! [`align_names`], then by the old words of a family.
//!
//! GPT-2's file on the Hub has `h.0`, the model that PEFT saw `transformer.h.0`.

use crate::checkpoint::formats::lora::parts::{Factors, Parts};
use crate::checkpoint::names::align::align_names;
use crate::checkpoint::names::families::{find_old_words, modernize_name};
use crate::checkpoint::names::overrides::rename_by;
use crate::checkpoint::names::renaming::{RenamedSide, Renaming, Rule};
use crate::checkpoint::names::votes::{Named, is_number};
use crate::checkpoint::open::Checkpoint;
use std::collections::{HashMap, HashSet};

/// Lists the modules of the base: layers, and what holds parameters or experts.
pub(crate) fn list_modules(base: &Checkpoint) -> HashSet<&str> {
    let mut modules = HashSet::new();
    for t in &base.tensors {
        let Some((layer, _)) = t.name.rsplit_once('.') else { continue };
        modules.insert(layer);
        let expert = layer.rsplit_once('.').and_then(|(of_expert, _)| of_expert.rsplit_once('.'));
        if let Some((experts, number)) = expert
            && is_number(number)
        {
            modules.insert(experts);
        }
    }
    modules
}

/// Names of the adapter as the base has them.
pub(crate) struct Names<'a> {
    /// The replacements that a user asks for.
    asked: &'a [[String; 2]],
    /// The replacements that were found, those of most names first.
    found: Vec<Rule>,
    /// Modules of the base that have old words in their names, by their newest names.
    old: HashMap<String, String>,
    /// What was replaced.
    used: Vec<Rule>,
}

/// What PEFT puts before all names: a user may give prefixes with it or without.
const WRAPPER: &str = "base_model.model.";

/// Renames as a user asked.
fn rename_as_asked(asked: &[[String; 2]], name: &str, rules: &mut Vec<Rule>) -> Option<String> {
    rename_by(asked, name, rules).or_else(|| rename_by(asked, &format!("{WRAPPER}{name}"), rules))
}

/// Outputs and inputs, the lesser first: a weight may be stored either way round.
fn sort_sides([outputs, inputs]: [u64; 2]) -> [u64; 2] {
    [outputs.min(inputs), outputs.max(inputs)]
}

/// The sides of the matrix that factors update; `None` where they are not those of one.
fn find_sides(factors: &Factors) -> Option<[u64; 2]> {
    let (a, b) = (factors.a.as_ref()?, factors.b.as_ref()?);
    Some(sort_sides([*b.shape.first()?, *a.shape.get(1)?]))
}

impl<'a> Names<'a> {
    /// Finds the replacements for the modules of an adapter that are not among those of the base;
    /// those that are `asked` come first.
    pub fn new(
        base: &Checkpoint,
        there: &HashSet<&str>,
        parts: &Parts,
        asked: &'a [[String; 2]],
    ) -> Self {
        let of_base = base.tensors.iter().filter_map(|t| match t.shape[..] {
            [rows, columns] => Some((t.name.strip_suffix(".weight")?, sort_sides([rows, columns]))),
            _ => None,
        });
        let of_base: Vec<_> = of_base.collect();
        let mut taken = HashSet::new();
        let of_adapter = parts.modules.iter().filter_map(|(name, found)| {
            let sides = find_sides(found.get(&0)?)?;
            let name = rename_as_asked(asked, name, &mut Vec::new()).unwrap_or(name.clone());
            taken.insert(name.clone()).then_some((name, sides))
        });
        let of_adapter: Vec<_> = of_adapter.collect();
        let theirs: Vec<_> = of_base.iter().map(|(name, sides)| Named::new(name, sides)).collect();
        let ours: Vec<_> = of_adapter.iter().map(|(name, sides)| Named::new(name, sides)).collect();
        let with_old_words = |module: &&&str| find_old_words(module).next().is_some();
        let old = there.iter().filter(with_old_words);
        Self {
            asked,
            found: align_names(&theirs, &ours).rules,
            old: old.map(|module| (modernize_name(module), module.to_string())).collect(),
            used: Vec::new(),
        }
    }

    /// The name in the base: as a user asked, then the name itself where `is_there` says so, else
    /// by the first replacement that leads there, or by old words.
    pub fn resolve(&mut self, name: &str, is_there: impl Fn(&str) -> bool) -> String {
        let asked = rename_as_asked(self.asked, name, &mut self.used);
        let now = asked.unwrap_or_else(|| name.into());
        if is_there(&now) {
            return now;
        }
        let replaced = self.found.iter().find_map(|rule| {
            let new = format!("{}{}", rule.to, now.strip_prefix(rule.from.as_str())?);
            is_there(&new).then_some((rule, new))
        });
        if let Some((rule, new)) = replaced {
            Rule::count(&mut self.used, &rule.from, &rule.to, &now, &new);
            return new;
        }
        self.find_old_name(&now, is_there).unwrap_or(now)
    }

    /// Finds the name that the base has for a module by a family's old words.
    fn find_old_name(&mut self, name: &str, is_there: impl Fn(&str) -> bool) -> Option<String> {
        let replaced = self.found.iter().filter_map(|rule| {
            Some(format!("{}{}", rule.to, name.strip_prefix(rule.from.as_str())?))
        });
        let old = [name.to_string()]
            .into_iter()
            .chain(replaced)
            .find_map(|new| self.old.get(&modernize_name(&new)).filter(|old| is_there(old)))?;
        for (old_word, new_word) in find_old_words(old) {
            Rule::count(&mut self.used, new_word, old_word, name, old);
        }
        Some(old.clone())
    }

    /// The replacements as the report tells them.
    pub fn into_renamings(self) -> Vec<Renaming> {
        self.used.into_iter().map(|rule| rule.on(RenamedSide::Tuned)).collect()
    }
}
