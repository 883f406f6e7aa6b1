//! Projections that one side has in one matrix, row range after row range, and the other apart.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::partners::Partner;
use crate::checkpoint::pairing::regroup::made::Made;
use crate::checkpoint::views::composed::{join_views, slice_view};
use std::collections::HashMap;

/// A fused projection, and its parts in the order of their rows.
const FUSED: [(&str, &[&str]); 2] =
    [("qkv_proj", &["q_proj", "k_proj", "v_proj"]), ("gate_up_proj", &["gate_proj", "up_proj"])];

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
