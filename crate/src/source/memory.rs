//! Bytes already in memory, for tests and small inputs.

use crate::source::{ReadFuture, Source, inside};
use std::ops::Range;

/// A named buffer.
#[derive(Debug, Clone)]
pub struct MemorySource {
    name: String,
    bytes: Vec<u8>,
}

impl MemorySource {
    /// A file called `name`.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes }
    }
}

impl Source for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            inside(self, &range)?;
            Ok(self.bytes[range.start as usize..range.end as usize].to_vec())
        })
    }
}
