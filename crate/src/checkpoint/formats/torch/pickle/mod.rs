//! A reader of the subset of pickle that `torch.load(weights_only=True)` accepts, protocols 2 to 5.
//!
//! A pickle is a program for a small stack machine that may import and call anything. Here nothing
//! is imported and nothing is called: calls become values that say what would have been called, and
//! only of classes on the list ([`classes`]). After torch/_weights_only_unpickler.py.
//!
//! What is allocated is bounded by a multiple of the bytes ([`MOST_PER_BYTE`]), nesting by
//! [`freeze::DEEPEST`], and what a walk over the value visits by [`freeze::VISITS_PER_BYTE`].

mod bytes;
mod calls;
pub mod classes;
mod freeze;
mod machine;
mod node;
mod op;
mod stack;
#[cfg(test)]
mod tests;
mod value;

pub use bytes::Failure;
pub use classes::ClassList;
pub use value::{Class, Object, Value};

use crate::error::Error;

/// The largest pickle that is read, in bytes. It holds no weights, only their description.
pub const LARGEST: u64 = 100_000_000;
/// The most bytes that reading allocates for each byte of a pickle, beside [`ALWAYS`].
pub const MOST_PER_BYTE: usize = 256;
/// Bytes that reading may allocate for any pickle.
pub const ALWAYS: usize = 1 << 16;

/// Reads the pickle that fills `bytes`, the content of `file`. It may use the classes of `extra`
/// beside the usual ones ([`classes::USUAL`]).
///
/// # Errors
/// [`Error::BadFile`] where it is damaged, needs another class, or is no pickle.
pub fn read(file: &str, bytes: &[u8], extra: &ClassList) -> Result<Value, Error> {
    match read_first(bytes, extra) {
        Ok((value, _)) => Ok(value),
        Err(failure) => Err(Error::bad_file(file, failure.to_string())),
    }
}

/// Reads the pickle with which `bytes` begin. Returns the value and the length of its pickle.
///
/// # Errors
/// [`Failure::Ended`] where the bytes end before the pickle does; [`Failure::Refused`] where it is
/// damaged, needs a class that is not on the lists, or is no pickle.
pub fn read_first(bytes: &[u8], extra: &ClassList) -> Result<(Value, usize), Failure> {
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::Refused(format!(
            "its pickle has {} bytes, more than the {LARGEST} that are read: save it as \
            safetensors",
            bytes.len()
        )));
    }
    let (nodes, root, length) = machine::run(bytes, extra)?;
    let value = freeze::freeze(&nodes, root, length)?;
    Ok((value, length))
}
