//! A LoRA adapter: how much of it survives the merge, and in which subspaces its factors lie.

pub mod pass;
pub mod report;
pub mod sums;
