//! Ranged reads: a browser's Blob, a local file, memory, blocks in several of these. Nothing
//! above this module knows which.

#[cfg(target_arch = "wasm32")]
mod blob;
mod blocks;
pub mod digest;
#[cfg(not(target_arch = "wasm32"))]
mod file;
#[cfg(not(target_arch = "wasm32"))]
pub mod folder;
mod memory;
#[cfg(test)]
pub(crate) mod testing;
mod unreadable;
mod window;

#[cfg(target_arch = "wasm32")]
pub use blob::BlobSource;
pub use blocks::{Block, BlockSource};
#[cfg(not(target_arch = "wasm32"))]
pub use file::FileSource;
pub use memory::MemorySource;
pub use unreadable::UnreadableSource;
pub use window::WindowSource;

use crate::error::Error;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

/// The bytes of a range, later.
pub type ReadFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + 'a>>;

/// A file of known length that can be read in ranges.
pub trait Source {
    /// Its name, for messages.
    fn name(&self) -> &str;
    /// Its length in bytes.
    fn len(&self) -> u64;
    /// True for a file of no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The bytes of `range`.
    ///
    /// # Errors
    /// [`Error::Read`] where the range leaves the file or the system refuses.
    fn read(&self, range: Range<u64>) -> ReadFuture<'_>;
}

/// True for a file of this name in the given folder or one inside it, whatever the case of letters.
pub(crate) fn is_called(file: &dyn Source, name: &str) -> bool {
    file.name().rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name))
}

/// The most bytes of a configuration, which is parsed into a tree of values of some ten times its
/// size. Those with patterns for every expert of a large model have less than one MB.
pub(crate) const MOST_CONFIG: u64 = 8_000_000;
/// The most bytes of a list of tensors: a header, an index, a manifest.
pub(crate) const MOST_LISTS: u64 = 100_000_000;

/// Reads a whole file of at most `most` bytes.
///
/// # Errors
/// [`Error::BadFile`] where it is larger, and [`Error::Read`] where it can't be read.
pub(crate) async fn read_whole(source: &dyn Source, most: u64) -> Result<Vec<u8>, Error> {
    if source.len() > most {
        let what = format!(
            "it has {} bytes, and at most {most} of such a file are read: it is not what its name \
             says",
            source.len()
        );
        return Err(Error::bad_file(source.name(), what));
    }
    source.read(0..source.len()).await
}

/// The error of a failed read, by name.
fn failed(source: &dyn Source, range: &Range<u64>, what: impl ToString) -> Error {
    Error::Read {
        file: source.name().into(),
        start: range.start,
        end: range.end,
        what: what.to_string(),
    }
}

/// Refuses ranges that leave the file: a truncated read must not pass for data.
pub(crate) fn inside(source: &dyn Source, range: &Range<u64>) -> Result<(), Error> {
    if range.start <= range.end && range.end <= source.len() {
        return Ok(());
    }
    Err(failed(source, range, format!("the file has only {} bytes", source.len())))
}
