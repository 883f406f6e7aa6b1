//! Projections that one side has in one matrix, row range after row range, and the other apart.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::names::follow::find_layer_stem;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::pairing::regroup::made::Made;
use crate::checkpoint::views::composed::{join_views, slice_view};
use std::collections::{HashMap, HashSet};

/// A fused projection, and its parts in the order of their rows.
const FUSED: [(&str, &[&str]); 2] =
    [("qkv_proj", &["q_proj", "k_proj", "v_proj"]), ("gate_up_proj", &["gate_proj", "up_proj"])];

/// Names of fused queries, keys and values whose rows lie in an order of each family's own: by head
/// (GPT-NeoX, BLOOM, Falcon), by group (InternLM2, Megatron), or one after the other.
const ANY_ORDER: [&str; 9] = [
    "qkv_proj",
    "query_key_value",
    "Wqkv",
    "wqkv",
    "W_pack",
    "qkv",
    "to_qkv",
    "linear_qkv",
    "c_attn",
];

/// Names of queries, keys and values apart.
const APART: [&str; 12] = [
    "q_proj", "k_proj", "v_proj", "query", "key", "value", "wq", "wk", "wv", "to_q", "to_k", "to_v",
];

/// Types of models that fuse under the same names in another order.
const OTHER_ORDER: &[&str] = &["codegen"];

/// The projections that are cut, as docs/checkpoints.md lists them.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "queries, keys and values fused",
        "model.layers.0.self_attn.qkv_proj.weight",
        "Compared with q_proj, k_proj and v_proj of the other side, or the reverse.",
    ),
    Kind::read(
        "gate and up projections fused",
        "model.layers.0.mlp.gate_up_proj.weight",
        "Compared with gate_proj and up_proj of the other side, or the reverse.",
    ),
    Kind::refuse(
        "queries, keys and values fused by head",
        "transformer.h.0.self_attention.query_key_value.weight",
        "Against q_proj, k_proj and v_proj of the other side: convert one side to the other's \
         layout. On both sides it is one tensor.",
    ),
];

/// Takes a name apart into its module's parent, the projection and the rest.
fn take_apart(name: &str) -> Option<(&str, &str, &str)> {
    let (path, last) = name.rsplit_once('.')?;
    let (parent, projection) = path.rsplit_once('.')?;
    matches!(last, "weight" | "bias").then_some((parent, projection, last))
}

/// Number of elements of one row of a matrix or bias.
fn row_length(shape: &[u64]) -> Option<u64> {
    match *shape {
        [_] => Some(1),
        [_, columns] => Some(columns),
        _ => None,
    }
}

/// Finds the parts of a fused tensor by name among `all`, whose rows are together its own.
fn find_parts<'a, T>(
    fused: &TensorEntry,
    all: &HashMap<String, T>,
    entry: impl Fn(&T) -> &'a TensorEntry,
) -> Option<Vec<String>> {
    let (parent, projection, last) = take_apart(&fused.name)?;
    let (_, parts) = FUSED.iter().find(|(name, _)| *name == projection)?;
    let names: Vec<String> = parts.iter().map(|part| format!("{parent}.{part}.{last}")).collect();
    let mut rows = 0u64;
    for name in &names {
        let part = entry(all.get(name)?);
        if part.shape.len() != fused.shape.len() || part.shape[1..] != fused.shape[1..] {
            return None;
        }
        rows = rows.checked_add(part.shape[0])?;
    }
    row_length(&fused.shape)?;
    (rows == fused.shape[0]).then_some(names)
}

/// Makes fused tensors of the base from parts, and parts from fused tensors.
pub(crate) fn regroup_fused(
    base: &Checkpoint,
    tuned: &Checkpoint,
    alone: &[&TensorEntry],
    partners: &[Partner],
    free: &[usize],
) -> Vec<Made> {
    if base.model.is_any(OTHER_ORDER) || tuned.model.is_any(OTHER_ORDER) {
        return Vec::new();
    }
    let theirs: HashMap<String, &TensorEntry> =
        alone.iter().map(|b| (b.name.clone(), *b)).collect();
    let ours: HashMap<String, usize> =
        free.iter().map(|at| (partners[*at].entry.name.clone(), *at)).collect();
    let mut made = Vec::new();
    for b in alone {
        let Some(names) = find_parts(b, &ours, |at| &partners[*at].entry) else { continue };
        let of: Vec<usize> = names.iter().map(|name| ours[name]).collect();
        let views: Vec<_> = of
            .iter()
            .map(|at| (partners[*at].entry.view.clone(), partners[*at].entry.elements()))
            .collect();
        let Some(view) = join_views(&views) else { continue };
        let stored = partners[of[0]].entry.stored;
        let entry = TensorEntry { view, stored, update: None, ..(*b).clone() };
        made.push(Made { entry, of });
    }
    for at in free {
        let fused = &partners[*at].entry;
        let Some(names) = find_parts(fused, &theirs, |b| *b) else { continue };
        let mut start = 0;
        for name in names {
            let b = theirs[&name];
            let view = slice_view(&fused.view, start);
            start += b.elements();
            let entry = TensorEntry { view, stored: fused.stored, update: None, ..b.clone() };
            made.push(Made { entry, of: vec![*at] });
        }
    }
    made
}

/// Explains why tensors of the tuned checkpoint stay without partners where one side has queries,
/// keys and values of a layer in one tensor, and nothing tells the order of its rows.
pub(crate) fn explain_fused(
    alone: &[&TensorEntry],
    partners: &[Partner],
    free: &[usize],
    made: &[Made],
) -> HashMap<String, String> {
    let is_any = |name: &str, of: &[&str]| {
        take_apart(name).is_some_and(|(_, projection, _)| of.contains(&projection))
    };
    let placed: HashSet<&str> = made.iter().map(|m| m.entry.name.as_str()).collect();
    let used: HashSet<usize> = made.iter().flat_map(|m| m.of.iter().copied()).collect();
    let mut theirs: HashMap<&str, &str> = HashMap::new();
    for b in alone.iter().filter(|b| !placed.contains(b.name.as_str())) {
        if let Some(layer) = find_layer_stem(&b.name)
            .filter(|_| is_any(&b.name, &ANY_ORDER) || is_any(&b.name, &APART))
        {
            theirs.entry(layer).or_insert(&b.name);
        }
    }
    let explain = |name: &str| {
        let other = *theirs.get(find_layer_stem(name)?)?;
        let what = if is_any(name, &ANY_ORDER) && is_any(other, &APART) {
            "queries, keys and values of its layer in one tensor, which the base has apart"
        } else if is_any(name, &APART) && is_any(other, &ANY_ORDER) {
            "a part of queries, keys and values, which the base has in one tensor"
        } else {
            return None;
        };
        Some(format!(
            "it holds {what} (as {other}); no shape tells the order of the fused rows, which may \
             alternate by head, so they are not taken apart: convert one side to the other's layout"
        ))
    };
    let names = free.iter().filter(|at| !used.contains(*at)).map(|at| &partners[*at].entry.name);
    names.filter_map(|name| Some((name.clone(), explain(name)?))).collect()
}
