//! The combination of blocks start + Σ blockᵢ·Cᵢ.

pub(crate) mod cpu;
pub(crate) mod gpu;
#[cfg(test)]
mod tests;
