//! Elements just as they lie in a file.

use crate::checkpoint::views::View;
use crate::element::dtype::Dtype;
use crate::source::{ReadFuture, Source};
use std::ops::Range;
use std::rc::Rc;

/// Elements of one dtype from byte `start` of a file on.
pub struct Stored {
    source: Rc<dyn Source>,
    dtype: Dtype,
    start: u64,
}

impl Stored {
    /// A tensor whose first element is byte `start` of `source`.
    pub fn new(source: Rc<dyn Source>, dtype: Dtype, start: u64) -> Self {
        Self { source, dtype, start }
    }
}

impl View for Stored {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        let size = self.dtype.size() as u64;
        self.source.read(self.start + range.start * size..self.start + range.end * size)
    }
}
