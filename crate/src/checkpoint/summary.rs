//! What a report says of a checkpoint and of what it leaves out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a checkpoint holds, read from its headers alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointSummary {
    /// The name the user gave, or the folder's.
    pub name: String,
    /// The shards read, in order.
    pub files: Vec<FileSummary>,
    /// Tensors of a supported dtype.
    pub tensors: usize,
    /// Their elements.
    pub parameters: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Tensors per dtype, by safetensors' own names.
    pub dtypes: BTreeMap<String, usize>,
}

/// One file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileSummary {
    /// Its name, with folders where the browser told them.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

/// A tensor or file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// The tensor's or the file's name.
    pub name: String,
    /// A fixed word: `only_in_base`, `only_in_tuned`, `shape_differs`, `unsupported_dtype`,
    /// `bad_scale`, `bad_delta`, `missing_shard`, `bad_file`, `duplicate`, `layer_not_selected`,
    /// `empty`, `failed`; of an adapter `not_adapted`, `bad_adapter`.
    pub reason: String,
    /// A sentence for a person.
    pub detail: String,
}

pub(crate) fn problem(name: &str, reason: &str, detail: impl Into<String>) -> LeftOut {
    LeftOut { name: name.into(), reason: reason.into(), detail: detail.into() }
}
