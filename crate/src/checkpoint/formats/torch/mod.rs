//! Files that `torch.save` writes: a pickle that describes tensors, and their bytes.
//!
//! Storages are ranges of the file, so their tensors stream as those of safetensors do.

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(unsafe_code)]
mod counting;
pub mod legacy;
pub mod model;
pub mod names;
pub mod open;
pub mod pickle;
pub mod strided;
pub mod tensor;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
pub mod zip;

pub use open::TorchFile;
pub use pickle::Value;

use crate::checkpoint::formats::torch::model::Model;
use crate::checkpoint::header::File;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// The files that are read as PyTorch's, and those that are refused.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "PyTorch, zip",
        "pytorch_model-00001-of-00002.bin",
        "Also .pt, .pth and .ckpt; the dict with most elements is the model.",
    ),
    Kind::read("PyTorch before 1.6", "legacy.pth", ""),
    Kind::refuse("PyTorch before 0.2, tar", "tar.pth", "Load it with PyTorch and save it again."),
    Kind::refuse(
        "TorchScript",
        "script.pt",
        "Load it with torch.jit.load and save its state_dict().",
    ),
    Kind::refuse(
        "Pickle of whole modules, or of other classes",
        "module.pt",
        "The class is named. Nothing in a pickle is executed.",
    ),
    Kind::pass_over("States of training", "optimizer.pt", ""),
];

/// Reads what a file tells of the model's weights. Returns it with what of it is not used.
///
/// # Errors
/// [`Error::BadFile`] where `torch.save` did not write the file, it is damaged, needs a class that
/// is not on the list, or holds no dict of tensors.
pub async fn read_file(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    let torch = TorchFile::open(source, &[]).await?;
    let found = model::find_model(source.name(), &torch.value).ok_or_else(|| {
        Error::bad_file(source.name(), "it holds no tensors by names: save a model's state_dict()")
    })?;
    let Model { tensors: values, mut left_out } = found;
    let mut tensors = Vec::new();
    let mut places: HashMap<Rc<str>, Result<Range<u64>, String>> = HashMap::new();
    for (name, value) in values {
        let described = match tensor::describe(value) {
            Ok(described) => described,
            Err(refusal) => {
                left_out.push(tensor::leave_out(name, refusal));
                continue;
            }
        };
        let key = &described.storage.key;
        if !places.contains_key(key) {
            let place = torch.find_storage(key).await.map_err(|error| error.to_string());
            places.insert(key.clone(), place);
        }
        let opened = match &places[key] {
            Ok(place) => described.open(name, source, place.clone()),
            Err(why) => Err((LeftOutReason::BadFile, why.clone())),
        };
        match opened {
            Ok(tensor) => tensors.push(tensor),
            Err(refusal) => left_out.push(tensor::leave_out(name, refusal)),
        }
    }
    Ok((File { source: source.clone(), metadata: BTreeMap::new(), tensors }, left_out))
}
