//! A file that is there by its name alone.

use crate::error::Error;
use crate::source::{ReadFuture, Source};
use std::ops::Range;

/// A name that can't be read as a file: a link to nothing, a folder, a pipe.
#[derive(Debug, Clone)]
pub struct UnreadableSource {
    name: String,
    what: String,
}

impl UnreadableSource {
    /// A file called `name`, of which every read says `what` it is.
    pub fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), what: what.into() }
    }
}

impl Source for UnreadableSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        0
    }
    fn read(&self, _: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move { Err(Error::bad_file(&self.name, self.what.as_str())) })
    }
}
