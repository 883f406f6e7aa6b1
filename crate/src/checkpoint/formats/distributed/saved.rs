//! Tensors in files of `torch.save`, by the values that their pickles hold.

use crate::checkpoint::formats::distributed::metadata::Chunk;
use crate::checkpoint::formats::torch::pickle::{ClassList, Value};
use crate::checkpoint::formats::torch::{TorchFile, tensor};
use crate::checkpoint::raw::{RawTensor, count_elements};
use crate::error::Error;
use crate::source::{ReadFuture, Source, WindowSource, inside};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// A file of `torch.save`.
pub(crate) struct Saved {
    source: Rc<dyn Source>,
    file: TorchFile,
}

impl Saved {
    /// Reads the pickle of a file, which may name the classes of `extra` beside the usual ones.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it is no such file, is damaged, or names another class.
    pub async fn open(source: &Rc<dyn Source>, extra: &ClassList) -> Result<Self, Error> {
        let file = TorchFile::open(source, extra).await?;
        Ok(Self { source: source.clone(), file })
    }

    /// The value of the pickle.
    pub fn root(&self) -> &Value {
        &self.file.value
    }

    /// The tensor that a value of the pickle describes; `None` where it describes none.
    pub async fn tensor(&self, name: &str, value: &Value) -> Option<Result<RawTensor, String>> {
        if !tensor::is_tensor(value) {
            return None;
        }
        let described = match tensor::describe(value) {
            Ok(described) => described,
            Err((_, why)) => return Some(Err(why)),
        };
        let place = self.file.find_storage(&described.storage.key).await;
        Some(
            place.map_err(|error| error.to_string()).and_then(|place| {
                described.open(name, &self.source, place).map_err(|(_, why)| why)
            }),
        )
    }
}

/// A chunk that `torch.save` wrote into a range of a file. Its bytes are found when they are first
/// read: a checkpoint has chunks by the ten thousand, each with a directory and a pickle.
pub(crate) struct SavedTensor {
    window: Rc<dyn Source>,
    dtype: safetensors::Dtype,
    shape: Vec<u64>,
    bytes: u64,
    found: RefCell<Option<RawTensor>>,
}

impl SavedTensor {
    /// The chunk of a tensor of this dtype in `file`.
    ///
    /// # Errors
    /// A sentence where the file is too short, or the chunk too large.
    pub fn new(
        file: Rc<dyn Source>,
        chunk: &Chunk,
        dtype: safetensors::Dtype,
    ) -> Result<Self, String> {
        let place = || format!("{}: its chunk at byte {}", file.name(), chunk.start);
        let size = dtype.bitsize() as u64 / 8;
        let bytes = count_elements(&[&chunk.lengths[..], &[size]].concat())
            .filter(|bytes| *bytes <= chunk.length)
            .ok_or_else(|| {
                format!("{} has {} bytes, too few for its shape", place(), chunk.length)
            })?;
        let range = chunk.start.checked_add(chunk.length).map(|end| chunk.start..end);
        let window = range
            .and_then(|range| WindowSource::new(file.clone(), range).ok())
            .ok_or_else(|| format!("{} leaves the file: it is truncated or damaged", place()))?;
        Ok(Self {
            window: Rc::new(window),
            dtype,
            shape: chunk.lengths.clone(),
            bytes,
            found: RefCell::new(None),
        })
    }

    /// Finds the tensor in its range of the file.
    async fn find(&self) -> Result<RawTensor, Error> {
        let saved = Saved::open(&self.window, &[]).await?;
        let bad = |what: String| Error::bad_file(self.window.name(), what);
        let tensor = saved.tensor("a chunk", saved.root()).await;
        let tensor = tensor.ok_or_else(|| bad("a chunk is no tensor".into()))?.map_err(bad)?;
        if (&tensor.shape, tensor.dtype) != (&self.shape, self.dtype) {
            return Err(bad(format!(
                "a chunk has the shape {:?} of {}, where .metadata tells {:?} of {}",
                tensor.shape, tensor.dtype, self.shape, self.dtype
            )));
        }
        Ok(tensor)
    }

    async fn read_range(&self, range: Range<u64>) -> Result<Vec<u8>, Error> {
        inside(self, &range)?;
        let found = self.found.borrow().clone();
        let tensor = match found {
            Some(tensor) => tensor,
            None => {
                let tensor = self.find().await?;
                *self.found.borrow_mut() = Some(tensor.clone());
                tensor
            }
        };
        tensor.source.read(tensor.start + range.start..tensor.start + range.end).await
    }
}

impl Source for SavedTensor {
    fn name(&self) -> &str {
        self.window.name()
    }
    fn len(&self) -> u64 {
        self.bytes
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(self.read_range(range))
    }
}
