//! Names of an adapter's modules and tensors as the base has them.

use crate::checkpoint::formats::lora::align::{Module, Rule, find_rule};
use crate::checkpoint::formats::lora::parts::{Factors, Parts};
use crate::checkpoint::names::renaming::{RenamedSide, Renaming};
use crate::checkpoint::names::votes::is_number;
use crate::checkpoint::open::Checkpoint;
use std::collections::HashSet;

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
pub(crate) struct Names {
    rule: Option<Rule>,
    renamed: usize,
    example: Option<[String; 2]>,
}

impl Names {
    /// Finds the rule for the modules of an adapter that are not `there`.
    pub fn new(base: &Checkpoint, there: &HashSet<&str>, parts: &Parts) -> Self {
        let sides = |found: &Factors| {
            let (a, b) = (found.a.as_ref()?, found.b.as_ref()?);
            Some([*b.shape.first()?, *a.shape.get(1)?])
        };
        let missing = parts.modules.iter().filter(|(module, _)| !there.contains(module.as_str()));
        let modules: Vec<Module<'_>> = missing
            .filter_map(|(name, found)| Some(Module { name, sides: sides(found.get(&0)?)? }))
            .collect();
        Self { rule: find_rule(&modules, base), renamed: 0, example: None }
    }

    /// The name in the base: the name itself where `is_there` says so, else by the rule.
    pub fn resolve(&mut self, name: &str, is_there: impl Fn(&str) -> bool) -> String {
        if is_there(name) {
            return name.into();
        }
        match self.rule.as_ref().and_then(|rule| rule.apply(name)).filter(|to| is_there(to)) {
            Some(to) => {
                self.renamed += 1;
                self.example.get_or_insert_with(|| [name.into(), to.clone()]);
                to
            }
            None => name.into(),
        }
    }

    /// The rule as the report tells it; none where nothing was renamed.
    pub fn into_renamings(self) -> Vec<Renaming> {
        let (Some(Rule { from, to }), Some(example)) = (self.rule, self.example) else {
            return Vec::new();
        };
        vec![Renaming { side: RenamedSide::Tuned, from, to, tensors: self.renamed, example }]
    }
}
