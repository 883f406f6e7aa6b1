//! The report: what the page, the command line, CSV and the tests all speak.
//!
//! Every `f64` that can be undefined is an `Option` (`null` in JSON): an empty update mask has no
//! overlap, not an overlap of 0. Angles are degrees, counts are exact integers, shares lie in `[0,
//! 1]`, lists of singular values and of angles descend. `docs/report-format.md` explains every
//! field; `docs/report.schema.json` is generated from here.

mod adapter;
mod csv;
mod delta;
mod fisher;
mod function_preserving;
mod geometry;
mod heads;
mod json;
mod listed;
mod maps;
mod overlap;
mod quantized;
mod rollup;
mod tensor;

pub use adapter::Adapter;
pub use csv::to_csv;
pub use delta::Delta;
pub use fisher::Fisher;
pub use function_preserving::FunctionPreserving;
pub use geometry::*;
pub use heads::Heads;
pub use json::{DIGITS, rounded, to_json};
pub use listed::{Listed, ListedRollup};
pub use maps::{ConsensusMap, Maps};
pub use overlap::{Overlap, Step};
pub use quantized::Quantized;
pub(crate) use rollup::median;
pub use rollup::{Mean, Rollup, RollupMask, RollupSweep, rollups};
pub use tensor::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of [`Report::version`]; it changes when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// The value of [`Settings::span`] for saves of one run in order.
pub const STEPS: &str = "steps";
/// All values of [`Settings::span`].
pub const SPANS: [&str; 3] = ["whole_run", "per_step", STEPS];

/// The value of [`Report::generator`].
pub const GENERATOR: &str = concat!("gatescope ", env!("CARGO_PKG_VERSION"));

/// One analysis: a base checkpoint against one or more tuned ones, or sparse deltas alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `gatescope-report`.
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The version of Gatescope that wrote it.
    pub generator: String,
    /// ISO 8601, UTC; the only field besides `timings` that differs between two equal runs.
    pub created: String,
    /// What computed it.
    pub backend: BackendInfo,
    /// What the user set.
    pub settings: Settings,
    /// The base checkpoint; `null` where sparse deltas were read without theirs.
    #[serde(default)]
    pub base: Option<CheckpointSummary>,
    /// The diagonal Fisher of the base, where one was given.
    #[serde(default)]
    pub fisher: Option<CheckpointSummary>,
    /// One entry for each tuned checkpoint, in the order given.
    pub runs: Vec<Run>,
    /// Of two runs and more: one entry for each tensor that several have, then one for the model.
    #[serde(default)]
    pub overlaps: Vec<Overlap>,
    /// Wall-clock seconds.
    pub timings: Timings,
    /// Set where not every tensor was analysed; `null` for a whole report.
    #[serde(default)]
    pub partial: Option<Partial>,
}

/// What a report lacks that was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partial {
    /// Tensors of the base that were analysed in every run that has them; without a base, those
    /// that the deltas list.
    pub finished: usize,
    /// Tensors of the base that have a partner; without a base, those that the deltas list.
    pub total: usize,
    /// A fixed word: `cancelled`.
    pub reason: String,
}

/// Where the long products ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackendInfo {
    /// `cpu` or `gpu`.
    pub kind: String,
    /// The adapter's own name, where there is one.
    pub adapter: Option<String>,
    /// Why this backend was taken.
    pub reason: String,
    /// How many workers (threads) computed.
    pub workers: u32,
}

/// What the user can set; [`Settings::default`] is what the page starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Rank of the principal subspaces.
    pub k: usize,
    /// Mask fractions α in (0, 1).
    pub alphas: Vec<f64>,
    /// Relative tolerance η of the bf16 gate.
    pub eta: f64,
    /// Absolute tolerance of `sparsity_abs` (MUK: 1e-5).
    pub abs_tolerance: f64,
    /// Matrices with `min(m, n)` up to this are decomposed exactly.
    pub exact_limit: usize,
    /// Layers to analyse, as `0-3,7`; `null` for all. Tensors outside layers are left out when it
    /// is set.
    pub layers: Option<String>,
    /// Cells a side of the maps at most, up to 256; 0 for no maps.
    pub map_side: usize,
    /// What a tuned checkpoint is, as far as the user tells: `whole_run`, `per_step` (a save or two
    /// of one run before it), or `steps` (all of them are saves of one run, in order); `null` where
    /// nobody said.
    pub span: Option<String>,
    /// Look for changes of value and output projections that leave the function as it was.
    pub function_preserving: bool,
    /// Seed of the shared random block, and with each tensor's name of the draws of chance.
    pub seed: u32,
    /// `auto`, `cpu` or `gpu`.
    pub backend: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            k: 64,
            alphas: vec![0.1],
            eta: 1e-3,
            abs_tolerance: 1e-5,
            exact_limit: 512,
            layers: None,
            map_side: 64,
            span: None,
            function_preserving: true,
            seed: 7,
            backend: "auto".into(),
        }
    }
}

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

/// One tuned checkpoint against the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The tuned checkpoint.
    pub checkpoint: CheckpointSummary,
    /// In the base's order.
    pub tensors: Vec<TensorReport>,
    /// One entry a layer, ascending; `key` is the layer's number.
    pub layers: Vec<Rollup>,
    /// One entry a module kind; `key` is its name.
    pub modules: Vec<Rollup>,
    /// Everything together; `key` is `model`.
    pub model: Rollup,
    /// What could not be compared, and why.
    pub left_out: Vec<LeftOut>,
    /// Set where the tuned checkpoint was given as a sparse delta.
    #[serde(default)]
    pub delta: Option<Delta>,
    /// What lies between base and tuned: what a delta's files tell (`per_step`: two versions that
    /// follow each other; `whole_run`: from version 0 on), else what the user set; `null` where
    /// nobody said.
    #[serde(default)]
    pub span: Option<String>,
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

/// Where the wall-clock time went, in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// From start to the finished report.
    pub total: f64,
    /// Summed over tensors and workers, by stage.
    pub stages: BTreeMap<String, f64>,
}

/// The JSON Schema of a report, from the types above.
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Report)).expect("a schema is plain JSON")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/report.schema.json");
        let committed =
            std::fs::read_to_string(path).expect("docs/report.schema.json is committed");
        assert_eq!(
            committed.trim(),
            super::schema().trim(),
            "run: cargo run --release --example schema > docs/report.schema.json"
        );
    }
}
