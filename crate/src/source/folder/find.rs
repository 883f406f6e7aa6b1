//! The checkpoints that a path stands for.

use crate::error::Error;
use crate::source::file::explain_type;
use crate::source::folder::cache::{find_snapshot, model_name};
use crate::source::folder::place::{
    MOST_FOLDERS, Place, Rules, bad, is_open_folder, last_part, list,
};
use crate::source::{FileSource, MOST_LISTS, read_whole};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// How deep folders are looked through for checkpoints.
const DEEPEST: usize = 4;

/// The folder that a file is in, also where its path does not name one.
fn find_parent(file: &Path) -> Option<&Path> {
    let parent = file.parent()?;
    Some(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// The checkpoint of an index: its folder without other weights than those that it names.
fn find_indexed(index: &Path, folder: &Path, rules: Rules) -> Result<Place, Error> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: HashMap<String, String>,
    }
    let source = FileSource::open(index, &index.display().to_string())?;
    let text = pollster::block_on(read_whole(&source, MOST_LISTS))?;
    let parsed: Index = serde_json::from_slice(&text)
        .map_err(|e| bad(index, format!("it is not a shard index: {e}")))?;
    let named: HashSet<String> = parsed.weight_map.into_values().collect();
    let mut place = Place::of_folder(folder, rules)?;
    place.files.retain(|(name, _)| !(rules.may_hold_weights)(name) || named.contains(name));
    Ok(place)
}

/// The checkpoint of an adapter's file: its configuration lies beside it. `None` for other files.
fn find_adapter(file: &Path, rules: Rules) -> Option<Place> {
    let name = last_part(file).to_ascii_lowercase();
    if !["adapter_model.", "adapters."].iter().any(|start| name.starts_with(start)) {
        return None;
    }
    let folder = find_parent(file)?;
    let mut files = list(folder, rules).ok()?;
    files.retain(|(name, _)| name.eq_ignore_ascii_case("adapter_config.json"));
    if files.is_empty() {
        return None;
    }
    files.push((last_part(file), file.to_path_buf()));
    Some(Place { name: last_part(folder), path: folder.into(), revision: None, files })
}

/// Collects the checkpoints in a folder and those inside it: a folder with weights is one.
fn collect(
    folder: &Path,
    rules: Rules,
    depth: usize,
    left: &mut usize,
    found: &mut Vec<Place>,
) -> Result<(), Error> {
    if let Some(place) = find_snapshot(folder, rules)? {
        found.push(place);
        return Ok(());
    }
    let entries = list(folder, rules)?;
    if entries.iter().any(|(name, _)| (rules.may_hold_weights)(name)) {
        found.push(Place::of_folder(folder, rules)?);
        return Ok(());
    }
    for (name, path) in entries {
        // What an optimizer keeps is no checkpoint.
        let is_state = name.to_ascii_lowercase().starts_with("optim");
        if depth < DEEPEST && *left > 0 && !is_state && is_open_folder(&name, &path) {
            *left -= 1;
            // A folder inside that may not be read takes nothing from the others.
            let _ = collect(&path, rules, depth + 1, left, found);
        }
    }
    Ok(())
}

/// Finds the checkpoints that a path stands for: a file, a folder with weights, a model in the
/// Hub's cache, or the folders inside one, in natural order. A folder without any is one
/// checkpoint, so that opening it tells what there is.
///
/// # Errors
/// [`Error::BadFile`] where the path can't be read.
pub fn find_places(path: &Path, rules: Rules) -> Result<Vec<Place>, Error> {
    let metadata = fs::metadata(path).map_err(|e| bad(path, e))?;
    if !metadata.is_dir() {
        if let Some(what) = explain_type(metadata.file_type()) {
            return Err(bad(path, what));
        }
        // Tools name a sharded model by its index.
        if last_part(path).to_ascii_lowercase().ends_with(".index.json")
            && let Some(folder) = find_parent(path)
        {
            return find_indexed(path, folder, rules).map(|place| vec![place]);
        }
        return Ok(vec![find_adapter(path, rules).unwrap_or_else(|| Place::of_file(path))]);
    }
    // A snapshot's folder is called by its revision; the model's name is two folders above.
    let above = path.parent().filter(|p| last_part(p) == "snapshots").and_then(Path::parent);
    if let Some(model) = above.and_then(model_name) {
        let place = Place::of_folder(path, rules)?;
        return Ok(vec![Place { revision: Some(place.name.clone()), name: model, ..place }]);
    }
    let mut found = Vec::new();
    let mut left = MOST_FOLDERS;
    collect(path, rules, 0, &mut left, &mut found)?;
    // A link such as `latest` stands beside the folder that it leads to.
    let mut seen = HashSet::new();
    found.retain(|place| {
        seen.insert(place.path.canonicalize().unwrap_or_else(|_| place.path.clone()))
    });
    match &found[..] {
        // The shards of one save, a folder below its configuration.
        [only] if only.name.starts_with("pytorch_model_fsdp") => {}
        [] => {}
        _ => return Ok(found),
    }
    Ok(vec![Place::of_folder(path, rules)?])
}
