//! The directory of a zip file: where its entries lie. Entries are ranges of the file, so only
//! stored ones can be read, not compressed ones; `torch.save` compresses none.
//!
//! After PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5, with zip64.

use crate::error::Error;
use crate::source::Source;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The largest directory that is read, in bytes.
const LARGEST: u64 = 100_000_000;
/// Length of the record at the end, without its comment.
const END: usize = 22;
/// Length of the record that tells where the zip64 record is.
const LOCATOR: usize = 20;
/// Length of the zip64 record, without what later versions add.
const END64: usize = 56;
/// Length of an entry in the directory, without its name and what follows.
const ENTRY: usize = 46;
/// Length of the header before an entry's bytes, without its name and what follows.
const LOCAL: u64 = 30;
/// The number of the extra field that holds sizes of 64 bits.
const ZIP64: u64 = 1;

/// An entry, as the directory describes it.
struct Entry {
    /// Offset of its header in the file.
    header: u64,
    /// Number of its bytes.
    bytes: u64,
    /// Why its bytes can't be read.
    problem: Option<&'static str>,
}

/// The entries of a zip file.
pub struct Zip {
    source: Rc<dyn Source>,
    entries: HashMap<String, Entry>,
}

/// A little-endian number of `count` bytes at `place`; `None` where there are not so many.
fn number(bytes: &[u8], place: usize, count: usize) -> Option<u64> {
    let found = bytes.get(place..place.checked_add(count)?)?;
    Some(found.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

impl Zip {
    /// Reads the directory of a file.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it is no zip file, or truncated or damaged.
    pub async fn open(source: &Rc<dyn Source>) -> Result<Self, Error> {
        let refuse = |what: &str| Error::bad_file(source.name(), what);
        let (directory, count) = find_directory(source).await?;
        let bytes = source.read(directory).await?;
        let mut entries = HashMap::new();
        let mut place = 0;
        for _ in 0..count {
            let (name, entry, next) = read_entry(&bytes, place)
                .ok_or_else(|| refuse("the directory at its end is damaged"))?;
            if entries.insert(name.clone(), entry).is_some() {
                return Err(refuse(&format!("it holds {name} twice: it is damaged")));
            }
            place = next;
        }
        Ok(Self { source: source.clone(), entries })
    }

    /// The names of the entries, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Finds the bytes of an entry in the file; `None` if there is no entry of this name.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the entry is compressed, encrypted or damaged.
    pub async fn find(&self, name: &str) -> Result<Option<Range<u64>>, Error> {
        let Some(entry) = self.entries.get(name) else { return Ok(None) };
        let refuse = |what: &str| Error::bad_file(self.source.name(), format!("{name} {what}"));
        if let Some(problem) = entry.problem {
            return Err(refuse(problem));
        }
        let damaged = || refuse("does not lie where the directory says: the file is damaged");
        let end = entry.header.checked_add(LOCAL).ok_or_else(damaged)?;
        if end > self.source.len() {
            return Err(damaged());
        }
        let header = self.source.read(entry.header..end).await?;
        let lengths = number(&header, 26, 2).zip(number(&header, 28, 2));
        let Some((name_bytes, extra)) = lengths.filter(|_| header.starts_with(b"PK\x03\x04"))
        else {
            return Err(damaged());
        };
        let start = end + name_bytes + extra;
        match start.checked_add(entry.bytes) {
            Some(end) if end <= self.source.len() => Ok(Some(start..end)),
            _ => Err(damaged()),
        }
    }
}

/// Finds the directory in the file. Returns its range and the number of its entries.
async fn find_directory(source: &Rc<dyn Source>) -> Result<(Range<u64>, u64), Error> {
    let truncated = || {
        Error::bad_file(
            source.name(),
            "it begins as a zip file but has no directory at its end: it is truncated or damaged",
        )
    };
    // The comment at the very end has at most 65535 bytes.
    let start = source.len().saturating_sub((END + LOCATOR) as u64 + 0xffff);
    let tail = source.read(start..source.len()).await?;
    let at = (0..=tail.len().checked_sub(END).ok_or_else(truncated)?)
        .rev()
        .find(|at| {
            tail[*at..].starts_with(b"PK\x05\x06")
                && number(&tail, at + 20, 2) == Some((tail.len() - at - END) as u64)
        })
        .ok_or_else(truncated)?;
    let short = |place, count| number(&tail, at + place, count);
    let mut found = short(10, 2).zip(short(12, 4)).zip(short(16, 4));
    if let Some(locator) = at.checked_sub(LOCATOR)
        && tail[locator..].starts_with(b"PK\x06\x07")
    {
        let place = number(&tail, locator + 8, 8).ok_or_else(truncated)?;
        let end = place.checked_add(END64 as u64).filter(|end| *end <= source.len());
        let record = source.read(place..end.ok_or_else(truncated)?).await?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err(truncated());
        }
        let long = |place| number(&record, place, 8);
        found = long(32).zip(long(40)).zip(long(48));
    }
    let ((count, bytes), offset) = found.ok_or_else(truncated)?;
    let end = offset.checked_add(bytes).filter(|end| *end <= source.len());
    let directory = offset..end.ok_or_else(truncated)?;
    if bytes > LARGEST || count > bytes / ENTRY as u64 {
        return Err(truncated());
    }
    Ok((directory, count))
}

/// Reads the entry of the directory at `place`. Returns its name, the entry, and the next place;
/// `None` where it is damaged.
fn read_entry(directory: &[u8], place: usize) -> Option<(String, Entry, usize)> {
    let bytes = directory.get(place..)?;
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let part = |place| number(bytes, place, 2).map(|count| count as usize);
    let (name, extra, comment) = (part(28)?, part(30)?, part(32)?);
    let text = std::str::from_utf8(bytes.get(ENTRY..ENTRY + name)?).ok()?;
    let mut sizes = Sizes {
        whole: number(bytes, 24, 4)?,
        stored: number(bytes, 20, 4)?,
        header: number(bytes, 42, 4)?,
    };
    sizes.widen(bytes.get(ENTRY + name..ENTRY + name + extra)?)?;
    let (flags, method) = (part(8)?, part(10)?);
    let problem = if method != 0 {
        Some("is compressed: load the file with PyTorch and save it again")
    } else if flags & 1 != 0 {
        Some("is encrypted: load the file with PyTorch and save it again")
    } else if sizes.whole != sizes.stored {
        Some("has another size stored than whole: the file is damaged")
    } else {
        None
    };
    let entry = Entry { header: sizes.header, bytes: sizes.whole, problem };
    Some((text.into(), entry, place + ENTRY + name + extra + comment))
}

/// What the directory says of an entry's size and place.
struct Sizes {
    whole: u64,
    stored: u64,
    header: u64,
}

impl Sizes {
    /// Takes the numbers that do not fit 32 bits from the extra fields; `None` where they are
    /// missing.
    fn widen(&mut self, extra: &[u8]) -> Option<()> {
        let missing = [&mut self.whole, &mut self.stored, &mut self.header]
            .into_iter()
            .filter(|n| **n == 0xffff_ffff);
        let mut field = find_zip64(extra);
        for n in missing {
            let (first, rest) = field?.split_at_checked(8)?;
            *n = number(first, 0, 8)?;
            field = Some(rest);
        }
        Some(())
    }
}

/// The content of the extra field for zip64.
fn find_zip64(mut extra: &[u8]) -> Option<&[u8]> {
    loop {
        let (id, length) = (number(extra, 0, 2)?, number(extra, 2, 2)? as usize);
        let content = extra.get(4..4 + length)?;
        if id == ZIP64 {
            return Some(content);
        }
        extra = &extra[4 + length..];
    }
}
