//! Names of tensors: layers, kinds of modules, order.

pub mod buffers;
pub mod layers;
pub mod natural;
pub mod renaming;
pub mod role;
