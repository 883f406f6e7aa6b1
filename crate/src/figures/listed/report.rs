//! The report of a sparse delta without its base.

use crate::figures::maps::report::ConsensusMap;
use crate::figures::precision::profile::Profile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The weights of a tensor that a sparse delta lists: by its layout, those whose stored bits
/// changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listed {
    /// Number of listed weights; a weight counts once, also where several files of the delta list
    /// it.
    pub changed: u64,
    /// `changed / parameters`; `null` if the layout does not tell the shape.
    pub density: Option<f64>,
    /// Share of listed weights per row; `null` for vectors and without a shape.
    pub row_density: Option<Profile>,
    /// Share of listed weights per column; `null` for vectors and without a shape.
    pub column_density: Option<Profile>,
    /// Where in the matrix the listed weights lie; `null` for vectors and without a shape.
    pub map: Option<ConsensusMap>,
}
