//! Changes of basis of value and output projections, which leave the function as it was.

pub mod pass;
pub mod report;
