//! The update mask beside the masks of principal and of low-magnitude weights.

pub mod compute;
pub mod report;
