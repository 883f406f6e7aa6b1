//! Names of tensors: layers, kinds of modules, order, and how names of two checkpoints find each
//! other.

pub mod align;
pub mod buffers;
mod choose;
pub mod families;
pub(crate) mod follow;
pub mod layers;
pub mod natural;
pub mod others;
pub mod overrides;
pub mod renaming;
pub mod role;
pub mod votes;
pub mod wrappers;
