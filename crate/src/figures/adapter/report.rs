//! What the report says of a LoRA adapter on one weight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Δ = s·B·A of a PEFT adapter. `precision`, `maps` and the update mask are of the weight merged in
/// the base's dtype as PEFT merges it; `update` and `geometry` are of Δ before the merge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Adapter {
    /// r.
    pub rank: usize,
    /// s: α/r, or α/√r with rank-stabilised LoRA.
    pub scale: f64,
    /// Weights whose Δ is not 0.
    pub touched: u64,
    /// The share of those that the merged weight shows as changed in bf16; `null` where Δ is 0.
    pub survives: Option<f64>,
    /// ⟨Δ_merged, Δ⟩/‖Δ‖²: 1 where rounding takes nothing away on the whole; `null` where Δ is 0.
    pub realized: Option<f64>,
    /// ‖Δ_merged − Δ‖_F/‖Δ‖_F: what the merge adds as noise; `null` where Δ is 0.
    pub merge_error: Option<f64>,
    /// Share of ‖A‖² in the principal subspace of its side; `null` without a geometry or where A is
    /// 0. PiSSA starts at 1, MiLoRA at 0.
    pub a_principal: Option<f64>,
    /// Share of ‖B‖² in the principal subspace of its side.
    pub b_principal: Option<f64>,
    /// k over the length of A's side: a random A.
    pub a_chance: Option<f64>,
    /// k over the length of B's side: a random B.
    pub b_chance: Option<f64>,
}
