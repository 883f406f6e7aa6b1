//! What a delta makes of its base.

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::summary::LeftOut;

/// A delta on its base.
#[derive(Default)]
pub(crate) struct Placed {
    /// The tensors of the whole checkpoint.
    pub tensors: Vec<TensorEntry>,
    /// What of the delta fits nothing, and why.
    pub problems: Vec<LeftOut>,
    /// The rules by which names were changed.
    pub renamed: Vec<Rule>,
}
