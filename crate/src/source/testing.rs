//! Files in memory whose reads a test sees.

use crate::source::{MemorySource, ReadFuture, Source};
use std::ops::Range;

/// A file that gives the range of each read to `see` before it reads.
pub(crate) struct WatchedSource<F> {
    /// The file.
    pub file: MemorySource,
    /// Takes the range of a read.
    pub see: F,
}

impl<F: Fn(&Range<u64>)> Source for WatchedSource<F> {
    fn name(&self) -> &str {
        self.file.name()
    }
    fn len(&self) -> u64 {
        self.file.len()
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        (self.see)(&range);
        self.file.read(range)
    }
}
