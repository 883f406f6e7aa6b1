//! Gate I: the update weighted by a diagonal Fisher.

pub mod compute;
pub mod pass;
pub mod report;
pub mod sums;
