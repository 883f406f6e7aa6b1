//! The report of a LoRA adapter on one weight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The update Δ = s·B·A of a PEFT adapter. `precision`, `maps` and the update mask are those of the
/// weight merged in the base's dtype as PEFT merges it; `update` and `geometry` are those of Δ
/// before the merge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Adapter {
    /// The rank r of the factors.
    pub rank: usize,
    /// The scale s: α/r, or α/√r with rank-stabilised LoRA.
    pub scale: f64,
    /// Number of weights whose Δ is not 0.
    pub touched: u64,
    /// Share of the touched weights that changed in bf16 in the merged weight; `null` where Δ is 0.
    pub survives: Option<f64>,
    /// ⟨Δ_merged, Δ⟩/‖Δ‖²: 1 where rounding takes nothing away on the whole; `null` where Δ is 0.
    pub realized: Option<f64>,
    /// ‖Δ_merged − Δ‖_F/‖Δ‖_F: the noise that the merge adds; `null` where Δ is 0.
    pub merge_error: Option<f64>,
    /// Share of ‖A‖² in the principal subspace of its side; `null` without a geometry or where A is
    /// 0. PiSSA starts at 1, MiLoRA at 0.
    pub a_principal: Option<f64>,
    /// Share of ‖B‖² in the principal subspace of its side.
    pub b_principal: Option<f64>,
    /// The share that a random A gives: k over the length of A's side.
    pub a_chance: Option<f64>,
    /// The share that a random B gives: k over the length of B's side.
    pub b_chance: Option<f64>,
}
