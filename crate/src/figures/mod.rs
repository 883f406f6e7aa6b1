//! Figures: a family in one folder each, from counts and spectra to what the report says.
//!
//! In each folder `report.rs` holds the types in the report, `compute.rs` makes them, `sums.rs` sums
//! over rows, and `pass.rs` streams a pair through the sums.

pub mod adapter;
pub mod basis_change;
pub(crate) mod chance;
pub mod fisher;
pub mod fp8;
pub mod geometry;
pub mod heads;
pub mod listed;
pub mod maps;
pub mod masks;
pub mod overlap;
pub mod precision;
pub(crate) mod statistics;
pub mod tensor;
pub mod update;

pub use tensor::TensorReport;
