//! The report's summary of a checkpoint and of what was left out.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The content of a checkpoint, read from its headers alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckpointSummary {
    /// The name the user gave, or the folder's.
    pub name: String,
    /// The shards read, in order.
    pub files: Vec<FileSummary>,
    /// Number of tensors of a supported dtype.
    pub tensors: usize,
    /// Number of their elements.
    pub parameters: u64,
    /// Number of their bytes.
    pub bytes: u64,
    /// Number of tensors per dtype, by safetensors' names.
    pub dtypes: BTreeMap<String, usize>,
}

/// One file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileSummary {
    /// The name, with folders where the browser told them.
    pub name: String,
    /// Number of bytes.
    pub bytes: u64,
    /// SHA-256 of the header of a safetensors file, with its length; of another file, that of its
    /// first MiB. Absent where the report's writer did not read the file again for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_digest: Option<String>,
    /// SHA-256 of the number of bytes (8 bytes, little-endian) and of up to 64 blocks of 4 KiB at
    /// equal distances, the first and the last one among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled_digest: Option<String>,
}

impl FileSummary {
    /// A file by its name and size alone.
    pub(crate) fn new(name: &str, bytes: u64) -> Self {
        Self { name: name.into(), bytes, header_digest: None, sampled_digest: None }
    }
}

/// A tensor or file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// The tensor's or the file's name.
    pub name: String,
    /// The kind of reason.
    pub reason: LeftOutReason,
    /// The reason as a sentence.
    pub detail: String,
}

/// Why a tensor or a file was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// The tuned checkpoint has no tensor of this name.
    OnlyInBase,
    /// The base has no tensor of this name.
    OnlyInTuned,
    /// Base and tuned have the tensor in different shapes.
    ShapeDiffers,
    /// The dtype cannot be read.
    UnsupportedDtype,
    /// The scale of an FP8 tensor is missing, or does not fit it.
    BadScale,
    /// The changes that a sparse delta holds for the tensor cannot be read, or do not fit it.
    BadDelta,
    /// The shard index names the file, which was not given.
    MissingShard,
    /// The file cannot be read.
    BadFile,
    /// Another file holds a tensor of the same name, which is used.
    Duplicate,
    /// The tensor is in none of the layers that the user chose.
    LayerNotSelected,
    /// The tensor has no elements.
    Empty,
    /// The analysis of the tensor failed.
    Failed,
    /// The adapter leaves the tensor as it is.
    NotAdapted,
    /// The factors that an adapter holds for the tensor do not fit it.
    BadAdapter,
    /// The tensor is a buffer, which training does not change: a mask, a frequency, a counter.
    Buffer,
    /// The tensor is a scale, a zero point or another parameter of a quantisation.
    QuantizationParameter,
    /// The folder has another complete set of weights, which is used in place of this file; or the
    /// tensor is a copy of one that it is tied to.
    NotUsed,
    /// Rows that only one side has; those that both have are compared.
    RowsDiffer,
}

impl LeftOutReason {
    /// True where something went wrong: the tensor or the file would be compared if it were whole
    /// and of a kind that is read.
    pub fn is_error(self) -> bool {
        use LeftOutReason::*;
        match self {
            UnsupportedDtype | BadScale | BadDelta | MissingShard | BadFile | Failed
            | BadAdapter => true,
            OnlyInBase
            | OnlyInTuned
            | ShapeDiffers
            | Duplicate
            | LayerNotSelected
            | Empty
            | NotAdapted
            | Buffer
            | QuantizationParameter
            | NotUsed
            | RowsDiffer => false,
        }
    }
}

impl_words!(LeftOutReason);

impl LeftOut {
    /// Makes the entry of a tensor or a file.
    pub(crate) fn new(name: &str, reason: LeftOutReason, detail: impl Into<String>) -> Self {
        Self { name: name.into(), reason, detail: detail.into() }
    }
}
