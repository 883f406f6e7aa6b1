//! The size of a mask that holds the share α of a tensor's weights.

/// Computes ⌈αN⌉ of N weights, at least 1.
pub fn mask_size(alpha: f64, parameters: u64) -> u64 {
    // α·N in floating point may land a hair above an integer: 0.1·30 must want 3.
    ((alpha * parameters as f64 - 1e-9).ceil() as u64).clamp(1, parameters)
}
