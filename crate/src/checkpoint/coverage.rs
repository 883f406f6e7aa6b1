//! The share of two checkpoints that was compared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers of weights of a base and of a tuned checkpoint, and of those that are compared. Buffers
/// and parameters of a quantisation are no weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Number of weights of the base.
    pub base: u64,
    /// Number of weights of the tuned checkpoint, as it is on the base.
    pub tuned: u64,
    /// Number of weights of the base that are compared.
    pub compared: u64,
}
