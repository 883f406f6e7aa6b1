//! The report's summary of a tuned checkpoint that was given as a sparse delta.

use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the files of a sparse delta are laid out. docs/report-format.md has the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeltaLayout {
    /// TRL: indices and values of each parameter under names of their own.
    Trl,
    /// prime-rl: a manifest, and one file per rank.
    PrimeRlSparseHfV1,
    /// prime-rl: a manifest, and one file.
    PrimeRlSparseUpdate,
    /// slime and miles: a checkpoint's folder whose tensors are compressed changes of bytes.
    SlimeDiskDelta,
}

impl_words!(DeltaLayout);

/// A sparse delta, as its own files describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeltaSummary {
    /// The layout of its files.
    pub layout: DeltaLayout,
    /// The version that it was made from; `null` where the files do not tell. Reports of version 1
    /// call it `base_step`.
    #[serde(alias = "base_step")]
    pub base_version: Option<u64>,
    /// The version that it leads to; `null` where the files do not tell. Reports of version 1 call
    /// it `target_step`.
    #[serde(alias = "target_step")]
    pub target_version: Option<u64>,
    /// Weights listed in it; of several files, those of each. `null` where bytes are listed and not
    /// weights.
    pub changed: Option<u64>,
}
