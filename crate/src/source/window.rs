//! A range of a file, as a file of its own.

use crate::error::Error;
use crate::source::{ReadFuture, Source, inside};
use std::ops::Range;
use std::rc::Rc;

/// A file inside another.
pub struct WindowSource {
    source: Rc<dyn Source>,
    range: Range<u64>,
}

impl WindowSource {
    /// The bytes of `range`, under the name of the file that they are in.
    ///
    /// # Errors
    /// [`Error::Read`] where the range leaves the file.
    pub fn new(source: Rc<dyn Source>, range: Range<u64>) -> Result<Self, Error> {
        inside(source.as_ref(), &range)?;
        Ok(Self { source, range })
    }
}

impl Source for WindowSource {
    fn name(&self) -> &str {
        self.source.name()
    }
    fn len(&self) -> u64 {
        self.range.end - self.range.start
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        if let Err(error) = inside(self, &range) {
            return Box::pin(async move { Err(error) });
        }
        self.source.read(self.range.start + range.start..self.range.start + range.end)
    }
}
