//! Where a matrix's rows come from, and ranges of rows of a given length.

use crate::error::Error;
use crate::source::ReadFuture;
use std::ops::Range;

/// Rows of a stored matrix: row-major little-endian elements, as in the file.
pub trait RowSource {
    /// Reads the bytes of the rows `range`.
    ///
    /// # Errors
    /// [`Error::Read`](crate::error::Error::Read) with the file's name.
    fn rows(&self, range: Range<u64>) -> ReadFuture<'_>;
}

/// Rows that are in memory already.
pub(crate) struct InMemory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) row_bytes: usize,
}

impl RowSource for InMemory {
    fn rows(&self, range: Range<u64>) -> ReadFuture<'_> {
        let bytes = range.start as usize * self.row_bytes..range.end as usize * self.row_bytes;
        let missing =
            || Error::Device(format!("rows {}–{} are outside the matrix", range.start, range.end));
        let found = self.bytes.get(bytes).map(<[u8]>::to_vec).ok_or_else(missing);
        Box::pin(std::future::ready(found))
    }
}

/// Cuts `0..length` into ranges of `step`. The last one may be shorter.
pub(crate) fn steps(length: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(step.max(1)).map(move |start| start..length.min(start + step.max(1)))
}
