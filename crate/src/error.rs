//! The errors of the library, by name.

/// Every message says what was wrong, in which file or tensor, and where possible what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is not safetensors, or its header lies.
    #[error("{file}: {what}")]
    BadFile {
        /// The file's name.
        file: String,
        /// The fault, and what to do about it.
        what: String,
    },
    /// A checkpoint that says nothing, or not what was asked, until its base is given too.
    #[error("{file}: {what}")]
    NeedsBase {
        /// The checkpoint's name.
        file: String,
        /// Why, and what to do.
        what: String,
    },
    /// The bytes could not be read.
    #[error("{file}: could not read bytes {start}–{end}: {what}")]
    Read {
        /// The file's name.
        file: String,
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
        /// The system's own message.
        what: String,
    },
    /// The device failed.
    #[error("the compute device failed: {0}")]
    Device(String),
    /// The device or the browser has no memory left for a matrix or a block.
    #[error("out of memory: {0}. Try a smaller k, the other backend, or the native program")]
    OutOfMemory(String),
    /// A setting is out of range.
    #[error("{0}")]
    Setting(String),
    /// A figure could not be computed.
    #[error("{0}")]
    Numerics(String),
}
