//! Several runs of one base against each other: the changes that they share.

pub mod compute;
pub mod pass;
pub mod report;
pub mod sums;
