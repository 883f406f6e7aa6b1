//! The checkpoints that a training run saves in its folder, as they become complete.

use crate::native::tell::tell_all;
use gatescope::checkpoint::layout::may_hold_weights;
use gatescope::error::Error;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How the folder of a step is called, and where in it the weights are; an empty path is itself.
const LAYOUTS: [(&str, &[&str]); 2] =
    [("checkpoint-", &[""]), ("global_step_", &["actor/huggingface", "huggingface", ""])];

/// A checkpoint of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    pub step: u64,
    pub path: PathBuf,
}

/// Files of weights by name, with their sizes.
type Sizes = BTreeMap<String, u64>;

/// The checkpoints of a folder.
pub struct Saves {
    folder: PathBuf,
    /// What the last look found of each step.
    seen: BTreeMap<u64, Sizes>,
    /// Why steps are not complete.
    waiting: BTreeMap<u64, String>,
    /// Steps that could not be compared.
    bad: HashSet<u64>,
}

/// The sizes of the files of weights in a folder, and of what names them.
fn measure(folder: &Path) -> Sizes {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let wanted = may_hold_weights(&name) || name.ends_with(".json");
            let size = fs::metadata(entry.path()).ok().filter(fs::Metadata::is_file)?.len();
            wanted.then_some((name, size))
        })
        .collect()
}

/// What a folder still lacks; `None` where nothing.
fn find_lack(folder: &Path, sizes: &Sizes) -> Option<String> {
    if !sizes.keys().any(|name| may_hold_weights(name)) {
        return Some("there are no weights in it yet".into());
    }
    for index in sizes.keys().filter(|name| name.ends_with(".index.json")) {
        let text = fs::read(folder.join(index)).unwrap_or_default();
        let Ok(parsed) = serde_json::from_slice::<serde_json::Value>(&text) else {
            return Some(format!("{index} is not whole yet"));
        };
        let named = parsed["weight_map"].as_object().into_iter().flat_map(|map| map.values());
        let missing =
            named.filter_map(|file| file.as_str()).find(|file| !sizes.contains_key(*file));
        if let Some(file) = missing {
            return Some(format!("{index} names {file}, which is not there yet"));
        }
    }
    // Of a set of shards without its index, which is written last, nobody knows what is missing.
    let is_shard = |name: &&String| name.contains("-of-") && may_hold_weights(name);
    let has_index = sizes.keys().any(|name| name.ends_with(".index.json"));
    sizes
        .keys()
        .find(is_shard)
        .filter(|_| !has_index)
        .map(|name| format!("{name} is one of several shards, whose index is not there yet"))
}

impl Saves {
    /// Watches a folder, in which nothing was seen yet.
    pub fn new(folder: &Path) -> Self {
        let (seen, waiting, bad) = Default::default();
        Self { folder: folder.into(), seen, waiting, bad }
    }

    /// The folders of all steps, in their order.
    fn list(&self) -> Result<Vec<Save>, Error> {
        let bad = |error: std::io::Error| Error::BadFile {
            file: self.folder.display().to_string(),
            what: error.to_string(),
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(bad)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            for (start, inner) in LAYOUTS {
                let step = name.strip_prefix(start).and_then(|step| step.parse().ok());
                let Some(step) = step.filter(|_| entry.path().is_dir()) else { continue };
                let place = inner.iter().map(|inner| match *inner {
                    "" => entry.path(),
                    inner => entry.path().join(inner),
                });
                if let Some(path) = place.into_iter().find(|path| path.is_dir()) {
                    found.push(Save { step, path });
                }
            }
        }
        found.sort_by_key(|save| save.step);
        Ok(found)
    }

    /// Looks into the folder: the steps that are complete and as they were at the last look.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the folder can't be read.
    pub fn look(&mut self) -> Result<Vec<Save>, Error> {
        let saves = self.list()?;
        let mut complete = Vec::new();
        self.waiting.clear();
        let mut seen = BTreeMap::new();
        for save in saves {
            let sizes = measure(&save.path);
            let lack = find_lack(&save.path, &sizes).or_else(|| {
                let same = self.seen.get(&save.step) == Some(&sizes);
                (!same).then(|| "its files still grow, or were seen once only".into())
            });
            seen.insert(save.step, sizes);
            match lack {
                Some(lack) => _ = self.waiting.insert(save.step, lack),
                None => complete.push(save),
            }
        }
        self.seen = seen;
        Ok(complete)
    }

    /// Passes a step over from now on.
    pub fn pass_over(&mut self, step: u64) {
        self.bad.insert(step);
    }

    /// Whether a step is passed over.
    pub fn is_bad(&self, step: u64) -> bool {
        self.bad.contains(&step)
    }

    /// Whether some steps are not complete.
    pub fn has_incomplete(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Says which steps are not complete, and why.
    pub fn tell_incomplete(&self) {
        for (step, lack) in &self.waiting {
            tell_all(&format!("step {step} has no row: {lack}"));
        }
    }
}
