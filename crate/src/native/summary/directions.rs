//! Whether k is small enough to choose some directions of a matrix (www/report/directions.js).

use gatescope::figures::tensor::TensorReport;

/// Whether k covers all directions of a matrix.
pub fn covers_all(tensor: &TensorReport) -> bool {
    let short = tensor.shape.iter().min().copied().unwrap_or(0);
    tensor.geometry.as_ref().is_some_and(|g| g.k as u64 >= short || g.k < g.requested_k)
}
