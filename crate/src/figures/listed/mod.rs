//! Weights that sparse deltas list, without their base.

pub mod compute;
pub mod pass;
pub mod report;
pub mod sums;
