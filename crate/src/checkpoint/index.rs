//! The index of a sharded checkpoint: which file holds which tensor.

use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use crate::source::Source;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The ends of Hugging Face's shard indices.
const ENDS: [&str; 2] = [".safetensors.index.json", ".bin.index.json"];

/// True for the name of a shard index.
pub(crate) fn is_index(name: &str) -> bool {
    ENDS.iter().any(|end| name.ends_with(end))
}

#[derive(serde::Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Finds the tensors that the index names in files that nobody gave, with their files. Lists these
/// files, or the index itself where it can't be read.
pub(crate) async fn find_elsewhere(
    index: &dyn Source,
    weights: &[Rc<dyn Source>],
) -> (HashMap<String, String>, Vec<LeftOut>) {
    let refuse = |detail: String| {
        (HashMap::new(), vec![LeftOut::new(index.name(), LeftOutReason::BadFile, detail)])
    };
    let bytes = match index.read(0..index.len()).await {
        Ok(bytes) => bytes,
        Err(error) => return refuse(error.to_string()),
    };
    let parsed: Index = match serde_json::from_slice(&bytes) {
        Ok(parsed) => parsed,
        Err(error) => {
            return refuse(format!(
                "{}: not a shard index ({error}); the shards are read without it",
                index.name()
            ));
        }
    };
    let given = |file: &str| {
        weights.iter().any(|s| s.name() == file || s.name().ends_with(&format!("/{file}")))
    };
    let elsewhere: HashMap<String, String> =
        parsed.weight_map.into_iter().filter(|(_, file)| !given(file)).collect();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for file in elsewhere.values() {
        *missing.entry(file).or_default() += 1;
    }
    let list = |(file, count): (&str, usize)| {
        let detail = format!(
            "{} names it for {count} tensors, but the file was not given: add it",
            index.name()
        );
        LeftOut::new(file, LeftOutReason::MissingShard, detail)
    };
    let problems = missing.into_iter().map(list).collect();
    (elsewhere, problems)
}
