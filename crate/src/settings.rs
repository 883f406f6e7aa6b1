//! What the user can set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of [`Settings::span`] for saves of one run in order.
pub const STEPS: &str = "steps";

/// All values of [`Settings::span`].
pub const SPANS: [&str; 3] = ["whole_run", "per_step", STEPS];

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
