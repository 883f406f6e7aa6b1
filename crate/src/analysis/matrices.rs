//! Both sides of a pair on a device.

use crate::checkpoint::pairing::{Pair, Side};
use crate::error::Error;
use crate::kernels::Backend;
use crate::kernels::memory::Residence;

/// Base and tuned on the device.
pub struct Matrices<B: Backend> {
    /// W0.
    pub base: B::Matrix,
    /// W1.
    pub tuned: B::Matrix,
    /// Whether each product reads both from their files again.
    pub streamed: bool,
    /// σ(Δ) where it is known from an adapter's factors: all values that are not 0.
    pub update: Option<Vec<f64>>,
    /// Both sides in F64 where the matrices are rounded, for the exact route.
    pub precise: Option<Pair>,
}

impl<B: Backend> Matrices<B> {
    /// Places both sides of `pair` on `device`, as they are stored.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name; [`Error::OutOfMemory`] where the device cannot hold
    /// them.
    pub async fn place(device: &B, pair: &Pair, residence: Residence) -> Result<Self, Error> {
        let (rows, cols) = (pair.rows() as usize, pair.cols() as usize);
        let base = device.place(rows, cols, pair.dtype, pair.source(Side::Base), residence).await?;
        let tuned =
            device.place(rows, cols, pair.dtype, pair.source(Side::Tuned), residence).await?;
        let streamed = residence != Residence::Whole;
        Ok(Self { base, tuned, streamed, update: None, precise: None })
    }
}
