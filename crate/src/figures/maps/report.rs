//! What the report shows of a matrix as a small picture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Downsampled maps of a matrix, cells row-major, one byte each, in standard base64.
///
/// A density d is coded as 0 where it is 0, else as max(1, round(255·d)). A mean |Δ| of v is coded
/// as round(255 + 16·log2(v / `update_max`)), at least 1, and as 0 below
/// `update_max`·2^(−254.5/16).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Maps {
    /// Of cells.
    pub rows: usize,
    /// Of cells.
    pub columns: usize,
    /// The matrix's rows in a cell; the last cell may hold fewer.
    pub row_group: usize,
    /// The matrix's columns in a cell.
    pub column_group: usize,
    /// Density of the update mask.
    pub changed: String,
    /// Mean |Δ| of the finite weights.
    pub update: String,
    /// The largest mean |Δ| of a cell.
    pub update_max: f64,
    /// Density of the principal mask at `alpha`, its threshold taken from a sample (docs/metrics.md
    /// says how good); `null` where there is none.
    pub principal: Option<String>,
    /// The first α.
    pub alpha: f64,
}

/// A downsampled map of one density, coded as [`Maps::changed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConsensusMap {
    /// Of cells.
    pub rows: usize,
    /// Of cells.
    pub columns: usize,
    /// The matrix's rows in a cell.
    pub row_group: usize,
    /// The matrix's columns in a cell.
    pub column_group: usize,
    /// Density of the weights that changed in all runs, or of those that a sparse delta lists.
    pub all: String,
}
