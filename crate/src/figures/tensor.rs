//! What the report says of one tensor of one run.

use crate::checkpoint::names::role::Role;
use crate::figures::adapter::report::Adapter;
use crate::figures::basis_change::report::FunctionPreserving;
use crate::figures::fisher::report::Fisher;
use crate::figures::fp8::report::Quantized;
use crate::figures::geometry::report::Geometry;
use crate::figures::heads::report::Heads;
use crate::figures::listed::report::Listed;
use crate::figures::maps::report::Maps;
use crate::figures::masks::report::Masks;
use crate::figures::precision::report::Precision;
use crate::figures::update::report::Update;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One tensor of the base against its partner in one tuned checkpoint, or what a sparse delta lists
/// of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TensorReport {
    /// Its full name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: String,
    /// The layer's number, from the name.
    pub layer: Option<u32>,
    /// The module kind: `q k v o qkv gate up down gate_up embed norm head expert router bias
    /// other`.
    pub module: String,
    /// As stored, row-major; empty where a sparse delta without its base does not tell it.
    pub shape: Vec<u64>,
    /// True where the architecture stores inputs × outputs (GPT-2's Conv1D): rows are then inputs.
    pub transposed: bool,
    /// The dtype in which both sides are compared: `BF16`, `F16`, `F32`, `F64`.
    pub dtype: String,
    /// The base's dtype as stored, by safetensors' name; empty without a base and in reports from
    /// before this field.
    #[serde(default)]
    pub dtype_base: String,
    /// The tuned tensor's.
    #[serde(default)]
    pub dtype_tuned: String,
    /// Elements; 0 where the shape is not known.
    pub parameters: u64,
    /// `done`, or `failed` with the reason in `error`.
    pub status: String,
    /// Why it failed, in one sentence.
    pub error: Option<String>,
    /// Gate III.
    pub precision: Option<Precision>,
    /// The size of the update.
    pub update: Option<Update>,
    /// Gate II; `null` for vectors and where `geometry_note` says why.
    pub geometry: Option<Geometry>,
    /// Why there is no geometry.
    pub geometry_note: Option<String>,
    /// One entry for each α, in the order set.
    pub masks: Vec<Masks>,
    /// Gate I with a diagonal Fisher; `null` without a usable one.
    #[serde(default)]
    pub fisher: Option<Fisher>,
    /// Why the Fisher given can't be used for this tensor.
    #[serde(default)]
    pub fisher_note: Option<String>,
    /// Of a value projection with a large update, where its layer's output projection and
    /// config.json are there.
    #[serde(default)]
    pub function_preserving: Option<FunctionPreserving>,
    /// Of a weight with a LoRA adapter.
    #[serde(default)]
    pub adapter: Option<Adapter>,
    /// Where in the matrix it changed; `null` for vectors.
    #[serde(default)]
    pub maps: Option<Maps>,
    /// Per attention head; `null` for what has none.
    #[serde(default)]
    pub heads: Option<Heads>,
    /// Codes and scales, where both sides are FP8 of one kind; else `null`.
    #[serde(default)]
    pub quantized: Option<Quantized>,
    /// Without a base, the weights that the sparse delta lists; else `null`.
    #[serde(default)]
    pub listed: Option<Listed>,
    /// Wall-clock seconds spent on it.
    pub seconds: f64,
}

impl TensorReport {
    /// Marks it as failed; the first reason stays.
    pub(crate) fn fail(&mut self, error: &crate::error::Error) {
        self.status = "failed".into();
        self.error.get_or_insert_with(|| format!("{}: {error}", self.name));
    }
}

/// A report without figures.
pub(crate) fn unfilled(name: &str, role: &Role, shape: &[u64]) -> TensorReport {
    TensorReport {
        name: name.into(),
        layer: role.layer,
        module: role.module.into(),
        shape: shape.into(),
        transposed: role.transposed,
        dtype: String::new(),
        dtype_base: String::new(),
        dtype_tuned: String::new(),
        parameters: 0,
        status: "done".into(),
        error: None,
        precision: None,
        update: None,
        geometry: None,
        geometry_note: None,
        masks: Vec::new(),
        fisher: None,
        fisher_note: None,
        function_preserving: None,
        adapter: None,
        maps: None,
        heads: None,
        quantized: None,
        listed: None,
        seconds: 0.0,
    }
}
