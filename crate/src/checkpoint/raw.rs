//! A tensor just as a header names it, in any dtype.

use crate::checkpoint::views::View;
use crate::checkpoint::views::stored::Stored;
use crate::element::dtype::Dtype;
use crate::source::{ReadFuture, Source};
use std::ops::Range;
use std::rc::Rc;

/// Where a tensor lies in a file and how it is stored.
#[derive(Clone)]
pub struct RawTensor {
    /// Its full name.
    pub name: String,
    /// Any of safetensors' dtypes.
    pub dtype: safetensors::Dtype,
    /// As in the header.
    pub shape: Vec<u64>,
    /// Its file.
    pub source: Rc<dyn Source>,
    /// Its first byte.
    pub start: u64,
}

impl RawTensor {
    /// How many numbers it holds.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// How many bytes it takes in its file.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.dtype.bitsize() as u64 / 8
    }

    /// The bytes of some elements of a dtype of whole bytes.
    pub fn read(&self, elements: Range<u64>) -> ReadFuture<'_> {
        let size = self.dtype.bitsize() as u64 / 8;
        self.source.read(self.start + elements.start * size..self.start + elements.end * size)
    }

    /// Its elements, where their dtype is one that the kernels know.
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
