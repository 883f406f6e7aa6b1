//! An adapter on its base: the tensors that it moves, merged as PEFT merges them.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::application::Application;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::lora::layer;
use crate::checkpoint::formats::lora::names::{Names, list_modules};
use crate::checkpoint::formats::lora::orientation::Orientation;
use crate::checkpoint::formats::lora::own::cast_view;
use crate::checkpoint::formats::lora::parts::{Factors, Parts};
use crate::checkpoint::names::natural;
use crate::checkpoint::names::renaming::Renaming;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::BTreeMap;

/// An adapter on its base.
pub struct Applied {
    /// The tensors that the adapter moves.
    pub tensors: Vec<TensorEntry>,
    /// What can't be merged, and why.
    pub left_out: Vec<LeftOut>,
    /// The rule by which names were changed.
    pub renamings: Vec<Renaming>,
}

/// Applies `adapter` to `base`, after the prefixes `asked` were replaced in the adapter's names.
pub fn apply_adapter(
    base: &Checkpoint,
    adapter: &Checkpoint,
    config: &AdapterConfig,
    asked: &[[String; 2]],
) -> Applied {
    let parts = Parts::of(adapter);
    let mut work = Application {
        base,
        config,
        orientation: Orientation::of(base, config.says_transposed()),
        moved: BTreeMap::new(),
        whole: BTreeMap::new(),
        left_out: Vec::new(),
    };
    let there = list_modules(base);
    let mut names = Names::new(base, &there, &parts, asked);
    for (name, entry) in &parts.whole {
        let name = names.resolve(name, |name| base.get(name).is_some());
        let view = match base.get(&name) {
            Some(own) => cast_view(&entry.view, own.dtype()),
            None => entry.view.clone(),
        };
        let stored = layer::stored_dtype(view.dtype());
        work.whole.insert(name.clone(), TensorEntry { name, view, stored, ..entry.clone() });
    }
    // Embeddings first: a tied head moves the same weight after them, as PEFT merges both.
    let is_embedding = |found: &BTreeMap<usize, Factors>| found.values().any(|f| f.embedding);
    let (first, then): (Vec<_>, Vec<_>) =
        parts.modules.iter().partition(|(_, found)| is_embedding(found));
    let (mut fitting, mut all) = (0, 0);
    for (own, found) in first.into_iter().chain(then) {
        let module = names.resolve(own, |module| there.contains(module));
        all += 1;
        fitting += usize::from(work.apply_module(&module, own, found));
    }
    for (own, rows) in &parts.tokens {
        let module = names.resolve(own, |module| there.contains(module));
        all += 1;
        fitting += usize::from(work.apply_tokens(&module, own, rows));
    }
    work.move_tied();
    for name in &parts.originals {
        let detail = "it is the copy from before training that PEFT keeps beside a trained tensor";
        work.left_out.push(LeftOut::new(name, LeftOutReason::NotUsed, detail));
    }
    let Application { mut moved, whole, mut left_out, .. } = work;
    for (name, entry) in whole {
        moved.entry(name).or_insert(entry);
    }
    // Which of two counts is not known.
    for (name, [one, other]) in &parts.twice {
        let name = names.resolve(name, |name| base.get(name).is_some());
        moved.remove(&name);
        let detail = format!("the adapter has two tensors for it, {one} and {other}");
        left_out.push(LeftOut::new(&name, LeftOutReason::BadAdapter, detail));
    }
    if all > 0 && fitting == 0 && !moved.keys().any(|name| base.get(name).is_some()) {
        left_out.extend(refuse_all(base, adapter, &parts, all));
    }
    let mut tensors: Vec<TensorEntry> = moved.into_values().collect();
    tensors.sort_by(|a, b| natural::compare_names(&a.name, &b.name));
    Applied { tensors, left_out, renamings: names.into_renamings() }
}

/// Says that nothing of the adapter fits, with a name of both sides; what it does to the base is
/// not known then.
fn refuse_all(base: &Checkpoint, adapter: &Checkpoint, parts: &Parts, all: usize) -> Vec<LeftOut> {
    let example = parts.modules.values().flat_map(BTreeMap::values).map(Factors::example).next();
    let matrix = base.tensors.iter().find(|t| t.shape.len() == 2).or(base.tensors.first());
    let detail = format!(
        "none of its {all} modules fits the base: the adapter has {}, the base {}. Give the model \
         that it was trained on as the base",
        example.or(parts.tokens.values().map(|t| t.name.as_str()).next()).unwrap_or_default(),
        matrix.map_or("", |t| t.name.as_str()),
    );
    let unknown = "nothing of the adapter fits the base, so it is not known what it does to this";
    [LeftOut::new(&adapter.name, LeftOutReason::BadAdapter, detail)]
        .into_iter()
        .chain(
            base.tensors.iter().map(|t| LeftOut::new(&t.name, LeftOutReason::OnlyInBase, unknown)),
        )
        .collect()
}
