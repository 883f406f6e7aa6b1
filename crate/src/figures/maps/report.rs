//! The report's maps of a matrix, small pictures of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Downsampled maps of a matrix. Each map has its cells row-major, one byte per cell, in standard
/// base64.
///
/// A density d is coded as 0 where it is 0, else as max(1, round(255·d)). A mean |Δ| of v is coded
/// as round(255 + 16·log2(v / `update_max`)), at least 1, and as 0 below
/// `update_max`·2^(−254.5/16).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Maps {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of columns of cells.
    pub columns: usize,
    /// Number of the matrix's rows in a cell; the last cell may hold fewer.
    pub row_group: usize,
    /// Number of the matrix's columns in a cell; the last cell may hold fewer.
    pub column_group: usize,
    /// Density of the update mask.
    pub changed: String,
    /// Mean |Δ| of the finite weights.
    pub update: String,
    /// The largest mean |Δ| of a cell.
    pub update_max: f64,
    /// Density of the principal mask at `alpha`, its threshold taken from a sample (docs/metrics.md
    /// says how exact it is); `null` without a principal mask.
    pub principal: Option<String>,
    /// The first α of the settings, the share of weights in the principal mask.
    pub alpha: f64,
}

/// A downsampled map of one density, coded as [`Maps::changed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConsensusMap {
    /// Number of rows of cells.
    pub rows: usize,
    /// Number of columns of cells.
    pub columns: usize,
    /// Number of the matrix's rows in a cell; the last cell may hold fewer.
    pub row_group: usize,
    /// Number of the matrix's columns in a cell; the last cell may hold fewer.
    pub column_group: usize,
    /// Density of the weights that changed in all runs, or of those that a sparse delta lists.
    pub all: String,
}
