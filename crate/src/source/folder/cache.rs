//! Models in the cache of the Hugging Face Hub.

use crate::error::Error;
use crate::source::folder::place::{Place, Rules, bad, is_open_folder, last_part, list};
use crate::source::{FileSource, read_whole};
use std::path::Path;

/// The most bytes of a name of a revision.
const MOST_REFERENCE: u64 = 4096;
/// The beginning of a model's folder in the cache of the Hugging Face Hub.
const CACHE: &str = "models--";

/// Splits the name of a cache's folder: `models--org--name` is the model org/name.
pub(crate) fn model_name(folder: &Path) -> Option<String> {
    let name = last_part(folder);
    Some(name.strip_prefix(CACHE)?.replacen("--", "/", 1))
}

/// The checkpoint in a folder of the Hub's cache: the snapshot that refs/main names, or the only
/// one. `None` for other folders.
pub(crate) fn find_snapshot(folder: &Path, rules: Rules) -> Result<Option<Place>, Error> {
    let snapshots = folder.join("snapshots");
    let Some(model) = model_name(folder).filter(|_| snapshots.is_dir()) else {
        return Ok(None);
    };
    let revisions: Vec<String> = list(&snapshots, rules)?
        .into_iter()
        .filter(|(name, path)| is_open_folder(name, path))
        .map(|(name, _)| name)
        .collect();
    let main = FileSource::open(&folder.join("refs/main"), "refs/main")
        .and_then(|file| pollster::block_on(read_whole(&file, MOST_REFERENCE)))
        .unwrap_or_default();
    let main = String::from_utf8_lossy(&main);
    let revision = match &revisions[..] {
        [] => return Err(bad(folder, "its snapshots are empty: download the model again")),
        [only] => only,
        // Names are compared, not opened: the text may be any path.
        several => several.iter().find(|name| **name == main.trim()).ok_or_else(|| {
            let what = format!(
                "it holds {} revisions ({}), and refs/main names none of them: give one of the \
                 folders in {}",
                several.len(),
                several[..several.len().min(3)].join(", "),
                snapshots.display()
            );
            bad(folder, what)
        })?,
    };
    let place = Place::of_folder(&snapshots.join(revision), rules)?;
    Ok(Some(Place { name: model, revision: Some(revision.clone()), ..place }))
}
