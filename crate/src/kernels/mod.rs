//! The few operations that touch whole matrices, each with a WGSL kernel and a plain CPU twin.
//!
//! A kernel is a folder: its types in `mod.rs`, its definition in `cpu.rs`, its shader and what
//! calls it in `gpu.rs`, and in `tests.rs` one suite that runs on every backend. `cpu/` and `gpu/`
//! are the devices, which keep matrices and blocks. The trait [`Backend`] joins both.

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
