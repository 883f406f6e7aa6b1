//! Gate III: how much of the update the stored precision shows.

pub mod compute;
pub mod profile;
pub mod report;
