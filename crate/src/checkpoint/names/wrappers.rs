//! Wrappers that trainers and compilers put around modules, which their names then hold.

use crate::checkpoint::kinds::Kind;
use crate::checkpoint::names::renaming::Rule;
use std::borrow::Cow;
use std::collections::HashSet;

/// The component of a name that a wrapper adds wherever it stands, and who adds it.
const ANYWHERE: [(&str, Kind); 6] = [
    ("_orig_mod", Kind::read("torch.compile", "_orig_mod.model.layers.0.mlp.up_proj.weight", "")),
    (
        "_fsdp_wrapped_module",
        Kind::read("FSDP", "_fsdp_wrapped_module.model.norm.weight", "Also inside of names."),
    ),
    ("_fpw_module", Kind::read("FSDP of torch before 2.0", "_fpw_module.model.norm.weight", "")),
    (
        "_checkpoint_wrapped_module",
        Kind::read(
            "activation checkpointing",
            "model.layers.0._checkpoint_wrapped_module.mlp.up_proj.weight",
            "",
        ),
    ),
    ("_forward_module", Kind::read("Lightning Fabric", "_forward_module.model.norm.weight", "")),
    ("_wrapped_module", Kind::read("FairScale", "model.layers.0._wrapped_module.w.weight", "")),
];

/// What DistributedDataParallel, DataParallel, DeepSpeed and averaged models put before all names.
const LEADING: (&str, Kind) = (
    "module.",
    Kind::read("DDP, DeepSpeed, averaged models", "module.model.norm.weight", "Only as the first."),
);

/// The wrappers, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[
    ANYWHERE[0].1,
    ANYWHERE[1].1,
    ANYWHERE[2].1,
    ANYWHERE[3].1,
    ANYWHERE[4].1,
    ANYWHERE[5].1,
    LEADING.1,
];

/// True for a component of a name that a wrapper adds.
pub(crate) fn is_wrapper(component: &str) -> bool {
    ANYWHERE.iter().any(|(word, _)| *word == component)
}

/// Takes all wrappers off a name.
pub fn take_off_wrappers(name: &str) -> Cow<'_, str> {
    if !name.split('.').any(is_wrapper) && !name.starts_with(LEADING.0) {
        return name.into();
    }
    let kept: Vec<&str> = name.split('.').filter(|component| !is_wrapper(component)).collect();
    let joined = kept.join(".");
    let bare = joined.trim_start_matches(LEADING.0);
    // A name of wrappers alone is no wrapped name.
    if bare.is_empty() { name.into() } else { bare.to_string().into() }
}

/// The wrappers of a name, each once.
fn find_wrappers(name: &str) -> Vec<String> {
    let inner = name.split('.').filter(|c| !is_wrapper(c)).collect::<Vec<_>>().join(".");
    let mut found: Vec<String> = Vec::new();
    for component in name.split('.').filter(|component| is_wrapper(component)) {
        let word = format!("{component}.");
        if !found.contains(&word) {
            found.push(word);
        }
    }
    if inner.starts_with(LEADING.0) {
        found.push(LEADING.0.into());
    }
    found
}

/// Takes the wrappers off all names of a checkpoint, and tells which. A name whose bare form
/// another tensor has stays as it is.
pub(crate) fn unwrap_names<'a>(names: impl Iterator<Item = &'a mut String>) -> Vec<Rule> {
    let names: Vec<&mut String> = names.collect();
    // Most checkpoints have none: a million names are not copied for nothing.
    if names.iter().all(|name| matches!(take_off_wrappers(name), Cow::Borrowed(_))) {
        return Vec::new();
    }
    // Names that are there already, those of one name in several files among them.
    let mut used: HashSet<String> = names
        .iter()
        .filter(|name| matches!(take_off_wrappers(name), Cow::Borrowed(_)))
        .map(|name| name.to_string())
        .collect();
    let mut done: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    let mut rules = Vec::new();
    for name in names {
        let Cow::Owned(bare) = take_off_wrappers(name) else { continue };
        let same = done.get(&bare).is_some_and(|before| before == name);
        if !same && !used.insert(bare.clone()) {
            continue;
        }
        for word in find_wrappers(name) {
            Rule::count(&mut rules, &word, "", name, &bare);
        }
        done.insert(bare.clone(), std::mem::replace(name, bare));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrapper_is_taken_off() {
        for kind in KINDS {
            let bare = take_off_wrappers(kind.example);
            assert_ne!(bare, kind.example, "{}", kind.what);
            assert!(bare.starts_with("model.") && !find_wrappers(kind.example).is_empty());
            assert_eq!(take_off_wrappers(&bare), bare);
        }
        for (name, bare) in [
            ("_orig_mod.module.w.weight", "w.weight"),
            ("module._orig_mod.module.w.weight", "w.weight"),
            ("model.module.w", "model.module.w"),
            ("base_model.model._orig_mod.w.lora_A.weight", "base_model.model.w.lora_A.weight"),
            ("a._fsdp_wrapped_module._checkpoint_wrapped_module.w", "a.w"),
            ("_orig_mod", "_orig_mod"),
            ("modules.w", "modules.w"),
        ] {
            assert_eq!(take_off_wrappers(name), bare, "{name}");
        }
    }

    #[test]
    fn names_stay_distinct_and_rules_are_counted() {
        let unwrap = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
            let rules = unwrap_names(names.iter_mut());
            (names, rules)
        };
        let (names, rules) = unwrap(&["_orig_mod.a", "_orig_mod.module.b", "c"]);
        assert_eq!(names, ["a", "b", "c"]);
        let told: Vec<_> = rules.iter().map(|r| (r.from.as_str(), r.tensors)).collect();
        assert_eq!(told, [("_orig_mod.", 2), ("module.", 1)]);
        assert_eq!(rules[0].example, ["_orig_mod.a", "a"]);
        // The bare name is another tensor; the same name twice is a duplicate and stays one.
        assert_eq!(unwrap(&["a", "_orig_mod.a"]).0, ["a", "_orig_mod.a"]);
        assert_eq!(unwrap(&["_orig_mod.a", "module.a"]).0, ["a", "module.a"]);
        assert_eq!(unwrap(&["_orig_mod.a", "_orig_mod.a"]).0, ["a", "a"]);
    }
}
