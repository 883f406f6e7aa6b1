//! The elements of a tensor in a dtype that the kernels read, whatever its file holds.
//!
//! A view reads and decodes only the range that is asked for, so that streaming and the bounds on
//! memory hold for every format. Views stand on each other: each takes its elements from another,
//! or from the bytes of a file.

pub(crate) mod composed;
pub mod scaled;
pub mod stored;
pub mod widened;

pub use scaled::{scale_value, scale_view};
pub use stored::Stored;
pub use widened::widen_view;

use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::source::ReadFuture;
use std::ops::Range;
use std::pin::Pin;

/// The scales that [`Quantization::scales`] reads.
pub type ScalesFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<f32>, Error>> + 'a>>;

/// A tensor that is stored as codes of 8 bits and scales.
pub trait Quantization {
    /// The dtype of the codes.
    fn code_dtype(&self) -> safetensors::Dtype;
    /// Reads the codes of the elements `range`.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    fn codes(&self, range: Range<u64>) -> ReadFuture<'_>;
    /// Reads the scales of the slice that begins at element `first`; none without a scale tensor.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    fn scales(&self, first: u64) -> ScalesFuture<'_>;
}

/// A tensor as a run of elements, row-major.
pub trait View {
    /// The dtype that [`View::elements`] gives.
    fn dtype(&self) -> Dtype;
    /// The little-endian bytes of the elements `range`, `range.len() · dtype().size()` of them.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    fn elements(&self, range: Range<u64>) -> ReadFuture<'_>;
    /// The codes and scales; `None` unless the view is of a quantised tensor alone.
    fn quantization(&self) -> Option<&dyn Quantization> {
        None
    }
}

/// Elements that a view decodes at a time: what it reads stays small beside what it gives.
pub(crate) const PIECE: u64 = 1 << 18;

/// Cuts `range` into pieces of at most [`PIECE`].
pub(crate) fn cut_range(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    range.clone().step_by(PIECE as usize).map(move |start| start..range.end.min(start + PIECE))
}
