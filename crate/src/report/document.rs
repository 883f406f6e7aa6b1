//! The report: what the page, the command line, CSV and the tests all speak.
//!
//! Every `f64` that can be undefined is an `Option` (`null` in JSON): an empty update mask has no
//! overlap, not an overlap of 0. Angles are degrees, counts are exact integers, shares lie in `[0,
//! 1]`, lists of singular values and of angles descend. `docs/report-format.md` explains every
//! field; `docs/report.schema.json` is generated from here.

use crate::checkpoint::formats::sparse_delta::summary::DeltaSummary;
use crate::checkpoint::summary::{CheckpointSummary, LeftOut};
use crate::figures::overlap::report::Overlap;
use crate::figures::tensor::TensorReport;
use crate::report::rollup::Rollup;
use crate::settings::{Comparison, Settings};
use crate::words::{impl_words, join_words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of [`Report::version`]; it changes when a field changes its meaning or goes away.
pub const VERSION: u32 = 2;

/// The value of [`Report::format`].
pub const FORMAT: &str = "gatescope-report";

/// The value of [`Report::generator`].
pub const GENERATOR: &str = concat!("gatescope ", env!("CARGO_PKG_VERSION"));

/// One analysis: a base checkpoint against one or more tuned ones, or sparse deltas alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `gatescope-report`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Version of the format.
    #[schemars(extend("const" = VERSION))]
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
    /// Why the report is not whole.
    pub reason: PartialReason,
}

/// Why not every tensor was analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartialReason {
    /// The user ended the analysis.
    Cancelled,
}

/// A backend that computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// The CPU: threads, or workers with WebAssembly.
    Cpu,
    /// A GPU, natively or by WebGPU.
    Gpu,
}

impl_words!(PartialReason, BackendKind);

/// Where the long products ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackendInfo {
    /// The backend that computed.
    pub kind: BackendKind,
    /// The adapter's own name, where there is one.
    pub adapter: Option<String>,
    /// Why this backend computed, as a sentence or a part of one. Reports of version 1 call it
    /// `reason`.
    #[serde(alias = "reason")]
    pub detail: String,
    /// How many workers (threads) computed.
    pub workers: u32,
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
    pub delta: Option<DeltaSummary>,
    /// What lies between base and tuned: what a delta's files tell (`per_step`: two versions that
    /// follow each other; `whole_run`: from version 0 on), else what the user set; `null` where
    /// nobody said. Reports of version 1 call it `span`.
    #[serde(default, alias = "span")]
    pub comparison: Option<Comparison>,
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
    let mut schema = schemars::schema_for!(Report);
    join_words(&mut schema);
    join_lines(schema.ensure_object());
    serde_json::to_string_pretty(&schema).expect("a schema is plain JSON")
}

/// Joins the lines of each paragraph of the descriptions, which are doc comments: where a source
/// file breaks a line says nothing.
fn join_lines(fields: &mut serde_json::Map<String, serde_json::Value>) {
    use serde_json::Value;
    for (name, field) in fields {
        match field {
            Value::String(text) if name == "description" => {
                let joined = text.split("\n\n").map(|part| part.replace('\n', " "));
                *text = joined.collect::<Vec<_>>().join("\n\n");
            }
            Value::Object(inner) => join_lines(inner),
            Value::Array(items) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(join_lines)
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/report.schema.json");
        let committed =
            std::fs::read_to_string(path).expect("docs/report.schema.json is committed");
        assert!(
            committed.trim() == super::schema().trim(),
            "run: cargo run --release --example schema > docs/report.schema.json"
        );
    }
}
