//! Which files of a folder hold the weights of its checkpoint.

use crate::checkpoint::formats;
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// The files of a folder, sorted out.
pub(crate) struct Layout {
    /// The files that hold the weights.
    pub weights: Vec<Rc<dyn Source>>,
    /// Files that are not used, and why.
    pub left_out: Vec<LeftOut>,
}

/// Chooses the files that hold the weights of a checkpoint.
///
/// # Errors
/// [`Error::BadFile`] where none does.
pub(crate) fn choose_weights(name: &str, files: &[Rc<dyn Source>]) -> Result<Layout, Error> {
    let weights: Vec<_> =
        files.iter().filter(|file| formats::is_weights(file.name())).cloned().collect();
    if weights.is_empty() {
        return Err(Error::bad_file(name, "there is no .safetensors file in it"));
    }
    Ok(Layout { weights, left_out: Vec::new() })
}
