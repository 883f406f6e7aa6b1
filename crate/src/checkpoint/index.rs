//! The index of a sharded checkpoint: which file holds which tensor.

use crate::checkpoint::json_entries::read_entries;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{self, Source};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;

/// The ends of Hugging Face's shard indices.
const ENDS: [&str; 2] = [".safetensors.index.json", ".bin.index.json"];

/// True for the name of a shard index.
pub(crate) fn is_index(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// The index of a sharded checkpoint. Names of files are only compared, never opened.
pub(crate) struct Index {
    /// Its own name.
    pub name: String,
    /// The names of the files, each once, in the order in which they come up.
    pub files: Vec<String>,
    /// The tensors, each with the place of its file.
    pub tensors: Vec<(String, usize)>,
}

#[derive(Deserialize)]
struct Parsed {
    weight_map: WeightMap,
}

/// The map of tensors to files. Each file's name is kept once, however many tensors name it.
struct WeightMap {
    files: Vec<String>,
    tensors: Vec<(String, usize)>,
}

impl<'de> Deserialize<'de> for WeightMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut files, mut tensors) = (Vec::new(), Vec::new());
        let mut places: HashMap<String, usize> = HashMap::new();
        let what = "an object of tensors and their files";
        read_entries(deserializer, what, |tensor, file: String| {
            let place = places.get(&file).copied().unwrap_or_else(|| {
                places.insert(file.clone(), files.len());
                files.push(file);
                files.len() - 1
            });
            tensors.push((tensor, place));
        })?;
        Ok(Self { files, tensors })
    }
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it is none.
    pub async fn read(source: &dyn Source) -> Result<Self, Error> {
        let bytes = source::read_whole(source, source::MOST_LISTS).await?;
        let parsed: Parsed = serde_json::from_slice(&bytes).map_err(|error| {
            let what = format!("not a shard index ({error}); the shards are read without it");
            Error::bad_file(source.name(), what)
        })?;
        let WeightMap { files, tensors } = parsed.weight_map;
        Ok(Self { name: source.name().into(), files, tensors })
    }

    /// The part of its name that a file of the same folder has, too; empty or with `/` at the end.
    pub fn folder(&self) -> &str {
        self.name.rfind('/').map_or("", |at| &self.name[..=at])
    }
}

/// What became of the files of an index.
pub(crate) enum Shard {
    /// Its tensors are known.
    Read,
    /// It is there, but could not be read.
    Unreadable,
    /// Nobody gave it.
    Missing,
}

/// Tensors that are in no file that was read, by name, each with the file that the index names.
pub(crate) type Elsewhere = HashMap<String, String>;

/// Compares an index with what was read: returns the tensors that lie in files which could not be
/// read, and what the user should know. `complete` says that the files that were read tell by
/// themselves that they are a whole set: an index that names others is then of another save.
pub(crate) fn compare_index(
    index: &Index,
    shards: &[Shard],
    complete: bool,
    is_read: impl Fn(&str) -> bool,
) -> (Elsewhere, Vec<LeftOut>) {
    let mut counts = vec![0usize; index.files.len()];
    let (mut elsewhere, mut lost): (Elsewhere, Vec<&str>) = (HashMap::new(), Vec::new());
    for (tensor, file) in index.tensors.iter().filter(|(tensor, _)| !is_read(tensor)) {
        match shards[*file] {
            Shard::Read => lost.push(tensor),
            Shard::Missing if complete => lost.push(tensor),
            _ => {
                counts[*file] += 1;
                elsewhere.insert(tensor.clone(), index.files[*file].clone());
            }
        }
    }
    let mut problems = Vec::new();
    let mut gone = Vec::new();
    for ((file, shard), count) in index.files.iter().zip(shards).zip(counts) {
        match shard {
            Shard::Missing if count > 0 => problems.push(LeftOut::new(
                file,
                LeftOutReason::MissingShard,
                format!(
                    "{} names it for {count} tensors that are in no other file, but the file was \
                     not given: add it",
                    index.name
                ),
            )),
            Shard::Missing => gone.push(file.as_str()),
            _ => {}
        }
    }
    if !gone.is_empty() || !lost.is_empty() {
        let mut said = Vec::new();
        if let Some(first) = gone.first() {
            said.push(format!("it names {} files that are not here (as {first})", gone.len()));
        }
        said.push(match lost.first() {
            None => "all of its tensors are in the files that are".into(),
            Some(first) => {
                format!("{} of its tensors are in none of those that are (as {first})", lost.len())
            }
        });
        let detail = format!(
            "the index is of another save: {}. The files are read without it",
            said.join("; ")
        );
        problems.push(LeftOut::new(&index.name, LeftOutReason::NotUsed, detail));
    }
    (elsewhere, problems)
}
