//! The disk deltas of slime and miles: a folder shaped as a checkpoint, whose tensors are zstd
//! frames of what changed in the bytes of the base's, and whose shard index says how
//! (https://github.com/THUDM/slime/blob/main/docs/en/advanced/delta-weight-sync.md,
//! https://github.com/radixark/miles/pull/1235).

use crate::checkpoint::formats::sparse_delta::bytes::Encoding;
use crate::checkpoint::formats::sparse_delta::summary::DeltaLayout;
use crate::checkpoint::formats::sparse_delta::{Change, Delta, find_comparison};
use crate::checkpoint::header::{File, Places};
use crate::checkpoint::index;
use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::source::{self, Source};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What an index says of itself, in texts.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    delta_encoding: Value,
    compression_format: Value,
    base_version: Value,
    version: Value,
}

/// An index without its map, which is read of the indices of deltas alone.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    weight_map: BTreeMap<String, String>,
}

/// A number that is written as a text.
fn read_number(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

/// Finds the delta that an index among `others` describes.
pub async fn find_delta(files: &[File], others: &[Rc<dyn Source>]) -> Result<Option<Delta>, Error> {
    let mut found: Option<(&str, Delta)> = None;
    for source in others.iter().filter(|s| index::is_index(s.name())) {
        // What can't be read, or is not an index, is listed where checkpoints are read.
        let Ok(bytes) = source::read_whole(source.as_ref(), source::MOST_LISTS).await else {
            continue;
        };
        let Ok(About { metadata }) = serde_json::from_slice(&bytes) else {
            continue;
        };
        let Some(encoding) = metadata.delta_encoding.as_str() else {
            continue;
        };
        let Ok(index) = serde_json::from_slice::<Index>(&bytes) else {
            continue;
        };
        if let Some((first, _)) = found {
            return Err(Error::bad_file(
                source.name(),
                format!("{first} is the index of a delta, too: give one version at a time"),
            ));
        }
        found = Some((
            source.name(),
            delta_of_index(files, source.name(), (&metadata, &index), encoding)?,
        ));
    }
    Ok(found.map(|(_, delta)| delta))
}

/// Makes the delta that one index describes.
fn delta_of_index(
    files: &[File],
    name: &str,
    (metadata, index): (&Metadata, &Index),
    encoding: &str,
) -> Result<Delta, Error> {
    let encoding = match encoding {
        "xor" => Encoding::Xor,
        "overwrite" => Encoding::Overwrite,
        other => {
            return Err(Error::bad_file(
                name,
                format!("its delta_encoding {other} is not known (xor and overwrite are)"),
            ));
        }
    };
    match metadata.compression_format.as_str() {
        Some("zstd") => {}
        other => {
            return Err(Error::bad_file(
                name,
                format!(
                    "its compression_format {} is not known (zstd is)",
                    other.unwrap_or("is missing and")
                ),
            ));
        }
    }
    let places = Places::new(files);
    let mut streams: BTreeMap<String, RawTensor> = BTreeMap::new();
    for (tensor, file) in &index.weight_map {
        let lacks = || {
            Error::bad_file(
                name,
                format!(
                    "it names {file} for {tensor}, but the file was not given, can't be read or \
                    lacks it: add it"
                ),
            )
        };
        let stream = places.get(file, tensor).ok_or_else(lacks)?;
        streams.insert(tensor.clone(), stream.clone());
    }
    let [base_version, target_version] =
        [&metadata.base_version, &metadata.version].map(read_number);
    let comparison =
        base_version.zip(target_version).and_then(|(base, target)| find_comparison(base, target));
    Ok(Delta {
        layout: DeltaLayout::SlimeDiskDelta,
        base_version,
        target_version,
        comparison,
        change: Change::Bytes { streams, encoding },
    })
}
