//! prime-rl's sparse filesystem updates: a manifest in JSON names, for each changed tensor, its
//! shape and the keys of its flat ascending indices (I32, I64 from 2^31 elements on) and new values
//! in a safetensors file beside it. Two layouts: `prime-rl-sparse-hf-v1`, one file a rank
//! (https://github.com/PrimeIntellect-ai/prime-rl/pull/3386), and `prime-rl-sparse-update`, one
//! file (https://github.com/PrimeIntellect-ai/prime-rl/pull/2823).

use crate::checkpoint::formats::sparse_delta::summary::DeltaLayout;
use crate::checkpoint::formats::sparse_delta::{Change, Delta, Patch, find_comparison};
use crate::checkpoint::header::{File, Places};
use crate::error::Error;
use crate::source::{self, Source};
use serde::Deserialize;
use std::rc::Rc;

const BY_RANK: DeltaLayout = DeltaLayout::PrimeRlSparseHfV1;
const ONE_FILE: DeltaLayout = DeltaLayout::PrimeRlSparseUpdate;
/// The manifests of the two.
const MANIFESTS: [&str; 2] = ["sparse_manifest.json", "sparse_update_manifest.json"];

#[derive(Deserialize)]
struct Kind {
    format: String,
    /// `full` where an earlier draft of the layout wrote a whole checkpoint.
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct ByRank {
    base_step: u64,
    target_step: u64,
    ranks: Vec<Rank>,
}

#[derive(Deserialize)]
struct Rank {
    file: String,
    tensors: Vec<RankEntry>,
}

#[derive(Deserialize)]
struct RankEntry {
    name: String,
    global_shape: Vec<u64>,
    indices_key: String,
    values_key: String,
}

#[derive(Deserialize)]
struct OneFile {
    version: u64,
    step: u64,
    base_step: u64,
    #[serde(default)]
    compressed: bool,
    patch_file: Option<String>,
    tensors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<u64>,
    indices: String,
    values: String,
}

/// Finds the delta of the manifest among `others`.
pub async fn find_delta(files: &[File], others: &[Rc<dyn Source>]) -> Result<Option<Delta>, Error> {
    let is_manifest =
        |name: &str| MANIFESTS.iter().any(|m| name == *m || name.ends_with(&format!("/{m}")));
    let mut manifests = others.iter().filter(|s| is_manifest(s.name()));
    let Some(manifest) = manifests.next() else {
        return Ok(None);
    };
    if let Some(second) = manifests.next() {
        return Err(Error::bad_file(
            second.name(),
            format!(
                "{} is a manifest of a sparse delta, too: give one step at a time",
                manifest.name()
            ),
        ));
    }
    let json = source::read_whole(manifest.as_ref(), source::MOST_LISTS).await?;
    let wrong = |e: serde_json::Error| {
        Error::bad_file(
            manifest.name(),
            format!("it is not a manifest of a sparse delta that can be read: {e}"),
        )
    };
    let kind: Kind = serde_json::from_slice(&json).map_err(wrong)?;
    match kind.format.parse() {
        Ok(BY_RANK) => {
            read_ranks(files, serde_json::from_slice(&json).map_err(wrong)?, manifest.name())
                .map(Some)
        }
        Ok(ONE_FILE) => {
            read_one_file(files, serde_json::from_slice(&json).map_err(wrong)?, manifest.name())
                .map(Some)
        }
        _ if kind.r#type.as_deref() == Some("full") => Ok(None),
        _ => Err(Error::bad_file(
            manifest.name(),
            format!("its format {} is not known ({BY_RANK} and {ONE_FILE} are)", kind.format),
        )),
    }
}

fn read_ranks(files: &[File], manifest: ByRank, name: &str) -> Result<Delta, Error> {
    let places = Places::new(files);
    let mut patches = Vec::new();
    for rank in &manifest.ranks {
        for t in &rank.tensors {
            patches.push(find_patch(
                &places,
                name,
                &rank.file,
                (&t.name, &t.global_shape),
                (&t.indices_key, &t.values_key),
            )?);
        }
    }
    let (base, target) = (manifest.base_step, manifest.target_step);
    Ok(Delta {
        layout: BY_RANK,
        base_version: Some(base),
        target_version: Some(target),
        comparison: find_comparison(base, target),
        change: Change::Values(patches),
    })
}

fn read_one_file(files: &[File], manifest: OneFile, name: &str) -> Result<Delta, Error> {
    if manifest.version != 1 {
        return Err(Error::bad_file(
            name,
            format!("version {} of {ONE_FILE} is not known (1 is)", manifest.version),
        ));
    }
    if manifest.compressed {
        return Err(Error::bad_file(
            name,
            "its patch file is compressed as a whole, so that it is not a safetensors file: \
            decompress it with zstd, and set `compressed` to false",
        ));
    }
    let file = manifest.patch_file.unwrap_or_default();
    let places = Places::new(files);
    let patches = manifest
        .tensors
        .iter()
        .map(|t| find_patch(&places, name, &file, (&t.name, &t.shape), (&t.indices, &t.values)));
    let (base, target) = (manifest.base_step, manifest.step);
    let patches = patches.collect::<Result<_, _>>()?;
    Ok(Delta {
        layout: ONE_FILE,
        base_version: Some(base),
        target_version: Some(target),
        comparison: find_comparison(base, target),
        change: Change::Values(patches),
    })
}

fn find_patch(
    places: &Places,
    manifest: &str,
    file: &str,
    (name, shape): (&str, &[u64]),
    (indices, values): (&str, &str),
) -> Result<Patch, Error> {
    let found = places.file(file).ok_or_else(|| {
        Error::bad_file(
            manifest,
            format!(
                "it names {file} for {name}, but the file was not given or can't be read: add it"
            ),
        )
    })?;
    let get = |key: &str| {
        found.get(key).map(|t| (*t).clone()).ok_or_else(|| {
            Error::bad_file(
                manifest,
                format!(
                    "it names the key {key} for {name}, which {file} lacks: the delta is damaged"
                ),
            )
        })
    };
    Ok(Patch {
        name: name.into(),
        shape: Some(shape.into()),
        indices: get(indices)?,
        values: get(values)?,
    })
}
