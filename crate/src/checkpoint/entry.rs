//! One tensor of a checkpoint.

use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::views::View;
use crate::element::dtype::Dtype;
use std::rc::Rc;

/// A tensor's name and shape, how it is stored, and its elements.
#[derive(Clone)]
pub struct TensorEntry {
    /// Its full name.
    pub name: String,
    /// As in the header.
    pub shape: Vec<u64>,
    /// The dtype in the file.
    pub stored: safetensors::Dtype,
    /// Its elements, row-major.
    pub view: Rc<dyn View>,
    /// Of a weight with an adapter, Δ in factors.
    pub update: Option<Rc<LowRank>>,
}

impl TensorEntry {
    /// How many numbers it holds.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// How many bytes it takes in its file.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.stored.bitsize() as u64 / 8
    }

    /// The dtype of its elements as they are read.
    pub fn dtype(&self) -> Dtype {
        self.view.dtype()
    }
}
