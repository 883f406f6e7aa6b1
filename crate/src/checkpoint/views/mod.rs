//! A tensor's elements as the kernels take them, whatever its file holds.
//!
//! A view reads and decodes only the range that is asked for, so that streaming and the bounds on
//! memory hold for every format. Views stand on each other: each takes its elements from another,
//! or from the bytes of a file.

pub mod stored;
pub mod widened;

use crate::checkpoint::formats::fp8::scaled::Scaled;
pub use stored::Stored;
pub use widened::widened;

use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::ops::Range;

/// A tensor as a run of elements, row-major.
pub trait View {
    /// The dtype that [`View::elements`] gives.
    fn dtype(&self) -> Dtype;
    /// The little-endian bytes of the elements `range`, `range.len() · dtype().size()` of them.
    ///
    /// # Errors
    /// [`Error::Read`](crate::error::Error::Read) by the file's name.
    fn elements(&self, range: Range<u64>) -> ReadFuture<'_>;
    /// Its codes and scales, where it is an FP8 tensor and nothing else.
    fn quantized(&self) -> Option<&Scaled> {
        None
    }
}

/// Elements that a view decodes at a time: what it reads stays small beside what it gives.
pub(crate) const PIECE: u64 = 1 << 18;

/// `range` cut into pieces of at most [`PIECE`].
pub(crate) fn pieces(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    range.clone().step_by(PIECE as usize).map(move |start| start..range.end.min(start + PIECE))
}
