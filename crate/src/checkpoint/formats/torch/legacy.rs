//! Files of PyTorch before 1.6: five pickles, then the storages one after the other.
//!
//! After torch/serialization.py, `_legacy_save` and `_legacy_load`.

use crate::checkpoint::formats::torch::pickle::{self, ClassList, Failure, Value};
use crate::checkpoint::formats::torch::tensor::{Storage, size_of};
use crate::error::Error;
use crate::source::Source;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The pickle with which every such file begins, of the number 0x1950a86a20f9469cfc6c.
pub const START: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// Bytes that are read first; twice as many each time that they do not suffice.
const FIRST: u64 = 1 << 16;

/// A file, read up to its weights.
pub struct Legacy {
    /// What was saved.
    pub value: Value,
    /// The bytes of the storages in the file, by their keys.
    pub storages: HashMap<String, Range<u64>>,
}

/// Reads a file.
///
/// # Errors
/// [`Error::BadFile`] where it is truncated, damaged or of another byte order, or needs a class
/// that is not on the lists.
pub async fn open(source: &Rc<dyn Source>, extra: &ClassList) -> Result<Legacy, Error> {
    let refuse = |what: &str| Error::bad_file(source.name(), what);
    let mut length = FIRST;
    let (pickles, end) = loop {
        let most = length.min(source.len()).min(pickle::LARGEST);
        let bytes = source.read(0..most).await?;
        match read_pickles(&bytes, extra) {
            Ok(found) => break found,
            Err(Failure::Ended) if most == length => length *= 2,
            Err(failure) => return Err(refuse(&failure.to_string())),
        }
    };
    let [_, _, system, value, keys] = pickles;
    if system.get("little_endian").and_then(Value::as_bool) != Some(true) {
        return Err(refuse("it was saved on a big-endian machine: load and save it on another"));
    }
    let damaged = || refuse("its list of storages is damaged");
    let mut classes = HashMap::new();
    collect_storages(&value, &mut classes);
    let mut storages = HashMap::new();
    let mut place = end as u64;
    for key in keys.items().ok_or_else(damaged)? {
        let key = key.as_str().ok_or_else(damaged)?;
        let size = classes.get(key).and_then(size_of).ok_or_else(damaged)?;
        let start = place.checked_add(8).filter(|start| *start <= source.len());
        let start = start.ok_or_else(|| refuse("it is truncated"))?;
        let count = source.read(place..start).await?;
        let count = u64::from_le_bytes(count.try_into().map_err(|_| damaged())?);
        let end = count.checked_mul(size).and_then(|bytes| start.checked_add(bytes));
        let end = end.filter(|end| *end <= source.len());
        place = end.ok_or_else(|| refuse("it is truncated: its storages end after the file"))?;
        storages.insert(key.to_string(), start..place);
    }
    Ok(Legacy { value, storages })
}

/// Reads the five pickles: the number, the version, the system, what was saved, and the keys of
/// storages. Returns them and where they end.
fn read_pickles(bytes: &[u8], extra: &ClassList) -> Result<([Value; 5], usize), Failure> {
    let mut values = [const { Value::None }; 5];
    let mut end = 0;
    for value in &mut values {
        let (read, length) = pickle::read_first(&bytes[end..], extra)?;
        *value = read;
        end += length;
    }
    Ok((values, end))
}

/// Collects all storages in a value, by their keys.
fn collect_storages(value: &Value, found: &mut HashMap<String, Storage>) {
    match value {
        Value::Persistent(_) => {
            if let Some(storage) = Storage::of(value) {
                found.insert(storage.key.to_string(), storage);
            }
        }
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            items.iter().for_each(|item| collect_storages(item, found));
        }
        Value::Dict(entries) => {
            entries.iter().for_each(|(_, value)| collect_storages(value, found))
        }
        Value::Object(object) => {
            let values = object.args.iter().chain(&object.state);
            values.for_each(|value| collect_storages(value, found));
        }
        _ => {}
    }
}
