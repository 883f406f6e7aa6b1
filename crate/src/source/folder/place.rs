//! The files of one checkpoint on this machine.

use crate::error::Error;
use crate::source::file::explain_type;
use crate::source::{FileSource, Source, UnreadableSource};
use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How deep a checkpoint's own folders are listed.
const DEEPEST_OWN: usize = 2;
/// The most folders that are looked through.
pub(crate) const MOST_FOLDERS: usize = 10_000;

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
    pub(crate) files: Vec<(String, PathBuf)>,
}

pub(crate) fn bad(path: &Path, what: impl ToString) -> Error {
    Error::bad_file(&path.display().to_string(), what.to_string())
}

/// The last part of a path, also of `.` and `..`.
pub(crate) fn last_part(path: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(path)
        .or_else(|| name(&path.canonicalize().ok()?))
        .unwrap_or_else(|| path.display().to_string())
}

/// The entries of a folder in order: names and paths.
pub(crate) fn list(folder: &Path, rules: Rules) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| bad(folder, e))? {
        let entry = entry.map_err(|e| bad(folder, e))?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    entries.sort_by(|a, b| (rules.compare)(&a.0, &b.0).then_with(|| a.0.cmp(&b.0)));
    Ok(entries)
}

/// True for a folder that is looked into; hidden ones are a program's own.
pub(crate) fn is_open_folder(name: &str, path: &Path) -> bool {
    path.is_dir() && !name.starts_with('.')
}

impl Place {
    /// Makes the checkpoint of a folder: its files and those of folders inside it.
    pub(crate) fn of_folder(folder: &Path, rules: Rules) -> Result<Self, Error> {
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
    pub(crate) fn of_file(file: &Path) -> Self {
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
