//! Layers that PEFT wrapped, in files that hold none of its factors.

use crate::checkpoint::formats::lora::kinds::is_factor;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::names::renaming::Rule;
use std::collections::HashSet;

/// What PEFT puts before the weight of a layer that it adapts.
const WRAPPED: &str = ".base_layer.";

/// Wrappers of PEFT, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[Kind::read(
    "layers that PEFT wrapped",
    "model.layers.0.self_attn.q_proj.base_layer.weight",
    "Where no tensor is an adapter's.",
)];

/// Takes PEFT's `base_layer` off all names, and tells it, where no tensor is an adapter's: these
/// are then the whole weights, as of a merged model that was saved with its wrappers.
pub fn unwrap_base_layers<'a>(names: impl Iterator<Item = &'a mut String>) -> Vec<Rule> {
    let names: Vec<&mut String> = names.collect();
    let mut rules = Vec::new();
    let wrapped = names.iter().any(|name| name.contains(WRAPPED));
    if !wrapped || names.iter().any(|name| is_factor(name)) {
        return rules;
    }
    let mut used: HashSet<String> = names.iter().map(|name| name.to_string()).collect();
    for name in names {
        let bare = name.replace(WRAPPED, ".");
        if bare != *name && used.insert(bare.clone()) {
            Rule::count(&mut rules, &WRAPPED[1..], "", name, &bare);
            *name = bare;
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_go_where_no_factor_is() {
        let unwrap = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            let rules = unwrap_base_layers(names.iter_mut());
            (names, rules.first().map_or(0, |rule| rule.tensors))
        };
        let merged = ["a.q_proj.base_layer.weight", "a.q_proj.base_layer.bias", "a.o_proj.weight"];
        let (names, count) = unwrap(&merged);
        assert_eq!(names, ["a.q_proj.weight", "a.q_proj.bias", "a.o_proj.weight"]);
        assert_eq!(count, 2);
        let unmerged = ["a.q_proj.base_layer.weight", "a.q_proj.lora_A.default.weight"];
        assert_eq!(unwrap(&unmerged), (unmerged.map(String::from).to_vec(), 0));
        let other = ["a.q_proj.base_layer.weight", "a.q_proj.vera_lambda_b"];
        assert_eq!(unwrap(&other).1, 0);
        // Never two tensors to one name.
        let twice = ["q.base_layer.weight", "q.weight"];
        assert_eq!(unwrap(&twice), (twice.map(String::from).to_vec(), 0));
    }
}
