//! What a device offers for one tensor, and whether a matrix stays on it between two uses.

/// Whether a matrix stays on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// The whole matrix does, read once.
    Whole,
    /// Only tiles of rows do, of about this many bytes each: every product reads them from the
    /// source again.
    Streamed(u64),
}

/// What a device offers for one tensor, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// The program's own memory, for the exact route.
    pub heap: u64,
    /// Base and tuned together may stay whole up to this.
    pub matrices: u64,
    /// For all tall blocks together.
    pub blocks: u64,
    /// Matrices and blocks lie outside the program's own memory.
    pub apart: bool,
    /// A tile of a streamed matrix.
    pub tile: u64,
}
