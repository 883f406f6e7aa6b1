//! Formats of files of weights, and layouts beside plain weights: LoRA adapters, sparse deltas,
//! FP8 with scales.

pub mod distributed;
pub mod fp8;
pub mod gguf;
pub mod lora;
pub mod sparse_delta;
pub mod torch;

use crate::checkpoint::header::{self, File};
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// True for the name of a file that holds weights.
pub(crate) fn is_weights(name: &str) -> bool {
    name.ends_with(".safetensors")
        || distributed::is_part(name)
        || (torch::names::is_weights(name) && !distributed::kinds::is_state(name))
        || gguf::is_weights(name)
}

/// Reads what a file of weights tells of its tensors. Returns it with the tensors that can't be
/// read.
///
/// # Errors
/// [`Error::BadFile`] where the file is not of the format that its name says, or is damaged.
pub(crate) async fn read_file(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    if torch::names::is_weights(source.name()) {
        return torch::read_file(source).await;
    }
    if gguf::is_weights(source.name()) {
        return gguf::read_file(source).await;
    }
    header::read_header(source).await
}
