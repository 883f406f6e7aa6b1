//! The bytes of a pickle, read from front to back.

/// Why a pickle was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The bytes end before the pickle does.
    #[error("its pickle is truncated")]
    Ended,
    /// The pickle is damaged, no pickle, or needs what is not read.
    #[error("{0}")]
    Refused(String),
}

/// Refuses a pickle.
pub(crate) fn refuse<T>(what: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Refused(what.into()))
}

/// A place in the bytes.
pub(crate) struct Bytes<'a> {
    all: &'a [u8],
    /// Number of bytes read.
    pub position: usize,
}

impl<'a> Bytes<'a> {
    /// The first of these bytes.
    pub fn new(all: &'a [u8]) -> Self {
        Self { all, position: 0 }
    }

    /// Reads some bytes.
    pub fn take(&mut self, count: u64) -> Result<&'a [u8], Failure> {
        let end = usize::try_from(count).ok().and_then(|n| self.position.checked_add(n));
        let end = end.filter(|end| *end <= self.all.len()).ok_or(Failure::Ended)?;
        let taken = &self.all[self.position..end];
        self.position = end;
        Ok(taken)
    }

    /// Reads a fixed number of bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    /// Reads one byte.
    pub fn byte(&mut self) -> Result<u8, Failure> {
        Ok(self.array::<1>()?[0])
    }

    /// Reads a little-endian number of 1, 2, 4 or 8 bytes.
    pub fn number<const N: usize>(&mut self) -> Result<u64, Failure> {
        Ok(self.array::<N>()?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// Reads the bytes whose number, of `N` bytes, stands before them.
    pub fn counted<const N: usize>(&mut self) -> Result<&'a [u8], Failure> {
        let count = self.number::<N>()?;
        self.take(count)
    }

    /// Reads a line of text, without its end.
    pub fn line(&mut self) -> Result<&'a str, Failure> {
        let rest = &self.all[self.position..];
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(Failure::Ended)?;
        self.position += length + 1;
        text(&rest[..length])
    }
}

/// The text of some bytes.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes)
        .map_err(|_| Failure::Refused("its pickle has a text that is not UTF-8".into()))
}
