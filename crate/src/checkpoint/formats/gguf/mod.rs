//! GGUF files of unquantised types, under the names and in the layout of transformers.
//!
//! llama.cpp interleaves the rows of the query and key projections of the architecture `llama`
//! (convert_hf_to_gguf.py, `LlamaModel.permute`); a view puts them back. It adds 1 to the norms of
//! `gemma`: tensors of that and of other architectures keep llama.cpp's names, so that they are
//! compared with each other alone.

mod header;
mod names;
#[cfg(test)]
mod tests;

use crate::checkpoint::formats::gguf::header::{Header, Info};
use crate::checkpoint::formats::torch::strided::Strided;
use crate::checkpoint::header::File;
use crate::checkpoint::kinds::Kind;
use crate::checkpoint::raw::{RawTensor, count_elements};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use safetensors::Dtype;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The types of GGUF files that are read, and those that are refused.
pub const KINDS: &[Kind] = &[
    Kind::read(
        "GGUF in F32, F16, BF16 or F64",
        "model-f16.gguf",
        "Of llama, qwen2 and qwen3 under transformers' names; others under llama.cpp's.",
    ),
    Kind::refuse(
        "GGUF, quantised",
        "model-q4_k_m.gguf",
        "Each tensor by name. Convert with --outtype bf16.",
    ),
    Kind::refuse(
        "GGUF in several files",
        "model-00001-of-00002.gguf",
        "Join them with llama-gguf-split --merge.",
    ),
];

/// True for the name of a GGUF file.
pub fn is_weights(name: &str) -> bool {
    name.to_lowercase().ends_with(".gguf")
}

/// The types of tensors by their numbers (ggml.h, `ggml_type`), with their dtypes where they are
/// not quantised.
const TYPES: &[(u32, &str, Option<Dtype>)] = &[
    (0, "F32", Some(Dtype::F32)),
    (1, "F16", Some(Dtype::F16)),
    (2, "Q4_0", None),
    (3, "Q4_1", None),
    (6, "Q5_0", None),
    (7, "Q5_1", None),
    (8, "Q8_0", None),
    (9, "Q8_1", None),
    (10, "Q2_K", None),
    (11, "Q3_K", None),
    (12, "Q4_K", None),
    (13, "Q5_K", None),
    (14, "Q6_K", None),
    (15, "Q8_K", None),
    (16, "IQ2_XXS", None),
    (17, "IQ2_XS", None),
    (18, "IQ3_XXS", None),
    (19, "IQ1_S", None),
    (20, "IQ4_NL", None),
    (21, "IQ3_S", None),
    (22, "IQ2_S", None),
    (23, "IQ4_XS", None),
    (24, "I8", Some(Dtype::I8)),
    (25, "I16", Some(Dtype::I16)),
    (26, "I32", Some(Dtype::I32)),
    (27, "I64", Some(Dtype::I64)),
    (28, "F64", Some(Dtype::F64)),
    (29, "IQ1_M", None),
    (30, "BF16", Some(Dtype::BF16)),
    (34, "TQ1_0", None),
    (35, "TQ2_0", None),
    (39, "MXFP4", None),
];

/// Reads what a file tells of its tensors. Returns it with the tensors that can't be read.
///
/// # Errors
/// [`Error::BadFile`] where it is no GGUF file of version 2 or 3, is truncated or damaged, or one
/// of several.
pub async fn read_file(source: &Rc<dyn Source>) -> Result<(File, Vec<LeftOut>), Error> {
    let header = header::read(source).await?;
    if header.splits > 1 {
        return Err(Error::bad_file(
            source.name(),
            "it is one of several GGUF files: join them with llama-gguf-split --merge",
        ));
    }
    let (mut tensors, mut left_out) = (Vec::new(), Vec::new());
    for info in &header.tensors {
        match open_tensor(source, &header, info) {
            Ok(tensor) => tensors.push(tensor),
            Err((name, reason, detail)) => left_out.push(LeftOut::new(&name, reason, detail)),
        }
    }
    Ok((File { source: source.clone(), metadata: BTreeMap::new(), tensors }, left_out))
}

/// The tensor of an entry, or its name and why it is left out.
fn open_tensor(
    source: &Rc<dyn Source>,
    header: &Header,
    info: &Info,
) -> Result<RawTensor, (String, LeftOutReason, String)> {
    let name = names::rename(&header.architecture, &info.name);
    let refuse = |reason, detail: &str| Err((name.clone(), reason, detail.to_string()));
    if info.name == "rope_freqs.weight" {
        let detail = "llama.cpp makes it from the model's configuration";
        return refuse(LeftOutReason::Buffer, detail);
    }
    let kind = TYPES.iter().find(|(number, _, _)| *number == info.kind);
    let dtype = match kind {
        Some((_, _, Some(dtype))) => *dtype,
        Some((_, kind, None)) => {
            let detail = format!(
                "its type {kind} is quantised (F32, F16, BF16 and F64 are read): convert the model \
                with --outtype bf16"
            );
            return refuse(LeftOutReason::UnsupportedDtype, &detail);
        }
        None => {
            let detail = format!("its type, number {}, is not known", info.kind);
            return refuse(LeftOutReason::UnsupportedDtype, &detail);
        }
    };
    let damaged = || {
        let detail = "its bytes leave the file, which is truncated or damaged".to_string();
        (name.clone(), LeftOutReason::BadFile, detail)
    };
    let elements = count_elements(&info.shape).ok_or_else(damaged)?;
    let size = dtype.bitsize() as u64 / 8;
    let start = header.data.checked_add(info.offset).ok_or_else(damaged)?;
    let end = elements.checked_mul(size).and_then(|bytes| start.checked_add(bytes));
    if end.is_none_or(|end| end > source.len()) {
        return Err(damaged());
    }
    let raw = RawTensor {
        name: name.clone(),
        dtype,
        shape: info.shape.clone(),
        source: source.clone(),
        start,
    };
    let heads = match names::heads_of(&header.architecture, &info.name) {
        Some(names::Heads::Query) => header.heads,
        Some(names::Heads::Key) => header.key_heads.or(header.heads),
        None => return Ok(raw),
    };
    let rows = info.shape.first().copied().unwrap_or(0);
    let half = heads.filter(|heads| {
        heads.checked_mul(2).is_some_and(|twice| twice > 0 && rows.is_multiple_of(twice))
    });
    let Some((heads, half)) = half.map(|heads| (heads, rows / heads / 2)) else {
        let detail = format!(
            "llama.cpp interleaves its rows by heads, and the file does not tell how many of \
            {rows} rows a head has"
        );
        return refuse(LeftOutReason::BadFile, &detail);
    };
    if elements == 0 {
        return Ok(raw);
    }
    // Row 2j + p of a head is row j of its half p.
    let columns = elements / rows;
    let shape = [heads, 2, half, columns];
    let strides = [2 * half * columns, columns, 2 * columns, 1];
    let view = Strided::new(source.clone(), start, (&shape, &strides), size);
    Ok(RawTensor { source: Rc::new(view), start: 0, ..raw })
}
