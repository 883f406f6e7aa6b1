//! The settings of an analysis: their meanings, defaults and limits.

use crate::error::Error;
use crate::words::impl_words;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// The lowest rank that the principal subspaces may have.
const LEAST_K: usize = 1;

/// Ends of the open interval in which a mask fraction α lies.
const ALPHA_ENDS: [f64; 2] = [0.0, 1.0];

/// Ends of the half-open interval in which η lies.
const ETA_ENDS: [f64; 2] = [0.0, 1.0];

/// The lowest absolute tolerance.
const LEAST_TOLERANCE: f64 = 0.0;

/// The largest number of cells along a side of a map, which then has 64 KiB.
const MOST_MAP_SIDE: usize = 256;

/// The kind of comparison between the base and a tuned checkpoint. It decides which reported
/// figures a value is shown beside, and whether several checkpoints are compared step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The tuned checkpoint is the result of a whole run from the base.
    WholeRun,
    /// The base is a save of the same run, a step or a few before the tuned checkpoint.
    PerStep,
    /// All tuned checkpoints are saves of one run, in order.
    Steps,
}

/// The backend that the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackendChoice {
    /// A hardware GPU where there is one, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU, also a software adapter.
    Gpu,
}

impl_words!(Comparison, BackendChoice);

/// The settings of an analysis. The defaults are those of the page and of the command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Rank of the principal subspaces.
    #[schemars(range(min = LEAST_K))]
    pub k: usize,
    /// Mask fractions α, each between 0 and 1.
    #[schemars(length(min = 1), transform = limit_alphas)]
    pub alphas: Vec<f64>,
    /// Relative tolerance η of the bf16 gate, from 0 and below 1.
    #[schemars(extend("minimum" = ETA_ENDS[0], "exclusiveMaximum" = ETA_ENDS[1]))]
    pub eta: f64,
    /// Absolute tolerance of `sparsity_abs` (MUK: 1e-5).
    #[schemars(range(min = LEAST_TOLERANCE))]
    pub abs_tolerance: f64,
    /// Matrices with `min(m, n)` up to this are decomposed exactly.
    pub exact_limit: usize,
    /// Layers to analyse, as `0-3,7`; `null` for all. Tensors outside layers are left out when it
    /// is set.
    pub layers: Option<String>,
    /// Prefixes to replace in the names of the tuned checkpoints, each as what stands there and
    /// what the base has in its place; either may be empty.
    pub rename: Vec<[String; 2]>,
    /// The largest number of cells along a side of a map; 0 for no maps.
    #[schemars(range(max = MOST_MAP_SIDE))]
    pub map_side: usize,
    /// The kind of comparison, as far as the user says it; `null` where nobody said. Reports of
    /// version 1 call it `span`.
    #[serde(alias = "span")]
    pub comparison: Option<Comparison>,
    /// Whether changes of value and output projections are looked for that leave the function as
    /// it was.
    pub function_preserving: bool,
    /// Seed of the shared random block, and with each tensor's name of the draws of chance.
    pub seed: u32,
    /// The backend that the user asks for.
    pub backend: BackendChoice,
}

fn limit_alphas(schema: &mut Schema) {
    if let Some(items) = schema.get_mut("items").and_then(|items| items.as_object_mut()) {
        items.insert("exclusiveMinimum".into(), ALPHA_ENDS[0].into());
        items.insert("exclusiveMaximum".into(), ALPHA_ENDS[1].into());
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            k: 64,
            alphas: vec![0.1, 0.3],
            eta: 1e-3,
            abs_tolerance: 1e-5,
            exact_limit: 512,
            layers: None,
            rename: Vec::new(),
            map_side: 64,
            comparison: None,
            function_preserving: true,
            seed: 7,
            backend: BackendChoice::Auto,
        }
    }
}

