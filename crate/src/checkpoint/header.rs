//! The header of one safetensors file: 8 bytes of length, then JSON, then the data.
//!
//! The safetensors crate's own header type counts bytes in `usize`, which ends at 4 GiB in wasm,
//! and Hugging Face's shards are of 5 GB; its dtypes are used here, and its rule that the data has
//! no holes and no overlaps.

use crate::checkpoint::content::Content;
use crate::checkpoint::header_text::{DtypeName, HeaderEntry, HeaderText};
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{self, Source};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// The header of one file, by which a layout is recognised.
pub struct File {
    /// The file.
    pub source: Rc<dyn Source>,
    /// `__metadata__` of the header.
    pub metadata: BTreeMap<String, String>,
    /// The tensors, of any dtype.
    pub tensors: Vec<RawTensor>,
}

/// Tensors of several files by file and name, for many look-ups.
pub(crate) struct Places<'a> {
    files: HashMap<&'a str, HashMap<&'a str, &'a RawTensor>>,
}

impl<'a> Places<'a> {
    /// Lists the tensors of these files.
    pub fn new(files: &'a [File]) -> Self {
        let mut places: HashMap<&str, HashMap<&str, &RawTensor>> = HashMap::new();
        for file in files {
            let tensors = file.tensors.iter().map(|t| (t.name.as_str(), t)).collect();
            places.entry(last_part(file.source.name())).or_insert(tensors);
        }
        Self { files: places }
    }

    /// The tensors of the file of this name, in whatever folder; `None` where it is not here.
    pub fn file(&self, name: &str) -> Option<&HashMap<&'a str, &'a RawTensor>> {
        self.files.get(last_part(name))
    }

    /// The tensor of this name in the file of this name.
    pub fn get(&self, file: &str, tensor: &str) -> Option<&'a RawTensor> {
        self.file(file)?.get(tensor).copied()
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Number of bytes of the header's length.
const PREFIX: u64 = 8;
/// The largest header that safetensors itself takes.
const LARGEST: u64 = source::MOST_LISTS;

/// The most dimensions of a tensor: each is kept several times. Real ones have five.
const MOST_DIMENSIONS: usize = 1 << 20;

/// Says what is wrong with a file that is not as its header says: by its first bytes, or else by
/// `otherwise`.
async fn refuse_file(source: &dyn Source, otherwise: String) -> Error {
    let content = Content::read(source).await.and_then(Content::explain);
    Error::bad_file(source.name(), content.map_or(otherwise, String::from))
}

/// Reads the header of a file. Returns it with the tensors whose dtypes are not known.
///
/// # Errors
/// [`Error::BadFile`] where the header is not what safetensors says, or the file is shorter or
/// longer than its header.
pub async fn read_header(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    let refuse = |what: String| Error::bad_file(source.name(), what);
    if source.len() < PREFIX {
        // What can't be read at all says so itself.
        source.read(0..source.len()).await?;
        let what = format!("it has {} bytes, too few for a safetensors header", source.len());
        return Err(refuse_file(source.as_ref(), what).await);
    }
    let prefix = source.read(0..PREFIX).await?;
    let length = u64::from_le_bytes(
        prefix.try_into().map_err(|_| refuse("its first 8 bytes could not be read".into()))?,
    );
    if length > LARGEST || length + PREFIX > source.len() {
        let what = format!(
            "its header claims {length} bytes, but the file has {}: it is truncated or \
            not a safetensors file. Download it again",
            source.len()
        );
        return Err(refuse_file(source.as_ref(), what).await);
    }
    let json = source.read(PREFIX..PREFIX + length).await?;
    let HeaderText { metadata, mut entries } = match HeaderText::parse(&json) {
        Ok(parsed) => parsed,
        Err(e) => {
            let what = format!("its header is not valid: {e}");
            return Err(refuse_file(source.as_ref(), what).await);
        }
    };
    drop(json);
    let mut problems = drop_repeated(&mut entries);
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    let start = PREFIX + length;
    let (mut tensors, mut end) = (Vec::with_capacity(entries.len()), 0u64);
    for (name, HeaderEntry { dtype, shape, data_offsets: (from, to) }) in entries {
        if from != end || to < from {
            return Err(refuse(format!(
                "its header gives {name} the bytes {from}–{to}, which leave a hole or overlap \
                after byte {end}"
            )));
        }
        end = to;
        let dtype = match dtype {
            DtypeName::Known(dtype) => dtype,
            DtypeName::Unknown(dtype) => {
                problems.push(refuse_dtype(&name, &dtype));
                continue;
            }
        };
        if shape.len() > MOST_DIMENSIONS {
            return Err(refuse(format!(
                "its header gives {name} {} dimensions, and at most {MOST_DIMENSIONS} are read",
                shape.len()
            )));
        }
        let elements = shape.iter().try_fold(1u64, |a, b| a.checked_mul(*b));
        let bits = elements.and_then(|elements| elements.checked_mul(dtype.bitsize() as u64));
        if bits.is_none() || bits != (to - from).checked_mul(8) {
            return Err(refuse(format!(
                "its header gives {name} {} bytes, which do not fit its shape {}",
                to - from,
                describe_shape(&shape)
            )));
        }
        let source = source.clone();
        tensors.push(RawTensor { name, dtype, shape, source, start: start + from });
    }
    if start.checked_add(end) != Some(source.len()) {
        return Err(refuse(format!(
            "its header describes {end} bytes of data, but the file has {}: it is truncated or \
            damaged. Download it again",
            source.len() - start
        )));
    }
    Ok((File { source: source.clone(), metadata, tensors }, problems))
}

/// Writes a shape for a message, which no file makes long.
fn describe_shape(shape: &[u64]) -> String {
    match shape.get(..8) {
        Some(first) if shape.len() > 8 => format!("{first:?}… of {} dimensions", shape.len()),
        _ => format!("{shape:?}"),
    }
}

/// Drops entries whose names come up again later, as safetensors does, and lists them.
fn drop_repeated(entries: &mut Vec<(String, HeaderEntry)>) -> Vec<LeftOut> {
    let mut names = HashSet::with_capacity(entries.len());
    let repeated: HashSet<usize> =
        (0..entries.len()).rev().filter(|place| !names.insert(&entries[*place].0)).collect();
    if repeated.is_empty() {
        return Vec::new();
    }
    let detail = "the header gives it more than once: the last counts, as in safetensors";
    let mut places = 0..;
    let dropped = entries.extract_if(.., |_| places.next().is_some_and(|p| repeated.contains(&p)));
    let explain = |(name, entry): (String, HeaderEntry)| match entry.dtype {
        DtypeName::Known(_) => LeftOut::new(&name, LeftOutReason::Duplicate, detail),
        DtypeName::Unknown(dtype) => refuse_dtype(&name, &dtype),
    };
    dropped.map(explain).collect()
}

/// Leaves out a tensor whose dtype can't be read.
pub fn refuse_dtype(name: &str, dtype: &str) -> LeftOut {
    LeftOut::new(
        name,
        LeftOutReason::UnsupportedDtype,
        format!(
            "its dtype {dtype} is not supported (BF16, F16, F32, F64, F8_E4M3 and F8_E5M2 are)"
        ),
    )
}
