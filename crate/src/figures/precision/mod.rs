//! Gate III: what the stored precision shows of the update.

pub mod compute;
pub mod profile;
pub mod report;
