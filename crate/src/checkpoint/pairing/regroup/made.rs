//! A tensor that is made of others.

use crate::checkpoint::entry::TensorEntry;

/// A tensor of the base, made of tensors of the tuned checkpoint.
pub(crate) struct Made {
    /// The tensor under the base's name, with its shape.
    pub entry: TensorEntry,
    /// The places of the tensors that it is made of.
    pub of: Vec<usize>,
}
