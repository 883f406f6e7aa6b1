//! One stored tensor.

use crate::error::Error;
use crate::kernels::Dtype;
use crate::source::Source;
use std::ops::Range;
use std::rc::Rc;

/// Where a tensor lies and how it is stored.
#[derive(Clone)]
pub struct TensorEntry {
    /// Its full name.
    pub name: String,
    /// How an element is stored.
    pub dtype: Dtype,
    /// As in the header.
    pub shape: Vec<u64>,
    source: Rc<dyn Source>,
    start: u64,
}

impl TensorEntry {
    /// A tensor whose first element is byte `start` of `source`.
    pub fn new(name: String, dtype: Dtype, shape: Vec<u64>, source: Rc<dyn Source>, start: u64) -> Self {
        Self { name, dtype, shape, source, start }
    }

    /// How many numbers it holds.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.dtype.size() as u64
    }

    /// The bytes of a range of elements.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read(&self, elements: Range<u64>) -> Result<Vec<u8>, Error> {
        let size = self.dtype.size() as u64;
        self.source.read(self.start + elements.start * size..self.start + elements.end * size).await
    }
}
