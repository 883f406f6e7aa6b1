//! A tensor as a header describes it, in any dtype.

use crate::checkpoint::views::View;
use crate::checkpoint::views::stored::Stored;
use crate::element::dtype::Dtype;
use crate::source::{ReadFuture, Source};
use std::ops::Range;
use std::rc::Rc;

/// Number of elements of a shape as a file tells it; `None` where its lengths, without those of 0,
/// have a product that no number holds.
pub(crate) fn count_elements(shape: &[u64]) -> Option<u64> {
    let filled = shape.iter().copied().filter(|length| *length > 0);
    let product = filled.into_iter().try_fold(1, u64::checked_mul)?;
    Some(if shape.contains(&0) { 0 } else { product })
}

/// A tensor's place in a file, with its dtype and shape.
#[derive(Clone)]
pub struct RawTensor {
    /// The full name.
    pub name: String,
    /// The dtype in the file, any that safetensors knows.
    pub dtype: safetensors::Dtype,
    /// The shape in the header.
    pub shape: Vec<u64>,
    /// The file.
    pub source: Rc<dyn Source>,
    /// Offset of its first byte in the file.
    pub start: u64,
}

impl RawTensor {
    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Number of bytes in its file.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.dtype.bitsize() as u64 / 8
    }

    /// Reads the bytes of some elements; the dtype must have whole bytes.
    pub fn read(&self, elements: Range<u64>) -> ReadFuture<'_> {
        let size = self.dtype.bitsize() as u64 / 8;
        self.source.read(self.start + elements.start * size..self.start + elements.end * size)
    }

    /// A view of the elements; `None` if the kernels do not read their dtype.
    pub fn view(&self) -> Option<Rc<dyn View>> {
        let dtype = match self.dtype {
            safetensors::Dtype::BF16 => Dtype::Bf16,
            safetensors::Dtype::F16 => Dtype::F16,
            safetensors::Dtype::F32 => Dtype::F32,
            safetensors::Dtype::F64 => Dtype::F64,
            _ => return None,
        };
        Some(Rc::new(Stored::new(self.source.clone(), dtype, self.start)))
    }
}
