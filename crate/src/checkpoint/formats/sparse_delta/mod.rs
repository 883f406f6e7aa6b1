//! Sparse deltas: files that hold only what a training step changed.
//!
//! A delta alone is no checkpoint. With the base it was made from it becomes one, by views that put
//! its values in. docs/architecture.md names the layouts with their sources.

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
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::CheckpointSummary;
use crate::error::Error;
use crate::settings::Comparison;
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// New values of some weights of one tensor.
pub struct Patch {
    /// The tensor.
    pub name: String,
    /// Its shape, where the layout tells.
    pub shape: Option<Vec<u64>>,
    /// Places of the weights in the flattened tensor, ascending.
    pub indices: RawTensor,
    /// Their values, as many.
    pub values: RawTensor,
}

/// What changed between two versions of a model.
pub struct Delta {
    /// The layout of its files.
    pub layout: DeltaLayout,
    /// The version that it was made from.
    pub base_version: Option<u64>,
    /// The version that it leads to.
    pub target_version: Option<u64>,
    /// What lies between base and tuned; `None` where the files do not tell.
    pub comparison: Option<Comparison>,
    /// What is put into the base.
    pub change: Change,
}

/// How a delta says what changed.
pub enum Change {
    /// New values of weights, in the order in which they apply.
    Values(Vec<Patch>),
    /// Changed bytes of stored tensors, by name.
    Bytes {
        /// zstd frames.
        streams: BTreeMap<String, RawTensor>,
        /// Of what they hold.
        encoding: bytes::Encoding,
    },
}

/// The delta in these files; `None` where they are none. `others` are the files beside them,
/// manifests among them.
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

/// Finds what lies between two versions: one step where they follow each other, a whole run from
/// version 0 on, else `None`.
fn find_comparison(base_version: u64, target_version: u64) -> Option<Comparison> {
    match (base_version, target_version) {
        (base, target) if Some(target) == base.checked_add(1) => Some(Comparison::PerStep),
        (0, _) => Some(Comparison::WholeRun),
        _ => None,
    }
}

impl Delta {
    /// The new values in it; none where bytes are listed.
    pub fn patches(&self) -> &[Patch] {
        match &self.change {
            Change::Values(patches) => patches,
            Change::Bytes { .. } => &[],
        }
    }

    /// What it holds, without names of its own.
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
                .sum(),
            bytes: self.patches().iter().map(|p| p.indices.bytes() + p.values.bytes()).sum(),
            dtypes,
        }
    }

    /// Weights listed in it; one that several of its files list counts each time. `None` where
    /// bytes are listed.
    fn count_weights(&self) -> Option<u64> {
        match &self.change {
            Change::Values(patches) => Some(patches.iter().map(|p| p.values.elements()).sum()),
            Change::Bytes { .. } => None,
        }
    }

    /// The tensors that it changes.
    pub(crate) fn tensor_names(&self) -> BTreeSet<&str> {
        match &self.change {
            Change::Values(patches) => patches.iter().map(|p| p.name.as_str()).collect(),
            Change::Bytes { streams, .. } => streams.keys().map(String::as_str).collect(),
        }
    }

    /// What the report says of it.
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

    /// The error of a delta that stands where a whole checkpoint is needed.
    pub fn needs_base(&self, name: &str) -> Error {
        let what = format!(
            "it is {}: it holds only the weights that changed. Give {} as the base, and the delta \
            as a tuned checkpoint",
            self.describe(),
            self.describe_origin()
        );
        Error::bad_file(name, what)
    }

    /// Refuses a delta that says nothing without its base.
    ///
    /// # Errors
    /// [`Error::NeedsBase`] for one of bytes: whose weights they are is told by the base's dtypes.
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
