//! Attention heads, each a small matrix of its own.

pub mod pass;
pub mod report;
