//! One tensor of a checkpoint.

use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::views::View;
use crate::element::dtype::Dtype;
use std::rc::Rc;

/// A tensor: its name, shape, stored dtype and elements.
#[derive(Clone)]
pub struct TensorEntry {
    /// The full name.
    pub name: String,
    /// The shape in the header.
    pub shape: Vec<u64>,
    /// The dtype in the file.
    pub stored: safetensors::Dtype,
    /// The elements, row-major.
    pub view: Rc<dyn View>,
    /// The update in factors; `None` unless the weight has an adapter.
    pub update: Option<Rc<LowRank>>,
}

impl TensorEntry {
    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// Number of bytes in its file.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.stored.bitsize() as u64 / 8
    }

    /// The dtype of its elements as they are read.
    pub fn dtype(&self) -> Dtype {
        self.view.dtype()
    }
}
