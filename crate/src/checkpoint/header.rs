//! The header of one safetensors file: 8 bytes of length, then JSON, then the data.
//!
//! The safetensors crate's own header type counts bytes in `usize`, which ends at 4 GiB in wasm,
//! and Hugging Face's shards are of 5 GB; its dtypes are used here, and its rule that the data has
//! no holes and no overlaps.

use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use serde::Deserialize;
use std::collections::BTreeMap;
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

impl File {
    /// The tensor of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&RawTensor> {
        self.tensors.iter().find(|t| t.name == name)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.source.name() == name || self.source.name().ends_with(&format!("/{name}"))
    }
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

/// Reads the header of a file. Returns it with the tensors whose dtypes are not known.
///
/// # Errors
/// [`Error::BadFile`] where the header is not what safetensors says, or the file is shorter or
/// longer than its header.
pub async fn read_header(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    let refuse = |what: String| Error::bad_file(source.name(), what);
    if source.len() < PREFIX {
        return Err(refuse(format!(
            "it has {} bytes, too few for a safetensors header",
            source.len()
        )));
    }
    let prefix = source.read(0..PREFIX).await?;
    let length = u64::from_le_bytes(
        prefix.try_into().map_err(|_| refuse("its first 8 bytes could not be read".into()))?,
    );
    if length > LARGEST || length + PREFIX > source.len() {
        return Err(refuse(format!(
            "its header claims {length} bytes, but the file has {}: it is truncated or \
            not a safetensors file",
            source.len()
        )));
    }
    let json = source.read(PREFIX..PREFIX + length).await?;
    let mut header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&json)
        .map_err(|e| refuse(format!("its header is not valid: {e}")))?;
    let metadata = header
        .remove(METADATA)
        .and_then(|text| serde_json::from_value(text).ok())
        .unwrap_or_default();
    let mut infos = Vec::with_capacity(header.len());
    for (name, value) in header {
        let info: Info = serde_json::from_value(value)
            .map_err(|e| refuse(format!("its header is not valid at {name}: {e}")))?;
        infos.push((name, info));
    }
    infos.sort_by_key(|(_, info)| info.data_offsets);
    let start = PREFIX + length;
    let (mut tensors, mut problems, mut end) = (Vec::new(), Vec::new(), 0u64);
    for (name, info) in infos {
        let (from, to) = info.data_offsets;
        if from != end || to < from {
            return Err(refuse(format!(
                "its header gives {name} the bytes {from}–{to}, which leave a hole or overlap \
                after byte {end}"
            )));
        }
        end = to;
        let Ok(dtype) = serde_json::from_value::<safetensors::Dtype>(info.dtype.as_str().into())
        else {
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
            damaged",
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
