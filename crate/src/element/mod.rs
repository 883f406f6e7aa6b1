//! Elements of tensors: dtypes, decoding, the bf16 gate, and how a matrix is cut into rows and
//! cells.

pub mod decode;
pub mod dtype;
pub mod gate;
pub mod grid;
pub mod rows;

pub use decode::Decoder;
pub use dtype::Dtype;
pub use grid::Grid;
