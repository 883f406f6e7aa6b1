//! The analysis: a plan says which tensors are compared, in which order and in what memory, and
//! each task of the plan takes its tensor from bytes to a report.
//!
//! [`plan`](fn@plan) cuts the inputs into tasks, [`analyze`] works on one of them,
//! [`Assembly`] puts the results together. `tensor` holds the order of steps on one
//! pair.

mod assemble;
mod check;
mod contained;
mod decompose;
mod details;
mod estimate;
mod inputs;
mod job;
mod listed;
mod matrices;
mod memory;
mod on_gpu;
mod plan;
mod results;
mod runs;
mod scale;
mod stages;
mod task;
mod tensor;
#[cfg(test)]
mod tests;

pub use crate::host::Host;
pub use assemble::Assembly;
pub use check::{CheckLimits, check_results};
pub use contained::contain_panic;
pub use details::{find_shortened, limit_maps, shorten_results};
pub use estimate::{Estimate, estimate, estimate_seconds};
pub use inputs::{Inputs, Inventory};
pub use on_gpu::{OnGpu, analyze_on_gpu};
pub use plan::{NO_PRODUCTS, Plan, PlannedRun, plan};
pub use results::TaskResults;
pub use runs::{analyze, fail_task};
pub use stages::{Stages, add_stages};
pub use task::{Task, Work};
