//! The header of one safetensors file: 8 bytes of length, then JSON, then the data.

use super::{TensorEntry, problem};
use crate::error::Error;
use crate::kernels::Dtype;
use crate::report::LeftOut;
use crate::source::Source;
use safetensors::tensor::Metadata;
use std::rc::Rc;

/// The length of the length.
const PREFIX: u64 = 8;
/// The largest header that safetensors itself takes.
const LARGEST: u64 = 100_000_000;

fn dtype(stored: safetensors::Dtype) -> Option<Dtype> {
    match stored {
        safetensors::Dtype::BF16 => Some(Dtype::Bf16),
        safetensors::Dtype::F16 => Some(Dtype::F16),
        safetensors::Dtype::F32 => Some(Dtype::F32),
        safetensors::Dtype::F64 => Some(Dtype::F64),
        _ => None,
    }
}

/// The tensors of a file and what in it can't be used.
///
/// # Errors
/// [`Error::BadFile`] where the header is not what safetensors says, or the file is shorter or longer than its header.
pub async fn tensors(source: &Rc<dyn Source>) -> Result<(Vec<TensorEntry>, Vec<LeftOut>), Error> {
    let bad = |what: String| Error::BadFile { file: source.name().into(), what };
    if source.len() < PREFIX {
        return Err(bad(format!("it has {} bytes, too few for a safetensors header", source.len())));
    }
    let prefix = source.read(0..PREFIX).await?;
    let length = u64::from_le_bytes(prefix.try_into().map_err(|_| bad("its first 8 bytes could not be read".into()))?);
    if length > LARGEST || length + PREFIX > source.len() {
        return Err(bad(format!("its header claims {length} bytes, but the file has {}: it is truncated or no safetensors file", source.len())));
    }
    let json = source.read(PREFIX..PREFIX + length).await?;
    let metadata: Metadata = serde_json::from_slice(&json).map_err(|e| bad(format!("its header is not valid: {e}")))?;
    let start = PREFIX + length;
    let (mut found, mut problems, mut end) = (Vec::new(), Vec::new(), 0u64);
    for (name, info) in metadata.tensors() {
        let (from, to) = (info.data_offsets.0 as u64, info.data_offsets.1 as u64);
        end = end.max(to);
        let shape: Vec<u64> = info.shape.iter().map(|d| *d as u64).collect();
        let elements = shape.iter().try_fold(1u64, |a, b| a.checked_mul(*b));
        let Some(dtype) = dtype(info.dtype) else {
            let detail = format!("its dtype {:?} is not supported (BF16, F16, F32 and F64 are)", info.dtype);
            problems.push(problem(&name, "unsupported_dtype", detail));
            continue;
        };
        if to < from || elements.and_then(|e| e.checked_mul(dtype.size() as u64)) != Some(to - from) {
            return Err(bad(format!("its header gives {name} the bytes {from}–{to}, which do not fit its shape {shape:?}")));
        }
        if elements == Some(0) {
            problems.push(problem(&name, "empty", format!("its shape {shape:?} has no elements")));
            continue;
        }
        found.push(TensorEntry::new(name, dtype, shape, source.clone(), start + from));
    }
    if start + end != source.len() {
        return Err(bad(format!("its header describes {} bytes, but the file has {}: it is truncated or damaged", start + end, source.len())));
    }
    Ok((found, problems))
}
