//! The files that FSDP's ranks save, each with its part of every tensor: DTensors or ShardedTensors
//! in `model_world_size_8_rank_3.pt`, as verl and others name them.

use crate::checkpoint::formats::distributed::dtensor::{self, RankTensor, read_rank_tensor};
use crate::checkpoint::formats::distributed::join::{self, Parts, refuse};
use crate::checkpoint::formats::distributed::rank_name::RankName;
use crate::checkpoint::formats::distributed::saved::Saved;
use crate::checkpoint::formats::torch::pickle::Value;
use crate::checkpoint::header::File;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{Block, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The files of one save by rank.
type Ranks = BTreeMap<u64, Rc<dyn Source>>;

/// The largest tensor, in bytes, that is compared between ranks to see that it is a replica.
const LARGEST_REPLICA: u64 = 1 << 24;
/// Keys that hold the model in a dict of several states.
const MODEL_KEYS: [&str; 4] = ["model", "module", "state_dict", "model_state_dict"];

/// Joins the files of ranks among `weights`. Returns their tensors as those of one file; `None`
/// where there are no such files or they do not make up a whole.
pub(crate) async fn read_ranks(weights: &[Rc<dyn Source>]) -> (Option<File>, Vec<LeftOut>) {
    let mut saves: BTreeMap<(String, u64), Ranks> = BTreeMap::new();
    for file in weights {
        if let Some(name) = RankName::parse(file.name()).filter(RankName::holds_weights) {
            saves.entry((name.stem, name.ranks)).or_default().insert(name.rank, file.clone());
        }
    }
    let is_complete = |save: &(&(String, u64), &Ranks)| save.1.len() as u64 == save.0.1;
    let complete: Vec<_> = saves.iter().filter(is_complete).collect();
    let (save, ranks) = match (&complete[..], saves.first_key_value()) {
        (_, None) => return (None, Vec::new()),
        ([one], _) => *one,
        ([], Some(((stem, count), ranks))) => {
            return (None, vec![list_missing(stem, *count, ranks)]);
        }
        ([first, second, ..], _) => {
            let name =
                |(_, ranks): &(_, &Ranks)| ranks.values().next().map(|r| r.name().to_owned());
            let (a, b) = (name(first).unwrap_or_default(), name(second).unwrap_or_default());
            let detail = format!(
                "{a} and {b} are of two saves, and each is complete: give the files of one"
            );
            return (None, vec![refuse(&a, detail)]);
        }
    };
    let mut problems: Vec<LeftOut> = saves
        .iter()
        .filter(|(other, _)| *other != save)
        .flat_map(|(_, others)| others.values())
        .map(|file| {
            let detail = "it is of a save that lacks ranks; a complete one is used";
            LeftOut::new(file.name(), LeftOutReason::NotUsed, detail)
        })
        .collect();
    match join_ranks(ranks, save.1).await {
        Ok((file, more)) => {
            problems.extend(more);
            (Some(file), problems)
        }
        Err((name, error)) => {
            let detail = format!("{error}. Without this rank's part no tensor is whole");
            problems.push(refuse(&name, detail));
            (None, problems)
        }
    }
}

/// Names the ranks that are missing.
fn list_missing(stem: &str, count: u64, ranks: &Ranks) -> LeftOut {
    let first = (0..count).find(|rank| !ranks.contains_key(rank)).unwrap_or_default();
    let name = RankName { stem: stem.to_owned(), ranks: count, rank: first }.of_rank(first);
    let lacking = count - ranks.len() as u64;
    let others = if lacking > 1 { format!(" (and {} more)", lacking - 1) } else { String::new() };
    let detail = format!(
        "{name}{others} was not given: {} of {count} ranks are here, and each holds a part of \
         every tensor. Add it",
        ranks.len()
    );
    LeftOut::new(&name, LeftOutReason::MissingShard, detail)
}

/// What has been read of the ranks.
#[derive(Default)]
struct Read {
    parts: BTreeMap<String, Parts>,
    /// Tensors that each rank holds as if they were whole.
    plain: BTreeMap<String, Vec<RawTensor>>,
    /// Why a tensor can't be joined.
    refused: BTreeMap<String, String>,
}

/// Joins the files of all ranks, or names the file that can't be read.
async fn join_ranks(ranks: &Ranks, count: u64) -> Result<(File, Vec<LeftOut>), (String, Error)> {
    let mut read = Read::default();
    for (rank, source) in ranks {
        let at = |error: Error| (source.name().to_owned(), error);
        let saved = Saved::open(source, dtensor::CLASSES).await.map_err(at)?;
        for (name, value) in find_model(saved.root()) {
            let Some(name) = name.as_str() else { continue };
            let added = match read_rank_tensor(value, *rank, count) {
                Some(Ok(tensor)) => read.add_parts(name, &tensor, &saved).await,
                Some(Err(why)) => Err(why),
                None => match saved.tensor(name, value).await {
                    Some(Ok(tensor)) => {
                        read.plain.entry(name.to_owned()).or_default().push(tensor);
                        Ok(())
                    }
                    Some(Err(why)) => Err(why),
                    None => Ok(()),
                },
            };
            if let Err(why) = added {
                let why = format!("{}: {why}", source.name());
                read.refused.entry(name.to_owned()).or_insert(why);
            }
        }
    }
    let replicas = std::mem::take(&mut read.plain);
    let mut tensors = Vec::new();
    for (name, copies) in replicas {
        match check_replicas(&copies, count, read.parts.contains_key(&name)).await {
            Ok(()) => tensors.extend(copies.into_iter().next()),
            Err(why) => {
                read.refused.entry(name).or_insert(why);
            }
        }
    }
    let refused: BTreeSet<String> = read.refused.keys().cloned().collect();
    read.parts.retain(|name, _| !refused.contains(name));
    tensors.retain(|tensor| !refused.contains(&tensor.name));
    let (joined, mut problems) = join::join_all(read.parts);
    tensors.extend(joined);
    problems.extend(read.refused.into_iter().map(|(name, why)| refuse(&name, why)));
    let source = ranks.values().next().expect("a save has a rank").clone();
    Ok((File { source, metadata: BTreeMap::new(), tensors }, problems))
}

/// The entries of the dict that holds the model.
fn find_model(root: &Value) -> &[(Value, Value)] {
    let inner = MODEL_KEYS.iter().find_map(|key| root.get(key)?.entries());
    inner.or(root.entries()).unwrap_or_default()
}

impl Read {
    /// Adds what a rank holds of a tensor.
    async fn add_parts(
        &mut self,
        name: &str,
        tensor: &RankTensor<'_>,
        saved: &Saved,
    ) -> Result<(), String> {
        for part in &tensor.parts {
            let local = saved
                .tensor(name, part.tensor)
                .await
                .ok_or_else(|| "its part is no tensor".to_owned())??;
            if local.shape != part.shape {
                return Err(format!(
                    "its part has the shape {:?}, where its placements give {:?}",
                    local.shape, part.shape
                ));
            }
            let parts = self.parts.entry(name.to_owned()).or_insert_with(|| Parts {
                dtype: local.dtype,
                shape: tensor.shape.clone(),
                blocks: Vec::new(),
            });
            if parts.dtype != local.dtype || parts.shape != tensor.shape {
                return Err("it has another dtype or shape than on other ranks".into());
            }
            let row: u64 =
                local.bytes().checked_div(*local.shape.first().unwrap_or(&1)).unwrap_or(0);
            for piece in &part.pieces {
                parts.blocks.push(Block {
                    source: local.source.clone(),
                    start: local.start + piece.row * row,
                    offsets: piece.offsets.clone(),
                    lengths: piece.lengths.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Checks that a tensor that nothing marks as a part is the same on every rank.
async fn check_replicas(copies: &[RawTensor], ranks: u64, split: bool) -> Result<(), String> {
    let Some((first, others)) = copies.split_first() else { return Ok(()) };
    if split || copies.len() as u64 != ranks {
        return Err("some ranks hold a part of it, others a tensor that is no part".into());
    }
    let unknown = "nothing says how the ranks' tensors of this name join";
    for other in others {
        if (&other.shape, other.dtype) != (&first.shape, first.dtype) {
            return Err(format!("its shape or dtype differs from rank to rank, and {unknown}"));
        }
        if first.bytes() > LARGEST_REPLICA {
            return Err(format!("it is no DTensor or ShardedTensor, and {unknown}"));
        }
        let read = |tensor: &RawTensor| {
            let tensor = tensor.clone();
            async move { tensor.read(0..tensor.elements()).await.map_err(|e| e.to_string()) }
        };
        if read(first).await? != read(other).await? {
            return Err(format!("it differs from rank to rank, and {unknown}"));
        }
    }
    Ok(())
}
