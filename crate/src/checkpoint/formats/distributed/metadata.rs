//! The `.metadata` of a folder of `torch.distributed.checkpoint`: which tensors there are, how they
//! are cut into chunks, and which file holds each chunk.
//!
//! After torch/distributed/checkpoint/metadata.py and filesystem.py.

use crate::checkpoint::formats::torch::pickle::{ClassList, Object, Value};
use std::collections::HashMap;

/// The classes that `.metadata` names beside the usual ones.
pub(crate) const CLASSES: &ClassList = &[
    (
        "torch.distributed.checkpoint.metadata",
        &[
            "Metadata",
            "TensorStorageMetadata",
            "BytesStorageMetadata",
            "ChunkStorageMetadata",
            "TensorProperties",
            "MetadataIndex",
            "StorageMeta",
            "_MEM_FORMAT_ENCODING",
        ],
    ),
    ("torch.distributed.checkpoint.filesystem", &["_StorageInfo", "_StoragePrefix"]),
];

/// A tensor, and where its chunks are.
#[derive(Debug, PartialEq)]
pub(crate) struct Described {
    /// The places of its name in nested dicts: the last is the name in the innermost.
    pub path: Vec<String>,
    /// The dtype by PyTorch's name: `bfloat16`.
    pub dtype: String,
    /// The shape of the whole.
    pub shape: Vec<u64>,
    /// The chunks.
    pub chunks: Vec<Chunk>,
}

/// A chunk of a tensor: what `torch.save` writes, in a range of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chunk {
    /// First element along each dimension.
    pub offsets: Vec<u64>,
    /// The shape.
    pub lengths: Vec<u64>,
    /// The file, below the folder of `.metadata`.
    pub file: String,
    /// First byte in the file.
    pub start: u64,
    /// Number of bytes.
    pub length: u64,
    /// The extensions that changed the bytes, as `zstd`: none where it is read as it is.
    pub transforms: Vec<String>,
}

/// Where `.metadata` says that an item lies, by its name and the first element of its chunk.
type Storage<'a> = HashMap<(&'a str, Vec<u64>), &'a Object>;

/// Reads the tensors that `.metadata` describes. Items that are no tensors are passed over.
///
/// # Errors
/// A sentence where it is not as PyTorch writes it.
pub(crate) fn read_metadata(root: &Value) -> Result<Vec<Described>, String> {
    let metadata = root
        .as_object_of("torch.distributed.checkpoint.metadata", "Metadata")
        .ok_or("it is no metadata of torch.distributed.checkpoint")?;
    let dict = |name: &str| {
        metadata
            .attribute(name)
            .and_then(Value::entries)
            .ok_or_else(|| format!("it has no {name} that is a dict"))
    };
    let mut storage: Storage = HashMap::new();
    for (index, info) in dict("storage_data")? {
        let index = index.as_object().ok_or("its storage_data has a key that is no index")?;
        let name = index
            .attribute("fqn")
            .and_then(Value::as_str)
            .ok_or("its storage_data has a key without a name")?;
        let offset = index.attribute("offset").and_then(Value::as_u64s).unwrap_or_default();
        if let Some(info) = info.as_object() {
            storage.insert((name, offset), info);
        }
    }
    // Names of nested dicts, without which a name is its own path.
    let paths: HashMap<&str, &Value> = metadata
        .attribute("planner_data")
        .and_then(Value::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|(name, path)| Some((name.as_str()?, path)))
        .collect();
    let mut tensors = Vec::new();
    for (name, item) in dict("state_dict_metadata")? {
        let name = name.as_str().ok_or("its state_dict_metadata has a key that is no name")?;
        let item = item.as_object().ok_or_else(|| format!("{name} is not described"))?;
        if &*item.class.name != "TensorStorageMetadata" {
            continue;
        }
        let (dtype, shape) = read_properties(item)
            .ok_or_else(|| format!("{name} is not described with a dtype and a shape"))?;
        let chunks = item.attribute("chunks").and_then(Value::items).unwrap_or_default();
        let chunks = chunks
            .iter()
            .map(|chunk| {
                find_chunk(name, chunk, &storage)
                    .ok_or_else(|| format!("it does not tell where a chunk of {name} is"))
            })
            .collect::<Result<_, _>>()?;
        let path = paths.get(name).and_then(|path| read_path(path));
        let path = path.unwrap_or_else(|| vec![name.to_owned()]);
        tensors.push(Described { path, dtype, shape, chunks });
    }
    Ok(tensors)
}

/// The dtype and the shape of a tensor.
fn read_properties(tensor: &Object) -> Option<(String, Vec<u64>)> {
    let properties = tensor.attribute("properties")?.as_object()?;
    let dtype = match properties.state.as_ref()? {
        Value::Tuple(items) => items.first()?,
        state => state.get("dtype")?,
    };
    let dtype = dtype.as_global().filter(|class| &*class.module == "torch")?;
    Some((dtype.name.to_string(), tensor.attribute("size")?.as_u64s()?))
}

/// A chunk with its place.
fn find_chunk(name: &str, chunk: &Value, storage: &Storage) -> Option<Chunk> {
    let chunk = chunk.as_object()?;
    let offsets = chunk.attribute("offsets")?.as_u64s()?;
    let lengths = chunk.attribute("sizes")?.as_u64s()?;
    let place = (name, offsets);
    let info = storage.get(&place)?;
    let transforms = info.attribute("transform_descriptors").and_then(Value::items);
    let transforms = transforms.unwrap_or_default();
    Some(Chunk {
        lengths,
        file: info.attribute("relative_path")?.as_str()?.to_owned(),
        start: info.attribute("offset")?.as_u64()?,
        length: info.attribute("length")?.as_u64()?,
        transforms: transforms
            .iter()
            .map(|name| name.as_str().unwrap_or("one without a name").to_owned())
            .collect(),
        offsets: place.1,
    })
}

/// The places of a name in nested dicts and lists.
fn read_path(path: &Value) -> Option<Vec<String>> {
    let part = |part: &Value| match part {
        Value::Int(n) => Some(n.to_string()),
        _ => part.as_str().map(str::to_owned),
    };
    path.items()?.iter().map(part).collect::<Option<Vec<_>>>().filter(|path| !path.is_empty())
}
