//! What several runs share.

pub mod compute;
pub mod pass;
pub mod report;
pub mod sums;
