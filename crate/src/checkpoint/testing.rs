//! Files and checkpoints in memory, for the tests of all modules.

use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::source::{MemorySource, Source};
use half::bf16;
use std::rc::Rc;

/// Builds a safetensors file tensor by tensor: the data lies in the order in which they are added.
#[derive(Default)]
pub(crate) struct FileBuilder {
    entries: Vec<String>,
    data: Vec<u8>,
}

impl FileBuilder {
    /// A file without tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `__metadata__` of the header to a JSON object.
    pub fn metadata(mut self, json: &str) -> Self {
        self.entries.push(format!(r#""__metadata__":{json}"#));
        self
    }

    /// Adds a tensor of a dtype by safetensors' name, with its little-endian bytes.
    pub fn tensor(
        mut self,
        name: &str,
        dtype: &str,
        shape: &[u64],
        bytes: impl AsRef<[u8]>,
    ) -> Self {
        let start = self.data.len();
        self.data.extend(bytes.as_ref());
        self.entries.push(format!(
            r#"{name:?}:{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{start},{}]}}"#,
            self.data.len()
        ));
        self
    }

    /// Adds an F32 tensor.
    pub fn f32s(self, name: &str, shape: &[u64], values: &[f32]) -> Self {
        self.tensor(name, "F32", shape, f32_bytes(values))
    }

    /// Adds a BF16 tensor, each value rounded to the nearest bfloat16.
    pub fn bf16s(self, name: &str, shape: &[u64], values: &[f32]) -> Self {
        self.tensor(name, "BF16", shape, bf16_bytes(values))
    }

    /// The bytes of the whole file.
    pub fn bytes(self) -> Vec<u8> {
        file_bytes(&format!("{{{}}}", self.entries.join(",")), &self.data)
    }

    /// The file as a source with this file name.
    pub fn source(self, file: &str) -> Rc<dyn Source> {
        bytes_file(file, self.bytes())
    }

    /// A checkpoint of this file alone, which must be good.
    pub fn checkpoint(self, name: &str) -> Checkpoint {
        open(name, vec![self.source("model.safetensors")]).expect("a good file")
    }
}

/// The bytes of a file with this header text, whether the header fits the data or not.
pub(crate) fn file_bytes(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// A file of any bytes.
pub(crate) fn bytes_file(file: &str, bytes: impl Into<Vec<u8>>) -> Rc<dyn Source> {
    Rc::new(MemorySource::new(file, bytes.into()))
}

/// Opens a checkpoint of these files.
pub(crate) fn open(name: &str, files: Vec<Rc<dyn Source>>) -> Result<Checkpoint, Error> {
    pollster::block_on(Checkpoint::open(name, files))
}

/// A tensor that fills a file of its own, `{name}.file`.
pub(crate) fn raw_tensor(
    name: &str,
    dtype: safetensors::Dtype,
    shape: &[u64],
    bytes: impl Into<Vec<u8>>,
) -> RawTensor {
    RawTensor {
        name: name.into(),
        dtype,
        shape: shape.to_vec(),
        source: bytes_file(&format!("{name}.file"), bytes),
        start: 0,
    }
}

/// Little-endian bytes of f32 values.
pub(crate) fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Little-endian bytes of values rounded to the nearest bfloat16.
pub(crate) fn bf16_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| bf16::from_f32(*value).to_le_bytes()).collect()
}
