//! The size of the update.

pub mod compute;
pub mod report;
