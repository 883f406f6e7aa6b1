//! Safetensors files of `torch.distributed.checkpoint`: one a rank, each with a slice of every
//! tensor. The header tells where a slice starts; the whole ends where the last slice does.
//!
//! After torch/distributed/checkpoint/hf_storage.py.

use crate::checkpoint::formats::distributed::join::{self, Parts, refuse};
use crate::checkpoint::header::File;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::source::Block;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The key of `__metadata__` that makes a file one of slices.
const SHARDING: &str = "DCP_SHARDING_INFO";

/// The place of a slice.
#[derive(Deserialize)]
struct Place {
    /// Its first element along each dimension.
    saved_offsets: Vec<u64>,
}

/// Joins the tensors of all files that hold slices to those of one file. Returns it after the
/// files that hold whole tensors, with what can't be joined.
pub(crate) fn join_slices(files: Vec<File>) -> (Vec<File>, Vec<LeftOut>) {
    let (sliced, mut files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.metadata.contains_key(SHARDING));
    let Some(first) = sliced.first() else {
        return (files, Vec::new());
    };
    let (source, metadata) = (first.source.clone(), first.metadata.clone());
    let mut parts: BTreeMap<String, Parts> = BTreeMap::new();
    let (mut seen, mut problems) = (HashMap::new(), Vec::new());
    for file in sliced {
        let file_name = file.source.name().to_owned();
        let places: HashMap<String, Place> = match serde_json::from_str(&file.metadata[SHARDING]) {
            Ok(places) => places,
            Err(error) => {
                problems.push(refuse(
                    &file_name,
                    format!(
                        "{file_name}: its {SHARDING} does not tell where slices start: {error}"
                    ),
                ));
                continue;
            }
        };
        for tensor in file.tensors {
            let name = tensor.name;
            let Some(ends) = places.get(&name).and_then(|place| {
                let pairs = place.saved_offsets.iter().zip(&tensor.shape);
                let ends: Option<Vec<u64>> = pairs.map(|(from, n)| from.checked_add(*n)).collect();
                ends.filter(|ends| {
                    ends.len() == tensor.shape.len() && ends.len() == place.saved_offsets.len()
                })
            }) else {
                problems.push(refuse(
                    &name,
                    format!("{file_name}: its {SHARDING} gives no place that fits this tensor"),
                ));
                continue;
            };
            let offsets = &places[&name].saved_offsets;
            let empty = tensor.shape.contains(&0);
            if let Some(other) =
                seen.insert((name.clone(), offsets.clone(), empty), file_name.clone())
                && !empty
            {
                let detail = format!(
                    "its slice at {offsets:?} is in {other} and again in {file_name}: the first \
                    is used"
                );
                problems.push(LeftOut::new(&name, LeftOutReason::Duplicate, detail));
            }
            let whole = parts.entry(name.clone()).or_insert_with(|| Parts {
                dtype: tensor.dtype,
                shape: vec![0; ends.len()],
                blocks: Vec::new(),
            });
            if whole.dtype != tensor.dtype || whole.shape.len() != ends.len() {
                problems.push(refuse(
                    &name,
                    format!("{file_name}: its slice has another dtype or other dimensions"),
                ));
                continue;
            }
            for (all, end) in whole.shape.iter_mut().zip(&ends) {
                *all = (*all).max(*end);
            }
            whole.blocks.push(Block {
                source: tensor.source,
                start: tensor.start,
                offsets: offsets.clone(),
                lengths: tensor.shape,
            });
        }
    }
    let (tensors, unjoined) = join::join_all(parts);
    problems.extend(unjoined);
    files.push(File { source, metadata, tensors });
    (files, problems)
}
