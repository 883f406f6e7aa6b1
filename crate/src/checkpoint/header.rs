//! The header of one safetensors file: 8 bytes of length, then JSON, then the data.
//!
//! The safetensors crate's own header type counts bytes in `usize`, which ends at 4 GiB in wasm,
//! and Hugging Face's shards are of 5 GB; its dtypes are used here, and its rule that the data has
//! no holes and no overlaps.

use crate::checkpoint::content::Content;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
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
const LARGEST: u64 = 100_000_000;

/// The header's entry of one tensor.
#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The key that holds free text instead of a tensor.
const METADATA: &str = "__metadata__";

/// A header as it is read, without a tree of values in between: it may describe a million tensors.
struct Parsed {
    metadata: BTreeMap<String, String>,
    infos: Vec<(String, Info)>,
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Parsed;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
                let mut parsed = Parsed { metadata: BTreeMap::new(), infos: Vec::new() };
                while let Some(name) = map.next_key::<String>()? {
                    if name == METADATA {
                        let value = map.next_value::<serde_json::Value>()?;
                        parsed.metadata = serde_json::from_value(value).unwrap_or_default();
                        continue;
                    }
                    let info = map
                        .next_value()
                        .map_err(|e| de::Error::custom(format!("at {name}: {e}")))?;
                    parsed.infos.push((name, info));
                }
                Ok(parsed)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

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
    let Parsed { metadata, mut infos } = match serde_json::from_slice(&json) {
        Ok(parsed) => parsed,
        Err(e) => {
            let what = format!("its header is not valid: {e}");
            return Err(refuse_file(source.as_ref(), what).await);
        }
    };
    drop(json);
    infos.sort_by_key(|(_, info)| info.data_offsets);
    let start = PREFIX + length;
    let (mut tensors, mut problems, mut end) = (Vec::with_capacity(infos.len()), Vec::new(), 0u64);
    let mut dtypes: HashMap<String, Option<safetensors::Dtype>> = HashMap::new();
    for (name, info) in infos {
        let (from, to) = info.data_offsets;
        if from != end || to < from {
            return Err(refuse(format!(
                "its header gives {name} the bytes {from}–{to}, which leave a hole or overlap \
                after byte {end}"
            )));
        }
        end = to;
        let Some(dtype) = *dtypes.entry(info.dtype.clone()).or_insert_with_key(|dtype| {
            serde_json::from_value::<safetensors::Dtype>(dtype.as_str().into()).ok()
        }) else {
            problems.push(refuse_dtype(&name, &info.dtype));
            continue;
        };
        let bits = info.shape.iter().try_fold(dtype.bitsize() as u64, |a, b| a.checked_mul(*b));
        if bits != (to - from).checked_mul(8) {
            return Err(refuse(format!(
                "its header gives {name} {} bytes, which do not fit its shape {:?}",
                to - from,
                info.shape
            )));
        }
        tensors.push(RawTensor {
            name,
            dtype,
            shape: info.shape,
            source: source.clone(),
            start: start + from,
        });
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
