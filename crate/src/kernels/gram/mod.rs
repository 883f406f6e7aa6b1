//! The Gram matrix LᵀR of tall blocks.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;
