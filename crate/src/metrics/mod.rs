//! One file for each family of figures: from counts and spectra to what the report says.

pub mod geometry;
pub mod masks;
pub mod overlaps;
pub mod precision;
pub mod update;
