//! Folders of `torch.distributed.checkpoint`: `.metadata`, and `.distcp` files with the chunks.

use crate::checkpoint::formats::distributed::join::{self, Parts, refuse};
use crate::checkpoint::formats::distributed::metadata::{self, Described, read_metadata};
use crate::checkpoint::formats::distributed::model_path::{Owner, find_owner};
use crate::checkpoint::formats::distributed::saved::SavedTensor;
use crate::checkpoint::formats::torch::pickle;
use crate::checkpoint::header::{self, File};
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{Block, Source};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The end of a file with chunks.
pub(crate) const CHUNKS: &str = ".distcp";
/// The name of the file that describes the chunks.
pub(crate) const METADATA: &str = ".metadata";
/// What to do where a folder is not read.
const CONVERT: &str = "It belongs to shards of torch.distributed.checkpoint (.distcp), as FSDP \
    saves them: `accelerate merge-weights FOLDER OUT`, or \
    torch.distributed.checkpoint.format_utils, makes whole weights of them";

/// The path of a folder with `/` at its end, or nothing.
fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..=end])
}

/// Joins the chunks of all `.distcp` files among `weights`; `sources` has the files that describe
/// them. Returns the tensors of a folder as those of one file.
pub(crate) async fn read_folders(
    weights: &[Rc<dyn Source>],
    sources: &[Rc<dyn Source>],
) -> (Vec<File>, Vec<LeftOut>) {
    let mut folders: BTreeMap<&str, BTreeMap<&str, Rc<dyn Source>>> = BTreeMap::new();
    for file in weights.iter().filter(|file| file.name().ends_with(CHUNKS)) {
        let folder = folder_of(file.name());
        folders.entry(folder).or_default().insert(&file.name()[folder.len()..], file.clone());
    }
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (folder, chunks) in folders {
        let path = format!("{folder}{METADATA}");
        let Some(source) = sources.iter().find(|source| source.name() == path) else {
            let detail = format!(
                "{path} was not given, and it alone tells what the .distcp files beside it hold: \
                 add it (its name starts with a dot, so many programs hide it). {CONVERT}"
            );
            problems.push(LeftOut::new(&path, LeftOutReason::MissingShard, detail));
            continue;
        };
        match read_folder(source, &chunks).await {
            Ok((file, more)) => {
                files.push(file);
                problems.extend(more);
            }
            Err(error) => problems.push(refuse(&path, format!("{error}. {CONVERT}"))),
        }
    }
    (files, problems)
}

/// Reads `.metadata` and joins the chunks of the model that it describes.
async fn read_folder(
    source: &Rc<dyn Source>,
    chunks: &BTreeMap<&str, Rc<dyn Source>>,
) -> Result<(File, Vec<LeftOut>), Error> {
    let bad = |what: String| Error::bad_file(source.name(), what);
    if source.len() > pickle::LARGEST {
        return Err(bad(format!("it has {} bytes, too many to be read", source.len())));
    }
    let bytes = source.read(0..source.len()).await?;
    let root = pickle::read(source.name(), &bytes, metadata::CLASSES)?;
    let described = read_metadata(&root).map_err(bad)?;
    let (model, mut problems) = choose_model(described);
    let mut parts = BTreeMap::new();
    for (name, tensor) in model {
        match find_parts(&tensor, chunks) {
            Ok(found) => {
                parts.insert(name, found);
            }
            Err(Unread::Dtype) => problems.push(header::refuse_dtype(&name, &tensor.dtype)),
            Err(Unread::Missing(file)) => problems.push(LeftOut::new(
                &name,
                LeftOutReason::MissingShard,
                format!("a part of it is in {file}, which was not given: add it"),
            )),
            Err(Unread::Other(why)) => problems.push(refuse(&name, why)),
        }
    }
    let (tensors, unjoined) = join::join_all(parts);
    problems.extend(unjoined);
    Ok((File { source: source.clone(), metadata: BTreeMap::new(), tensors }, problems))
}

/// Chooses the tensors of the model: of several, the one with most elements. The others and the
/// states of optimizers are listed, one entry each.
fn choose_model(described: Vec<Described>) -> (BTreeMap<String, Described>, Vec<LeftOut>) {
    let mut models: BTreeMap<String, BTreeMap<String, Described>> = BTreeMap::new();
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for tensor in described {
        match find_owner(&tensor.path) {
            Owner::Model { place, name } => {
                models.entry(place).or_default().insert(name, tensor);
            }
            Owner::State(place) => *states.entry(place).or_default() += 1,
        }
    }
    let elements = |model: &BTreeMap<String, Described>| -> u128 {
        let count =
            |t: &Described| t.shape.iter().map(|n| u128::from(*n)).fold(1, u128::saturating_mul);
        model.values().map(count).fold(0, u128::saturating_add)
    };
    let largest = models.iter().max_by_key(|(_, model)| elements(model));
    let chosen = largest.map(|(place, _)| place.clone()).unwrap_or_default();
    let model = models.remove(&chosen).unwrap_or_default();
    let pass = |place: String, detail: String| LeftOut::new(&place, LeftOutReason::NotUsed, detail);
    let states = states.into_iter().map(|(place, count)| {
        pass(place, format!("{count} tensors of a state of training, which are no weights"))
    });
    let others = models.into_iter().map(|(place, other)| {
        let detail = format!(
            "{} tensors of another model in the same folder: {chosen} has more weights and is read",
            other.len()
        );
        pass(place, detail)
    });
    let left_out = states.chain(others).collect();
    (model, left_out)
}

/// Why a tensor is not read.
enum Unread {
    /// Its dtype is not known.
    Dtype,
    /// This file is missing.
    Missing(String),
    /// The reason.
    Other(String),
}

/// Finds the chunks of a tensor in their files.
fn find_parts(tensor: &Described, files: &BTreeMap<&str, Rc<dyn Source>>) -> Result<Parts, Unread> {
    let dtype = find_dtype(&tensor.dtype).ok_or(Unread::Dtype)?;
    let mut blocks = Vec::new();
    for chunk in &tensor.chunks {
        if !chunk.transforms.is_empty() {
            return Err(Unread::Other(format!(
                "{}: its chunks are changed by extensions ({}), which are not read: load the \
                 checkpoint with PyTorch and save it without them",
                chunk.file,
                chunk.transforms.join(", ")
            )));
        }
        let file =
            files.get(chunk.file.as_str()).ok_or_else(|| Unread::Missing(chunk.file.clone()))?;
        let saved = SavedTensor::new(file.clone(), chunk, dtype).map_err(Unread::Other)?;
        blocks.push(Block {
            source: Rc::new(saved),
            start: 0,
            offsets: chunk.offsets.clone(),
            lengths: chunk.lengths.clone(),
        });
    }
    Ok(Parts { dtype, shape: tensor.shape.clone(), blocks })
}

/// A dtype by PyTorch's name.
fn find_dtype(name: &str) -> Option<safetensors::Dtype> {
    use safetensors::Dtype;
    Some(match name {
        "bfloat16" => Dtype::BF16,
        "float16" => Dtype::F16,
        "float32" => Dtype::F32,
        "float64" => Dtype::F64,
        "float8_e4m3fn" => Dtype::F8_E4M3,
        "float8_e5m2" => Dtype::F8_E5M2,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "int16" => Dtype::I16,
        "int32" => Dtype::I32,
        "int64" => Dtype::I64,
        "bool" => Dtype::BOOL,
        _ => return None,
    })
}
