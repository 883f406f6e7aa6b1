//! Folders of this machine: the files of the checkpoints that a path stands for.

use crate::error::Error;
use crate::source::file::explain_type;
use crate::source::{FileSource, MOST_LISTS, Source, UnreadableSource, read_whole};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How deep folders are looked through for checkpoints.
const DEEPEST: usize = 4;
/// How deep a checkpoint's own folders are listed.
const DEEPEST_OWN: usize = 2;
/// The most folders that are looked through.
const MOST_FOLDERS: usize = 10_000;
/// The most bytes of a name of a revision.
const MOST_REFERENCE: u64 = 4096;
/// The beginning of a model's folder in the cache of the Hugging Face Hub.
const CACHE: &str = "models--";

/// What the names of files tell, which this module does not know.
#[derive(Clone, Copy)]
pub struct Rules {
    /// True for the name of a file that may hold weights.
    pub may_hold_weights: fn(&str) -> bool,
    /// The order of names.
    pub compare: fn(&str, &str) -> Ordering,
}

/// The files of one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name: that of its folder, its file or its model in the Hub's cache.
    pub name: String,
    /// Its folder or its file.
    pub path: PathBuf,
    /// The revision in the Hub's cache.
    pub revision: Option<String>,
    /// Names inside the folder, with `/`, and paths.
    files: Vec<(String, PathBuf)>,
}

fn bad(path: &Path, what: impl ToString) -> Error {
    Error::bad_file(&path.display().to_string(), what.to_string())
}

/// The last part of a path, also of `.` and `..`.
fn last_part(path: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(path)
        .or_else(|| name(&path.canonicalize().ok()?))
        .unwrap_or_else(|| path.display().to_string())
}

/// The entries of a folder in order: names and paths.
fn list(folder: &Path, rules: Rules) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| bad(folder, e))? {
        let entry = entry.map_err(|e| bad(folder, e))?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    entries.sort_by(|a, b| (rules.compare)(&a.0, &b.0).then_with(|| a.0.cmp(&b.0)));
    Ok(entries)
}

/// True for a folder that is looked into; hidden ones are a program's own.
fn is_open_folder(name: &str, path: &Path) -> bool {
    path.is_dir() && !name.starts_with('.')
}

impl Place {
    /// Makes the checkpoint of a folder: its files and those of folders inside it.
    fn of_folder(folder: &Path, rules: Rules) -> Result<Self, Error> {
        let mut files = Vec::new();
        let mut open = vec![(String::new(), folder.to_path_buf(), 0)];
        let mut count = 0;
        while let Some((prefix, folder, depth)) = open.pop() {
            count += 1;
            for (name, path) in list(&folder, rules)? {
                // A folder that is called like a file of weights is listed as one.
                if !(rules.may_hold_weights)(&name) && path.is_dir() {
                    if depth < DEEPEST_OWN && count < MOST_FOLDERS && !name.starts_with('.') {
                        open.push((format!("{prefix}{name}/"), path, depth + 1));
                    }
                } else {
                    files.push((format!("{prefix}{name}"), path));
                }
            }
        }
        files.sort_by(|a, b| (rules.compare)(&a.0, &b.0));
        Ok(Self { name: last_part(folder), path: folder.into(), revision: None, files })
    }

    /// Makes the checkpoint of one file, which stands for itself.
    fn of_file(file: &Path) -> Self {
        let name = last_part(file);
        let stem = Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let files = vec![(name.clone(), file.to_path_buf())];
        Self { name: stem.unwrap_or(name), path: file.into(), revision: None, files }
    }

    /// Takes its files. What can't be read is kept by its name, so that it is told.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it is one file that can't be read.
    pub fn open_files(&self) -> Result<Vec<Rc<dyn Source>>, Error> {
        if let [(name, path)] = &self.files[..]
            && *path == self.path
        {
            return Ok(vec![Rc::new(FileSource::open(path, name)?)]);
        }
        let open = |(name, path): &(String, PathBuf)| -> Rc<dyn Source> {
            if let Ok(file) = FileSource::open(path, name) {
                return Rc::new(file);
            }
            let what = match (fs::metadata(path), fs::read_link(path)) {
                (Ok(found), _) => {
                    explain_type(found.file_type()).unwrap_or("it can't be read").to_string()
                }
                (Err(_), Ok(target)) => format!(
                    "it is a link to {}, which is not there: the download is not complete, or \
                     the file was moved",
                    target.display()
                ),
                (Err(error), _) => error.to_string(),
            };
            Rc::new(UnreadableSource::new(name.as_str(), what))
        };
        Ok(self.files.iter().map(open).collect())
    }
}

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

