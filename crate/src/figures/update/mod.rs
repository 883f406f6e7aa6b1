//! Size and rank of the update.

pub mod compute;
pub mod report;
