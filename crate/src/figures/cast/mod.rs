//! Updates that are nothing but the rounding between two dtypes.

pub mod pass;
pub mod report;
