//! AᵀA over the shorter side from 8-bit slices, exact: integer sums are the same on every device.

pub(crate) mod gpu;
#[cfg(test)]
mod tests;
