//! The products W·X and Wᵀ·X of one stored matrix or of a difference.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;