/// Splits the name of a cache's folder: `models--org--name` is the model org/name.
fn model_name(folder: &Path) -> Option<String> {
    let name = last_part(folder);
    Some(name.strip_prefix(CACHE)?.replacen("--", "/", 1))
}

/// The checkpoint in a folder of the Hub's cache: the snapshot that refs/main names, or the only
/// one. `None` for other folders.
fn find_snapshot(folder: &Path, rules: Rules) -> Result<Option<Place>, Error> {
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

/// Names for these places of which no two are equal: equal ones get the revision, or the part of
/// the path that differs, or a number.
pub fn name_apart(places: &[Place]) -> Vec<String> {
    let parents: Vec<Vec<String>> = places
        .iter()
        .map(|place| {
            let path = place.path.canonicalize().unwrap_or_else(|_| place.path.clone());
            let above = path.parent().into_iter().flat_map(|p| p.components());
            above.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
        })
        .collect();
    let mut names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
    for (i, place) in places.iter().enumerate() {
        let twins: Vec<usize> =
            (0..places.len()).filter(|j| places[*j].name == place.name).collect();
        if twins.len() < 2 {
            continue;
        }
        let revision = |j: &usize| places[*j].revision.as_deref();
        let revisions: HashSet<_> = twins.iter().filter_map(revision).collect();
        if let Some(own) = revision(&i).filter(|_| revisions.len() == twins.len()) {
            names[i] = format!("{}@{}", place.name, own.chars().take(7).collect::<String>());
            continue;
        }
        let tail = |j: usize, count: usize| {
            let parts = &parents[j];
            parts[parts.len().saturating_sub(count)..].join("/")
        };
        let deepest = twins.iter().map(|j| parents[*j].len()).max().unwrap_or(0);
        let differ = |count: &usize| {
            twins.iter().map(|j| tail(*j, *count)).collect::<HashSet<_>>().len() == twins.len()
        };
        if let Some(count) = (1..=deepest).find(differ) {
            names[i] = format!("{}/{}", tail(i, count), place.name);
        }
    }
    for i in 0..names.len() {
        let (mut name, mut round) = (names[i].clone(), 1);
        while names[..i].contains(&name) {
            round += 1;
            name = format!("{} ({round})", names[i]);
        }
        names[i] = name;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { may_hold_weights: |name| name.ends_with(".safetensors"), compare };

    /// Shorter names first: enough of a natural order for these.
    fn compare(a: &str, b: &str) -> Ordering {
        a.len().cmp(&b.len()).then_with(|| a.cmp(b))
    }

    /// An empty folder of its own.
    fn make_folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("gatescope-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    fn write(root: &Path, files: &[&str]) {
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            fs::write(path, "x").expect("it can be written");
        }
    }

    fn names(root: &Path, path: &str) -> Vec<(String, Vec<String>)> {
        let places = find_places(&root.join(path), RULES).expect("it is there");
        let files = |place: &Place| place.files.iter().map(|(name, _)| name.clone()).collect();
        places.iter().map(|place| (place.name.clone(), files(place))).collect()
    }

    fn one(name: &str, files: &[&str]) -> (String, Vec<String>) {
        (name.into(), files.iter().map(|file| file.to_string()).collect())
    }

    #[test]
    fn a_path_stands_for_its_checkpoints() {
        let root = make_folder("places");
        let commit = "models--org--name/snapshots/0123456789";
        write(
            &root,
            &[
                "run/checkpoint-1000/w.safetensors",
                "run/checkpoint-200/w.safetensors",
                "run/log.txt",
                "whole/w.safetensors",
                "indexed/a.safetensors",
                "indexed/b.safetensors",
                "whole/original/w.safetensors",
                "adapter/adapter_model.safetensors",
                "adapter/Adapter_Config.json",
                "adapter/w.safetensors",
                "fsdp/pytorch_model_fsdp_0/__0_0.distcp",
                &format!("{commit}/w.safetensors"),
                "models--org--name/snapshots/abc/w.safetensors",
                "models--org--name/blobs/abc",
                "models--org--name/refs/main",
            ],
        );
        assert_eq!(
            names(&root, "run"),
            [one("checkpoint-200", &["w.safetensors"]), one("checkpoint-1000", &["w.safetensors"])]
        );
        assert_eq!(
            names(&root, "whole"),
            [one("whole", &["w.safetensors", "original/w.safetensors"])]
        );
        assert_eq!(
            names(&root, "adapter/adapter_model.safetensors"),
            [one("adapter", &["Adapter_Config.json", "adapter_model.safetensors"])]
        );
        assert_eq!(names(&root, "adapter/w.safetensors"), [one("w", &["w.safetensors"])]);
        let index = "indexed/x.index.json";
        fs::write(root.join(index), r#"{"weight_map": {"t": "b.safetensors", "u": "../w"}}"#)
            .expect("it can be written");
        assert_eq!(names(&root, index), [one("indexed", &["x.index.json", "b.safetensors"])]);
        assert_eq!(names(&root, "whole/.")[0].0, "whole");
        assert_eq!(names(&root, "whole/original/..")[0].0, "whole");
        assert_eq!(names(&root, "fsdp"), [one("fsdp", &["pytorch_model_fsdp_0/__0_0.distcp"])]);
        let error = find_places(&root.join("models--org--name"), RULES).expect_err("two revisions");
        assert!(error.to_string().contains("0123456789"), "{error}");
        fs::write(root.join("models--org--name/refs/main"), "0123456789\n").expect("written");
        assert_eq!(names(&root, "models--org--name"), [one("org/name", &["w.safetensors"])]);
        assert_eq!(names(&root, commit), [one("org/name", &["w.safetensors"])]);
        assert!(find_places(&root.join("gone"), RULES).is_err());
        fs::remove_dir_all(root).expect("it can be removed");
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_is_told_and_never_waited_for() {
        let root = make_folder("no-files");
        write(&root, &["b.safetensors/x"]);
        std::os::unix::fs::symlink("gone", root.join("a.safetensors")).expect("a link");
        let made = std::process::Command::new("mkfifo").arg(root.join("c.safetensors")).status();
        let places = find_places(&root, RULES).expect("a folder");
        let files = places[0].open_files().expect("each by its name");
        let told: Vec<String> = files
            .iter()
            .map(|file| pollster::block_on(file.read(0..0)).expect_err("no file").to_string())
            .collect();
        assert!(told[0].contains("a link to gone"), "{told:?}");
        assert!(told[1].contains("a folder"), "{told:?}");
        if made.is_ok_and(|status| status.success()) {
            assert!(told[2].contains("a pipe"), "{told:?}");
            assert!(find_places(&root.join("c.safetensors"), RULES).is_err());
        }
        fs::remove_dir_all(root).expect("it can be removed");
    }

    #[test]
    fn equal_names_get_the_part_of_the_path_that_differs() {
        let place = |path: &str, revision: Option<&str>| Place {
            name: last_part(Path::new(path)),
            path: path.into(),
            revision: revision.map(String::from),
            files: Vec::new(),
        };
        let apart = |paths: &[&str]| {
            name_apart(&paths.iter().map(|path| place(path, None)).collect::<Vec<_>>())
        };
        assert_eq!(apart(&["/gone/a/s", "/gone/b/s", "/gone/t"]), ["a/s", "b/s", "t"]);
        assert_eq!(apart(&["/gone/a/x/s", "/gone/b/x/s"]), ["a/x/s", "b/x/s"]);
        assert_eq!(apart(&["/gone/s", "/gone/s"]), ["s", "s (2)"]);
        let revisions = [place("/m", Some("0123456789")), place("/m", Some("abcdef0123"))];
        assert_eq!(name_apart(&revisions), ["m@0123456", "m@abcdef0"]);
    }
}
