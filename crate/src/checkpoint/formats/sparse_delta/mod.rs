//! Sparse deltas: files that hold only what a training step changed.
//!
//! A delta alone is not a checkpoint. On the base that it was made from it becomes one, by views
//! that put its values in. docs/report-format.md names the layouts with their sources.

pub mod bytes;
pub mod indices;
pub mod patched;
pub mod prime_rl;
pub mod slime;
pub mod summary;
pub mod trl;

#[cfg(test)]
mod tests;

use self::summary::{DeltaLayout, DeltaSummary};
use crate::checkpoint::header::File;
use crate::checkpoint::names::overrides::align_asked;
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::names::votes::Named;
use crate::checkpoint::names::wrappers;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::CheckpointSummary;
use crate::error::Error;
use crate::settings::Comparison;
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// New values of some weights of one tensor.
pub struct Patch {
    /// The name of the tensor.
    pub name: String,
    /// The shape of the tensor; `None` where the layout does not tell it.
    pub shape: Option<Vec<u64>>,
    /// Places of the weights in the flattened tensor, ascending.
    pub indices: RawTensor,
    /// The new values, one for each index.
    pub values: RawTensor,
}

/// The changes between two versions of a model.
pub struct Delta {
    /// The layout of its files.
    pub layout: DeltaLayout,
    /// The version that it was made from; `None` where the files do not tell.
    pub base_version: Option<u64>,
    /// The version that it leads to; `None` where the files do not tell.
    pub target_version: Option<u64>,
    /// The kind of comparison with its base; `None` where the files do not tell.
    pub comparison: Option<Comparison>,
    /// The changes themselves.
    pub change: Change,
}

/// Changes as a layout holds them.
pub enum Change {
    /// New values of weights, in the order in which they apply.
    Values(Vec<Patch>),
    /// Changed bytes of stored tensors, by name.
    Bytes {
        /// One zstd frame for each tensor.
        streams: BTreeMap<String, RawTensor>,
        /// The content of the frames.
        encoding: bytes::Encoding,
    },
}

/// Finds the delta in these files; `None` where they are not one. `others` are the files beside
/// them, manifests among them.
///
/// # Errors
/// [`Error::BadFile`] for a delta that can't be read, with the reason.
pub async fn find_delta(files: &[File], others: &[Rc<dyn Source>]) -> Result<Option<Delta>, Error> {
    if let Some(delta) = prime_rl::find_delta(files, others).await? {
        return Ok(Some(delta));
    }
    match slime::find_delta(files, others).await? {
        Some(delta) => Ok(Some(delta)),
        None => trl::find_delta(files),
    }
}

/// Finds the kind of comparison of two versions: one step where they follow each other, a whole run
/// from version 0 on, else `None`.
fn find_comparison(base_version: u64, target_version: u64) -> Option<Comparison> {
    match (base_version, target_version) {
        (base, target) if Some(target) == base.checked_add(1) => Some(Comparison::PerStep),
        (0, _) => Some(Comparison::WholeRun),
        _ => None,
    }
}

impl Delta {
    /// The new values; empty where bytes are listed.
    pub fn patches(&self) -> &[Patch] {
        match &self.change {
            Change::Values(patches) => patches,
            Change::Bytes { .. } => &[],
        }
    }

    /// Summarizes the lists as a checkpoint without a name.
    pub fn summarize_lists(&self) -> CheckpointSummary {
        let tensors: BTreeMap<&str, &Patch> =
            self.patches().iter().map(|p| (p.name.as_str(), p)).collect();
        let mut dtypes = BTreeMap::new();
        tensors.values().for_each(|p| *dtypes.entry(p.values.dtype.to_string()).or_insert(0) += 1);
        CheckpointSummary {
            name: String::new(),
            files: Vec::new(),
            tensors: tensors.len(),
            parameters: tensors
                .values()
                .filter_map(|p| p.shape.as_deref())
                .map(|shape| shape.iter().fold(1, |a: u64, b| a.saturating_mul(*b)))
                .fold(0, u64::saturating_add),
            bytes: self.patches().iter().map(|p| p.indices.bytes() + p.values.bytes()).sum(),
            dtypes,
        }
    }

