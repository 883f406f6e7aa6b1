//! One file for each family of figures: from counts and spectra to what the report says.

pub(crate) mod chance;
pub mod fisher;
pub mod geometry;
pub mod listed;
pub mod maps;
pub mod masks;
pub mod overlaps;
pub mod precision;
mod sweep;
pub mod update;

pub(crate) use sweep::norm;
