//! The plan: which tensors, in which order, in what memory; and one tensor's way from bytes to
//! report.

mod decompose;
mod inputs;
mod listed;
mod matrices;
mod panels;
mod plan;
mod results;
mod stages;
mod task;
mod tensor;
#[cfg(test)]
mod tests;

pub use crate::host::Host;
pub use inputs::{Inputs, Inventory};
pub use plan::{NO_PRODUCTS, assemble, plan};
pub use results::Analyzed;
pub use stages::{Stages, add_stages};
pub use task::{Task, Work};
pub use tensor::analyze;
