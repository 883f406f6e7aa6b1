//! Tensors put together from the parts that ranks saved.

use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{Block, BlockSource, Source};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The parts of one tensor.
pub(crate) struct Parts {
    /// The dtype of all parts.
    pub dtype: safetensors::Dtype,
    /// The shape of the whole.
    pub shape: Vec<u64>,
    /// The parts, in the order of ranks.
    pub blocks: Vec<Block>,
}

impl Parts {
    /// Joins the parts to the tensor `name`.
    ///
    /// # Errors
    /// [`Error::BadFile`] where they do not make up a whole.
    fn join(self, name: &str) -> Result<RawTensor, Error> {
        let Self { dtype, shape, blocks } = self;
        if dtype.bitsize() % 8 != 0 {
            return Err(Error::bad_file(name, format!("parts of dtype {dtype} are not joined")));
        }
        let whole = blocks.iter().find(|block| block.lengths == shape).cloned();
        let mut files: Vec<&str> = blocks.iter().map(|block| block.source.name()).collect();
        files.dedup();
        let label = match files[..] {
            [] => name.to_owned(),
            [first] => first.to_owned(),
            [first, ..] => format!("{first} and {} more", files.len() - 1),
        };
        let joined = BlockSource::new(&label, &shape, size_of(dtype), blocks)?;
        let (source, start): (Rc<dyn Source>, _) = match whole {
            Some(block) => (block.source, block.start),
            None => (Rc::new(joined), 0),
        };
        Ok(RawTensor { name: name.into(), dtype, shape, source, start })
    }
}

/// Bytes of an element.
fn size_of(dtype: safetensors::Dtype) -> u64 {
    dtype.bitsize() as u64 / 8
}

/// Joins the parts of all tensors, by name. Returns the tensors, and those whose parts do not make
/// up a whole.
pub(crate) fn join_all(parts: BTreeMap<String, Parts>) -> (Vec<RawTensor>, Vec<LeftOut>) {
    let (mut tensors, mut problems) = (Vec::new(), Vec::new());
    for (name, parts) in parts {
        match parts.join(&name) {
            Ok(tensor) => tensors.push(tensor),
            Err(error) => problems.push(refuse(&name, error.to_string())),
        }
    }
    (tensors, problems)
}

/// Leaves out a tensor or a file.
pub(crate) fn refuse(name: &str, detail: impl Into<String>) -> LeftOut {
    LeftOut::new(name, LeftOutReason::BadFile, detail)
}
