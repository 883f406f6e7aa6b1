//! The report of one tensor of one run.

use crate::checkpoint::listing::Listing;
use crate::checkpoint::names::role::{Module, Role};
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::dtype::Dtype;
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
use crate::words::impl_words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the analysis of a tensor succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The tensor was analysed.
    Done,
    /// The analysis failed.
    Failed,
}

impl_words!(Status);

/// One tensor of the base compared with its partner in one tuned checkpoint, or without a base the
/// weights of a tensor that a sparse delta lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TensorReport {
    /// The tensor's full name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: String,
    /// The layer's number, taken from the name; `null` outside layers.
    pub layer: Option<u32>,
    /// The kind of module, taken from the name.
    pub module: Module,
    /// Its shape as stored, row-major: one or two dimensions. Empty if a sparse delta without its
    /// base does not tell it.
    pub shape: Vec<u64>,
    /// True if the architecture stores inputs × outputs (GPT-2's Conv1D): rows are then inputs.
    pub transposed: bool,
    /// The dtype in which both sides are compared; without a base, that of the delta's values.
    pub dtype: Dtype,
    /// The base's dtype as stored, by safetensors' name; empty without a base and in reports that
    /// are older than this field.
    #[serde(default)]
    pub dtype_base: String,
    /// The tuned tensor's dtype as stored, by safetensors' name.
    #[serde(default)]
    pub dtype_tuned: String,
    /// Number of elements; 0 if the shape is unknown.
    pub parameters: u64,
    /// Whether the analysis succeeded; where it failed, `error` has the reason.
    pub status: Status,
    /// Why it failed, in one sentence.
    pub error: Option<String>,
    /// Gate III: what the stored precision shows of the update.
    pub precision: Option<Precision>,
    /// The size of the update.
    pub update: Option<Update>,
    /// Gate II: spectra and principal subspaces; `null` for vectors and where `geometry_note` says
    /// why.
    pub geometry: Option<Geometry>,
    /// Why there is no geometry.
    pub geometry_note: Option<String>,
    /// Why other figures are missing, as those that no number holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures_note: Option<String>,
    /// One entry for each α, in the order of the settings.
    pub masks: Vec<Masks>,
    /// Gate I: the update weighted by a diagonal Fisher; `null` without a usable one.
    #[serde(default)]
    pub fisher: Option<Fisher>,
    /// Why the given Fisher can't be used for this tensor.
    #[serde(default)]
    pub fisher_note: Option<String>,
    /// Whether a value projection changed its basis together with its layer's output projection;
    /// `null` unless its update is large and config.json tells the heads.
    #[serde(default)]
    pub function_preserving: Option<FunctionPreserving>,
    /// The LoRA adapter on this weight; `null` without one.
    #[serde(default)]
    pub adapter: Option<Adapter>,
    /// Where in the matrix weights changed; `null` for vectors.
    #[serde(default)]
    pub maps: Option<Maps>,
    /// The attention heads of a projection; `null` for tensors without heads.
    #[serde(default)]
    pub heads: Option<Heads>,
    /// Codes and scales that agree; `null` unless both sides are FP8 of one kind.
    #[serde(default)]
    pub quantized: Option<Quantized>,
    /// The weights that a sparse delta lists; `null` with a base.
    #[serde(default)]
    pub listed: Option<Listed>,
    /// Wall-clock seconds that the analysis of this tensor took.
    pub seconds: f64,
}

impl TensorReport {
    /// Marks the tensor as failed; the first reason stays.
    pub(crate) fn fail(&mut self, error: &crate::error::Error) {
        self.status = Status::Failed;
        self.error.get_or_insert_with(|| format!("{}: {error}", self.name));
    }

    /// Adds a sentence on figures that are missing.
    pub(crate) fn add_note(&mut self, note: &str) {
        match &mut self.figures_note {
            Some(notes) => *notes = format!("{notes}; {note}"),
            None => self.figures_note = Some(note.into()),
        }
    }

    /// A report without figures of a pair of tensors.
    pub(crate) fn for_pair(pair: &Pair) -> Self {
        Self {
            dtype_base: pair.stored(Side::Base).to_string(),
            dtype_tuned: pair.stored(Side::Tuned).to_string(),
            parameters: pair.elements(),
            fisher_note: pair.fisher_note.clone(),
            ..Self::empty(&pair.name, &pair.role, &pair.shape, pair.dtype)
        }
    }

    /// A report without figures of the weights that a sparse delta lists.
    pub(crate) fn for_listing(listing: &Listing) -> Self {
        Self {
            dtype_tuned: listing.dtype.to_string(),
            parameters: listing.elements().unwrap_or(0),
            ..Self::empty(&listing.name, &listing.role, &listing.shape, listing.dtype)
        }
    }

    /// A report without figures.
    pub(crate) fn empty(name: &str, role: &Role, shape: &[u64], dtype: Dtype) -> Self {
        Self {
            name: name.into(),
            layer: role.layer,
            module: role.module,
            shape: shape.into(),
            transposed: role.transposed,
            dtype,
            dtype_base: String::new(),
            dtype_tuned: String::new(),
            parameters: 0,
            status: Status::Done,
            error: None,
            precision: None,
            update: None,
            geometry: None,
            geometry_note: None,
            figures_note: None,
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
}
