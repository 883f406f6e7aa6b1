//! Changes of basis of value and output projections, which leave the model's function as it was.

pub mod pass;
pub mod report;
