//! The report: the format that the page, the command line, CSV and the tests share.
//!
//! Every `f64` that can be undefined is an `Option` (`null` in JSON): an empty update mask has no
//! overlap, not an overlap of 0. Angles are degrees, counts are exact integers, shares lie in `[0,
//! 1]`, lists of singular values and of angles descend. `docs/report-format.md` explains every
//! field; `docs/report.schema.json` is generated from here.

use crate::checkpoint::coverage::Coverage;
use crate::checkpoint::formats::sparse_delta::summary::DeltaSummary;
use crate::checkpoint::names::renaming::Renaming;
use crate::checkpoint::summary::{CheckpointSummary, LeftOut};
use crate::figures::cast::report::CastSummary;
use crate::figures::overlap::report::Overlap;
use crate::figures::tensor::TensorReport;
use crate::report::check::Check;
use crate::report::rollup::Rollup;
use crate::report::shorten::Shortened;
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
    /// The backend that computed it.
    pub backend: BackendInfo,
    /// The settings.
    pub settings: Settings,
    /// The base checkpoint; `null` where sparse deltas were read without theirs.
    #[serde(default)]
    pub base: Option<CheckpointSummary>,
    /// The diagonal Fisher of the base, where one was given.
    #[serde(default)]
    pub fisher: Option<CheckpointSummary>,
    /// One entry for each tuned checkpoint, in the order given.
    pub runs: Vec<Run>,
    /// Comparisons of the runs with each other: one entry for each tensor that several runs have,
    /// then one for the model. Empty for one run.
    #[serde(default)]
    pub overlaps: Vec<Overlap>,
    /// Wall-clock seconds.
    pub timings: Timings,
    /// The progress of an analysis that was ended early; `null` for a whole report.
    #[serde(default)]
    pub partial: Option<Partial>,
    /// Figures of a few tensors computed again by another route; absent where that was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// How far the details of each tensor are shortened; absent where they are whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortened: Option<Shortened>,
}

/// The progress of an analysis that was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partial {
    /// Number of tensors of the base that were analysed in every run that has them; without a base,
    /// those that the deltas list.
    pub finished: usize,
    /// Number of tensors of the base that have a partner; without a base, those that the deltas
    /// list.
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

/// The backend that computed the long products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BackendInfo {
    /// The backend that computed.
    pub kind: BackendKind,
    /// The name of the GPU adapter; `null` on the CPU.
    pub adapter: Option<String>,
    /// Why this backend computed, as a sentence or a part of one. Reports of version 1 call it
    /// `reason`.
    #[serde(alias = "reason")]
    pub detail: String,
    /// Number of workers (threads) that computed.
    pub workers: u32,
}

/// One tuned checkpoint against the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The tuned checkpoint.
    pub checkpoint: CheckpointSummary,
    /// The tensors in the base's order.
    pub tensors: Vec<TensorReport>,
    /// One entry per layer, ascending; `key` is the layer's number.
    pub layers: Vec<Rollup>,
    /// One entry per kind of module; `key` is its name.
    pub modules: Vec<Rollup>,
    /// Everything together; `key` is `model`.
    pub model: Rollup,
    /// Tensors and files that could not be compared, with the reason.
    pub left_out: Vec<LeftOut>,
    /// The rules by which names of one side were changed to find their partners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamings: Vec<Renaming>,
    /// The share of both checkpoints that was compared; `null` without a base, and in reports that
    /// do not tell it.
    #[serde(default)]
    pub coverage: Option<Coverage>,
    /// Tensors whose whole update is the rounding between two dtypes; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cast: Option<CastSummary>,
    /// The sparse delta that the tuned checkpoint was given as; else `null`.
    #[serde(default)]
    pub delta: Option<DeltaSummary>,
    /// The kind of comparison: as a delta's files tell it (`per_step`: two versions that follow
    /// each other; `whole_run`: from version 0 on), else as the user set it; `null` where nobody
    /// said. Reports of version 1 call it `span`.
    #[serde(default, alias = "span")]
    pub comparison: Option<Comparison>,
}

/// Wall-clock times in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// Time from the start to the finished report.
    pub total: f64,
    /// Time by stage, summed over tensors and workers.
    pub stages: BTreeMap<String, f64>,
}

/// Makes the JSON Schema of a report from the types above.
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
    use super::*;
    use crate::report::to_csv;

    #[test]
    fn a_report_of_version_1_is_read() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/unit/report-version-1.json");
        let text = std::fs::read_to_string(path).expect("the report is committed");
        let report: Report = serde_json::from_str(&text).expect("its fields are known");
        let delta = report.runs[0].delta.as_ref().expect("a delta");
        assert_eq!(
            (report.version, report.settings.comparison, report.runs[0].comparison),
            (1, Some(Comparison::PerStep), Some(Comparison::PerStep))
        );
        assert_eq!((delta.base_version, delta.target_version), (Some(7), Some(8)));
        assert!(report.backend.detail.contains("without a base"));
        assert_eq!(to_csv(&report).lines().count(), 1 + report.runs[0].tensors.len());
    }

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/report.schema.json");
        let committed =
            std::fs::read_to_string(path).expect("docs/report.schema.json is committed");
        assert!(
            committed.trim() == schema().trim(),
            "run: cargo run --release --example schema > docs/report.schema.json"
        );
    }
}