impl Settings {
    /// Refuses settings that no analysis can run with.
    ///
    /// # Errors
    /// [`Error::Setting`] with the range that is allowed.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Setting(what));
        let [least, end] = ALPHA_ENDS;
        if self.k < LEAST_K {
            return refuse(format!("k must be at least {LEAST_K}, not {}", self.k));
        }
        for [from, to] in &self.rename {
            if from.trim_end_matches('.') == to.trim_end_matches('.') {
                return refuse(format!(
                    "a renaming replaces a prefix by another one, as model.language_model.=model., \
                     not `{from}` by `{to}`"
                ));
            }
        }
        if self.alphas.is_empty() {
            return refuse("at least one α is needed".into());
        }
        if let Some(alpha) = self.alphas.iter().find(|a| !(**a > least && **a < end)) {
            return refuse(format!("α must lie between {least} and {end}, not {alpha}"));
        }
        let [least, end] = ETA_ENDS;
        if !(self.eta >= least && self.eta < end) {
            return refuse(format!("η must lie in [{least}, {end}), not {}", self.eta));
        }
        if self.map_side > MOST_MAP_SIDE {
            return refuse(format!(
                "a map has at most {MOST_MAP_SIDE} cells along a side, not {}",
                self.map_side
            ));
        }
        if self.abs_tolerance.is_nan() || self.abs_tolerance < LEAST_TOLERANCE {
            return refuse(format!(
                "the absolute tolerance must be {LEAST_TOLERANCE} or more, not {}",
                self.abs_tolerance
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Whether settings with this value in a field can be read and are not refused.
    fn accepts(field: &str, value: Value) -> bool {
        serde_json::from_value::<Settings>(json!({ field: value }))
            .is_ok_and(|settings| settings.check().is_ok())
    }

    #[test]
    fn the_limits_in_the_schema_are_those_that_are_checked() {
        let schema = serde_json::to_value(schemars::schema_for!(Settings)).expect("plain JSON");
        let mut limits = 0;
        for (field, schema) in schema["properties"].as_object().expect("fields") {
            let list = schema["type"] == "array";
            let schema = if list { &schema["items"] } else { schema };
            let step = if schema["type"] == "integer" { 1.0 } else { 1e-9 };
            for (limit, inside, outside) in [
                ("minimum", 0.0, -step),
                ("maximum", 0.0, step),
                ("exclusiveMinimum", step, 0.0),
                ("exclusiveMaximum", -step, 0.0),
            ] {
                let Some(end) = schema[limit].as_f64() else { continue };
                let at = |offset: f64| {
                    let value = end + offset;
                    let value = if step == 1.0 { json!(value as i64) } else { json!(value) };
                    if list { json!([value]) } else { value }
                };
                assert!(accepts(field, at(inside)), "{field} {}", at(inside));
                assert!(!accepts(field, at(outside)), "{field} {}", at(outside));
                limits += 1;
            }
        }
        assert_eq!(limits, 10, "the schema lacks limits or has new ones");
        assert!(!accepts("alphas", json!([])) && schema["properties"]["alphas"]["minItems"] == 1);
    }

    #[test]
    fn the_schema_has_the_defaults() {
        let schema = serde_json::to_value(schemars::schema_for!(Settings)).expect("plain JSON");
        let defaults = serde_json::to_value(Settings::default()).expect("plain JSON");
        for (field, value) in defaults.as_object().expect("fields") {
            assert_eq!(&schema["properties"][field]["default"], value, "{field}");
        }
    }

    #[test]
    fn renamings_replace_one_prefix_by_another() {
        for (from, to, good) in [
            ("a.", "", true),
            ("", "a.", true),
            ("a", "b", true),
            ("a.", "a", false),
            ("", "", false),
        ] {
            assert_eq!(accepts("rename", json!([[from, to]])), good, "{from}={to}");
        }
        assert!(!accepts("rename", json!([["a"]])));
    }

    #[test]
    fn settings_of_version_1_are_read() {
        let settings: Settings = serde_json::from_value(json!({ "span": "per_step" })).expect("ok");
        assert_eq!(settings.comparison, Some(Comparison::PerStep));
        assert!(serde_json::from_value::<Settings>(json!({ "comparison": "run" })).is_err());
    }
}
