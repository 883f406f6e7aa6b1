//! The few operations that touch whole matrices, each with a WGSL kernel and a plain CPU twin.
//!
//! A kernel is a folder: its types, `cpu.rs` that defines it, `gpu.rs` with its WGSL. `cpu/` and
//! `gpu/` are the devices: how matrices and blocks are kept there. [`Backend`] joins both.

pub mod backend;
pub(crate) mod combine;
pub mod cpu;
pub mod diff;
pub(crate) mod exact_gram;
pub mod gpu;
pub(crate) mod gram;
pub mod memory;
pub mod operand;
pub mod principal;
pub(crate) mod product;
#[cfg(test)]
pub(crate) mod testing;

pub use backend::Backend;
pub use memory::{Memory, Residence};
pub use operand::Operand;