    /// Counts the listed weights; a weight that several files list counts each time. `None` where
    /// bytes are listed.
    fn count_weights(&self) -> Option<u64> {
        match &self.change {
            Change::Values(patches) => Some(patches.iter().map(|p| p.values.elements()).sum()),
            Change::Bytes { .. } => None,
        }
    }

    /// The names of the tensors that change.
    pub(crate) fn tensor_names(&self) -> BTreeSet<&str> {
        match &self.change {
            Change::Values(patches) => patches.iter().map(|p| p.name.as_str()).collect(),
            Change::Bytes { streams, .. } => streams.keys().map(String::as_str).collect(),
        }
    }

    /// Takes the wrappers off the names of the tensors, and tells which.
    pub(crate) fn unwrap_names(&mut self) -> Vec<Rule> {
        match &mut self.change {
            Change::Values(patches) => {
                wrappers::unwrap_names(patches.iter_mut().map(|patch| &mut patch.name))
            }
            Change::Bytes { streams, .. } => {
                let mut all: Vec<_> = std::mem::take(streams).into_iter().collect();
                let rules = wrappers::unwrap_names(all.iter_mut().map(|(name, _)| name));
                streams.extend(all);
                rules
            }
        }
    }

    /// Finds the names that the tensors have in `base`, the checkpoint that the delta was made
    /// from: first as a user `asked`, then by alignment. Returns those that change, and the rules.
    pub(crate) fn find_names(
        &self,
        base: &[RawTensor],
        asked: &[[String; 2]],
    ) -> (BTreeMap<String, String>, Vec<Rule>) {
        let base: Vec<_> = base.iter().map(|t| Named::new(&t.name, &t.shape)).collect();
        let shapes: BTreeMap<&str, Option<&[u64]>> = match &self.change {
            Change::Values(patches) => {
                patches.iter().map(|p| (p.name.as_str(), p.shape.as_deref())).collect()
            }
            Change::Bytes { streams, .. } => {
                streams.keys().map(|name| (name.as_str(), None)).collect()
            }
        };
        let own: Vec<_> =
            shapes.iter().map(|(name, shape)| Named { name, shape: *shape }).collect();
        let found = align_asked(&base, &own, asked);
        let changed = own.iter().zip(found.names);
        let names = changed.filter_map(|(own, new)| Some((own.name.to_string(), new?))).collect();
        (names, found.rules)
    }

    /// Summarizes the delta for the report.
    pub fn summarize(&self) -> DeltaSummary {
        DeltaSummary {
            layout: self.layout,
            base_version: self.base_version,
            target_version: self.target_version,
            changed: self.count_weights(),
        }
    }

    /// Names it in a message: `a sparse delta (trl) to version 11`.
    pub(crate) fn describe(&self) -> String {
        let to =
            self.target_version.map_or(String::new(), |version| format!(" to version {version}"));
        format!("a sparse delta ({}){to}", self.layout)
    }

    /// Names the checkpoint that it was made from in a message.
    fn describe_origin(&self) -> String {
        self.base_version.map_or("the checkpoint that it was made from".into(), |version| {
            format!("the checkpoint of version {version}")
        })
    }

    /// Makes the error of a delta that stands where a whole checkpoint is needed.
    pub fn needs_base(&self, name: &str) -> Error {
        let what = format!(
            "it is {}: it holds only the weights that changed. Give {} as the base, and the delta \
            as a tuned checkpoint",
            self.describe(),
            self.describe_origin()
        );
        Error::bad_file(name, what)
    }

    /// Refuses a delta that cannot be read without its base.
    ///
    /// # Errors
    /// [`Error::NeedsBase`] for a delta of bytes, which only the base's dtypes assign to weights.
    pub fn check_alone(&self, name: &str) -> Result<(), Error> {
        match self.change {
            Change::Values(_) => Ok(()),
            Change::Bytes { .. } => {
                let what = format!(
                    "it is {}, which lists changed bytes and not weights: nothing can be counted \
                    without the dtypes of the base. Give {} as the base",
                    self.describe(),
                    self.describe_origin()
                );
                Err(Error::needs_base(name, what))
            }
        }
    }
}
