//! Files that `torch.save` writes: a pickle that describes tensors, and their bytes.

pub mod pickle;
