//! Figures: each family in one folder, from counts and spectra to what the report says.
//!
//! In each folder `report.rs` holds the types in the report, `compute.rs` computes them, `sums.rs`
//! sums over rows, and `pass.rs` streams a pair through the sums. [`registry`] is the one table of
//! all figures.

pub mod adapter;
pub mod basis_change;
pub(crate) mod chance;
pub(crate) mod finite;
pub mod fisher;
pub mod fp8;
pub mod geometry;
pub mod heads;
pub mod listed;
pub mod maps;
pub mod masks;
pub mod overlap;
pub mod precision;
pub mod registry;
pub(crate) mod statistics;
pub mod tensor;
pub mod update;

pub use tensor::TensorReport;
