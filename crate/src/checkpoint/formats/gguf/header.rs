//! The header of a GGUF file: keys with values, then the tensors' names, shapes and places.
//!
//! After docs/gguf.md of ggml, versions 2 and 3.

use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// The largest header that is read, in bytes: it holds the tokenizer's vocabulary.
const LARGEST: u64 = 100_000_000;
/// Bytes that are read first; four times as many each time that they do not suffice.
const FIRST: u64 = 1 << 20;
/// The most dimensions that a tensor may have; ggml has 4.
const MOST_DIMENSIONS: u64 = 8;
/// How deep arrays of arrays may be.
const DEEPEST: usize = 8;
/// Where data may begin, if the file does not tell.
const ALIGNMENT: u64 = 32;

/// What a header tells.
#[derive(Debug, Default)]
pub(crate) struct Header {
    pub architecture: String,
    /// Heads of the queries; `None` where layers differ, or the file does not tell.
    pub heads: Option<u64>,
    /// Heads of the keys, likewise.
    pub key_heads: Option<u64>,
    /// Number of files of which this is one; 0 where it is whole.
    pub splits: u64,
    pub tensors: Vec<Info>,
    /// Offset of the data in the file.
    pub data: u64,
}

/// The entry of one tensor.
#[derive(Debug)]
pub(crate) struct Info {
    pub name: String,
    /// The outermost dimension first; the file has the innermost first.
    pub shape: Vec<u64>,
    /// The number of its type.
    pub kind: u32,
    /// Offset in the data.
    pub offset: u64,
}

/// Why a header was not read.
enum Failure {
    /// More bytes are needed.
    Ended,
    Refused(String),
}

/// Reads the header of a file.
///
/// # Errors
/// [`Error::BadFile`] where it is no GGUF file of version 2 or 3, or truncated or damaged.
pub(crate) async fn read(source: &Rc<dyn Source>) -> Result<Header, Error> {
    let mut length = FIRST;
    loop {
        let most = length.min(source.len()).min(LARGEST);
        let bytes = source.read(0..most).await?;
        match parse(&bytes) {
            Ok(header) => return Ok(header),
            Err(Failure::Ended) if most == length => length *= 4,
            Err(Failure::Ended) => {
                return Err(Error::bad_file(source.name(), "its GGUF header is truncated"));
            }
            Err(Failure::Refused(what)) => return Err(Error::bad_file(source.name(), what)),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Header, Failure> {
    let mut reader = Reader { bytes, place: 0 };
    if reader.take(4)? != b"GGUF" {
        return Err(Failure::Refused("it is not a GGUF file, though it is named so".into()));
    }
    let version = reader.number(4)?;
    if !(2..=3).contains(&version) {
        return Err(Failure::Refused(format!(
            "it is of GGUF version {version}, not 2 or 3: convert it anew with llama.cpp"
        )));
    }
    let (tensors, keys) = (reader.number(8)?, reader.number(8)?);
    let (mut header, mut alignment) = (Header::default(), ALIGNMENT);
    for _ in 0..keys {
        let key = reader.text()?;
        let value = reader.value()?;
        match (key, value) {
            ("general.architecture", Value::Text(text)) => header.architecture = text.into(),
            ("general.alignment", Value::Number(n)) => alignment = n,
            ("split.count", Value::Number(n)) => header.splits = n,
            (key, Value::Number(n)) if key.ends_with(".attention.head_count") => {
                header.heads = Some(n);
            }
            (key, Value::Number(n)) if key.ends_with(".attention.head_count_kv") => {
                header.key_heads = Some(n);
            }
            // The heads of each layer: not those of the queries.
            (key, Value::Other) if key.ends_with(".attention.head_count_kv") => {
                header.key_heads = Some(0);
            }
            _ => {}
        }
    }
    for _ in 0..tensors {
        let name = reader.text()?.to_string();
        let count = reader.number(4)?;
        if count > MOST_DIMENSIONS {
            return Err(Failure::Refused(format!("its header gives {name} {count} dimensions")));
        }
        let shape: Result<Vec<u64>, Failure> = (0..count).map(|_| reader.number(8)).collect();
        let mut shape = shape?;
        shape.reverse();
        let (kind, offset) = (reader.number(4)? as u32, reader.number(8)?);
        header.tensors.push(Info { name, shape, kind, offset });
    }
    header.data = (reader.place as u64)
        .checked_next_multiple_of(alignment)
        .ok_or_else(|| Failure::Refused("its header has an alignment of 0".into()))?;
    Ok(header)
}

/// A value of a key, as far as it is needed.
enum Value<'a> {
    Number(u64),
    Text(&'a str),
    Other,
}

struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], Failure> {
        let end = usize::try_from(count).ok().and_then(|n| self.place.checked_add(n));
        let end = end.filter(|end| *end <= self.bytes.len()).ok_or(Failure::Ended)?;
        let taken = &self.bytes[self.place..end];
        self.place = end;
        Ok(taken)
    }

    fn number(&mut self, size: u64) -> Result<u64, Failure> {
        Ok(self.take(size)?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn text(&mut self) -> Result<&'a str, Failure> {
        let length = self.number(8)?;
        std::str::from_utf8(self.take(length)?)
            .map_err(|_| Failure::Refused("its header has a text that is not UTF-8".into()))
    }

    fn value(&mut self) -> Result<Value<'a>, Failure> {
        let kind = self.number(4)?;
        match kind {
            4 => Ok(Value::Number(self.number(4)?)),
            10 => Ok(Value::Number(self.number(8)?)),
            8 => {
                let length = self.number(8)?;
                let text = std::str::from_utf8(self.take(length)?);
                Ok(text.map_or(Value::Other, Value::Text))
            }
            kind => {
                self.skip(kind, 0)?;
                Ok(Value::Other)
            }
        }
    }

    /// Skips a value of a type by its number.
    fn skip(&mut self, kind: u64, depth: usize) -> Result<(), Failure> {
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => self.number(8)?,
            9 if depth < DEEPEST => {
                let (inner, count) = (self.number(4)?, self.number(8)?);
                let fixed = match inner {
                    0 | 1 | 7 => 1,
                    2 | 3 => 2,
                    4..=6 => 4,
                    10..=12 => 8,
                    _ => {
                        // Each item takes at least the 8 bytes of its length.
                        for _ in 0..count {
                            self.skip(inner, depth + 1)?;
                        }
                        return Ok(());
                    }
                };
                count.checked_mul(fixed).ok_or(Failure::Ended)?
            }
            kind => {
                return Err(Failure::Refused(format!(
                    "its header has a value of the type {kind}, which is not known"
                )));
            }
        };
        self.take(size).map(drop)
    }
}
