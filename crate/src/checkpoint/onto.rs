//! Puts a sparse delta on its base, by views that put its values in.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::quantized;
use crate::checkpoint::formats::sparse_delta::bytes;
use crate::checkpoint::formats::sparse_delta::patched::patch_view;
use crate::checkpoint::formats::sparse_delta::{Change, Delta, Patch};
use crate::checkpoint::names::align::align_names;
use crate::checkpoint::names::votes::Named;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::placed::Placed;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use std::collections::{BTreeMap, HashMap, HashSet};

impl Checkpoint {
    /// Gives the tensors the names that they have in `base`, as those of a Fisher; those without a
    /// counterpart keep theirs.
    pub fn align_with(mut self, base: &Checkpoint) -> Self {
        let theirs: Vec<_> = base.tensors.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
        let ours: Vec<_> = self.tensors.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
        let found = align_names(&theirs, &ours);
        for (tensor, new) in self.tensors.iter_mut().zip(found.names) {
            if let Some(new) = new {
                tensor.name = new;
            }
        }
        self.renamed.extend(found.rules);
        self.sort_tensors();
        self
    }

    /// Makes a whole checkpoint of a delta on its base; any other checkpoint stays as it is.
    pub fn put_on_base(mut self, base: &Checkpoint) -> Self {
        if let Some(delta) = &self.delta {
            let mut placed = place_delta(&self.name, delta, base, &[]);
            self.tensors = std::mem::take(&mut placed.tensors);
            self.placed = placed;
            self.sort_tensors();
        }
        self
    }
}

/// Puts the delta of the checkpoint `name` on its base, after the prefixes `asked` were replaced in
/// its names. Where none of its tensors is in the base it has none, and a problem of its own name.
pub(crate) fn place_delta(
    name: &str,
    delta: &Delta,
    base: &Checkpoint,
    asked: &[[String; 2]],
) -> Placed {
    let (names, renamed) = delta.find_names(&base.raw, asked);
    let called = |own: &str| names.get(own).cloned().unwrap_or_else(|| own.to_string());
    let there: HashSet<&str> = base.raw.iter().map(|t| t.name.as_str()).collect();
    let (known, unknown): (Vec<String>, Vec<String>) = delta
        .tensor_names()
        .into_iter()
        .map(called)
        .partition(|name| there.contains(name.as_str()));
    if known.is_empty() && !unknown.is_empty() {
        let what = format!(
            "it is {}, but none of its tensors is in the base (as {}): give the checkpoint that it \
             was made from as the base, or say which beginning of its names stands for which \
             (--rename FROM=TO, Rename prefixes on the page)",
            delta.describe(),
            unknown[0]
        );
        let problems = vec![LeftOut::new(name, LeftOutReason::BadDelta, what)];
        return Placed { problems, renamed, ..Placed::default() };
    }
    let mut problems: Vec<_> = unknown
        .iter()
        .map(|name| {
            LeftOut::new(
                name,
                LeftOutReason::OnlyInTuned,
                format!("it is in {}, but the base has no tensor of this name", delta.describe()),
            )
        })
        .collect();
    let (tensors, found) = match &delta.change {
        Change::Values(patches) => apply_values(base, patches, called),
        Change::Bytes { streams, encoding } => {
            let streams = streams.iter().map(|(name, stream)| (called(name), stream)).collect();
            apply_bytes(base, &streams, *encoding)
        }
    };
    problems.extend(found);
    Placed { tensors, problems, renamed }
}

/// Applies new values to the tensors of the base, under the names that they are `called` there.
/// Returns them with those that the values do not fit.
fn apply_values(
    base: &Checkpoint,
    patches: &[Patch],
    called: impl Fn(&str) -> String,
) -> (Vec<TensorEntry>, Vec<LeftOut>) {
    let mut tensors: HashMap<String, Result<TensorEntry, String>> = HashMap::new();
    for patch in patches {
        let name = called(&patch.name);
        if let Some(entry) = base.get(&name) {
            let slot = tensors.entry(name).or_insert_with(|| Ok(entry.clone()));
            *slot = std::mem::replace(slot, Err(String::new()))
                .and_then(|entry| put_values(entry, patch));
        }
    }
    let (mut good, mut problems) = (Vec::new(), Vec::new());
    for entry in &base.tensors {
        match tensors.remove(&entry.name) {
            None => good.push(entry.clone()),
            Some(Ok(patched)) => good.push(patched),
            Some(Err(detail)) => {
                problems.push(LeftOut::new(&entry.name, LeftOutReason::BadDelta, detail))
            }
        }
    }
    (good, problems)
}

/// Applies changed bytes to the tensors of the base. They are changed before their dtypes are
/// interpreted, so that codes and scales of FP8 change, too.
fn apply_bytes(
    base: &Checkpoint,
    streams: &BTreeMap<String, &RawTensor>,
    encoding: bytes::Encoding,
) -> (Vec<TensorEntry>, Vec<LeftOut>) {
    let kept = bytes::Kept::default();
    let (mut raw, mut problems) = (Vec::new(), Vec::new());
    for t in &base.raw {
        match streams.get(&t.name).map(|stream| bytes::apply_changes(t, stream, encoding, &kept)) {
            None => raw.push(t.clone()),
            Some(Ok(changed)) => raw.push(changed),
            Some(Err(detail)) => {
                problems.push(LeftOut::new(&t.name, LeftOutReason::BadDelta, detail))
            }
        }
    }
    let (tensors, found) = quantized::find_tensors(&raw, &base.quantization, &base.elsewhere);
    problems.extend(found);
    (tensors, problems)
}

/// Puts the values of a patch into a tensor.
fn put_values(entry: TensorEntry, patch: &Patch) -> Result<TensorEntry, String> {
    if patch.shape.as_ref().is_some_and(|shape| *shape != entry.shape) {
        return Err(format!(
            "the delta is of the shape {:?}, the base of {:?}",
            patch.shape.as_deref().unwrap_or_default(),
            entry.shape
        ));
    }
    let view = patch_view(&entry.view, entry.elements(), &patch.indices, &patch.values)?;
    Ok(TensorEntry { view, ..entry })
}
