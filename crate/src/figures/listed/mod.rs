//! What sparse deltas list without their base.

pub mod compute;
pub mod report;
pub mod sums;
