//! A LoRA adapter: what of it survives the merge, and where its factors lie.

pub mod pass;
pub mod report;
pub mod sums;
