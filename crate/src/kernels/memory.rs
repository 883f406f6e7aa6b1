//! The memory of a device for one tensor, and whether a matrix stays in it between two uses.

/// Whether a matrix stays on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// The whole matrix stays. It is read once.
    Whole,
    /// Only one tile of rows stays at a time, of about this many bytes: every product reads all
    /// tiles from the source again.
    Streamed(u64),
}

/// The memory of a device for one tensor, in bytes: docs/numerics.md §13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// The program's own memory, which the exact route uses.
    pub heap: u64,
    /// The most that base and tuned may take together to stay whole.
    pub matrices: u64,
    /// The most that all tall blocks may take together.
    pub blocks: u64,
    /// Whether matrices and blocks lie outside the program's own memory.
    pub apart: bool,
    /// The size of a tile of a streamed matrix.
    pub tile: u64,
}
