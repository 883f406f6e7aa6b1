//! The errors of the crate.

/// What helps where memory ends: the page leaves memory to the native program, which has an option
/// for it.
pub(crate) const MORE_MEMORY: &str = if cfg!(target_arch = "wasm32") {
    "a smaller k, the other backend, or the native program"
} else {
    "a smaller --k, a larger --memory, or another --backend"
};

/// An error. Its message says what is wrong, with which file or tensor, and where possible what to
/// do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file cannot be read as what it should be.
    #[error("{file}: {what}")]
    BadFile {
        /// The file's name.
        file: String,
        /// The problem, and where possible what to do.
        what: String,
    },
    /// A checkpoint needs its base for what was asked.
    #[error("{file}: {what}")]
    NeedsBase {
        /// The checkpoint's name.
        file: String,
        /// The reason, and what to do.
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
        /// The message of the system.
        what: String,
    },
    /// The device failed.
    #[error("the compute device failed: {0}")]
    Device(String),
    /// The device is gone: a new one may do what it could not.
    #[error("the GPU was lost: {0}. Start again, or take the CPU backend")]
    Lost(String),
    /// The device or the browser has no memory left for a matrix or a block.
    #[error("out of memory: {0}. Try {MORE_MEMORY}")]
    OutOfMemory(String),
    /// A setting is out of range.
    #[error("{0}")]
    Setting(String),
    /// A figure could not be computed.
    #[error("{0}")]
    Numerics(String),
}

impl Error {
    /// Makes an error of a file, or of a checkpoint by its name.
    pub(crate) fn bad_file(file: &str, what: impl Into<String>) -> Self {
        Self::BadFile { file: file.into(), what: what.into() }
    }

    /// Makes the error of a checkpoint that needs its base.
    pub(crate) fn needs_base(file: &str, what: impl Into<String>) -> Self {
        Self::NeedsBase { file: file.into(), what: what.into() }
    }
}
