//! Exact Gram matrices AᵀA over the shorter side from 8-bit slices, whose integer sums are the same
//! on every device: docs/numerics.md §12.

pub(crate) mod gpu;
#[cfg(test)]
mod tests;
