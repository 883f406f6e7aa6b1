//! Names of tensors: layers, kinds of modules, order.

pub mod layers;
pub mod natural;
pub mod renaming;
pub mod role;
