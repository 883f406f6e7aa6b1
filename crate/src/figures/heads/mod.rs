//! Attention heads: the block of each head is a small matrix of its own.

pub mod pass;
pub mod report;
