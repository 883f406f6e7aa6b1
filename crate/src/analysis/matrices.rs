//! Both sides of a pair on a device.

use crate::checkpoint::pairing::Pair;
use crate::kernels::Backend;

/// Base and tuned on the device.
pub struct Matrices<B: Backend> {
    pub base: B::Matrix,
    pub tuned: B::Matrix,
    /// Each product reads both from their files again.
    pub streamed: bool,
    /// σ(Δ) where it is known from factors: all values that are not 0.
    pub update: Option<Vec<f64>>,
    /// The same sides in F64 where these are rounded, for the exact route.
    pub precise: Option<Pair>,
}
