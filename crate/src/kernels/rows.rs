//! Where a matrix's rows come from, and whether they stay on the device between two uses.

use crate::error::Error;
use crate::source::ReadFuture;
use std::ops::Range;

/// Rows of a stored matrix, row-major little-endian elements as in the file.
pub trait RowSource {
    /// The bytes of the rows `range`.
    ///
    /// # Errors
    /// [`Error::Read`](crate::error::Error::Read) by the file's name.
    fn rows(&self, range: Range<u64>) -> ReadFuture<'_>;
}

/// Whether a matrix stays on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// The whole matrix does, read once.
    Whole,
    /// Only tiles of rows do, of about this many bytes each: every product reads them from the
    /// source again.
    Streamed(u64),
}

/// What a device offers for one tensor, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// The program's own memory, for the exact route.
    pub heap: u64,
    /// Base and tuned together may stay whole up to this.
    pub matrices: u64,
    /// For all tall blocks together.
    pub blocks: u64,
    /// Matrices and blocks lie outside the program's own memory.
    pub apart: bool,
    /// A tile of a streamed matrix.
    pub tile: u64,
}

/// Rows that are in memory already.
pub(crate) struct InMemory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) row_bytes: usize,
}

impl RowSource for InMemory {
    fn rows(&self, range: Range<u64>) -> ReadFuture<'_> {
        let bytes = range.start as usize * self.row_bytes..range.end as usize * self.row_bytes;
        let missing = || {
            Error::Device(format!(
                "rows {}–{} are outside the matrix",
                range.start, range.end
            ))
        };
        let found = self
            .bytes
            .get(bytes)
            .map(<[u8]>::to_vec)
            .ok_or_else(missing);
        Box::pin(std::future::ready(found))
    }
}

/// `0..length` cut into ranges of `step`, the last one shorter.
pub(crate) fn steps(length: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length)
        .step_by(step.max(1))
        .map(move |start| start..length.min(start + step.max(1)))
}
