//! Models of the Hugging Face Hub in its cache on this machine. Nothing is fetched.
//!
//! The cache has a folder `models--ORG--NAME` for each model, in it `snapshots/COMMIT` with links
//! to the files and `refs/NAME` with the commit of a branch or tag
//! (<https://huggingface.co/docs/huggingface_hub/guides/manage-cache>).

use crate::native::tell::tell_all;
use gatescope::error::Error;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The fewest digits of a commit that stand for it.
const LEAST_DIGITS: usize = 7;
/// The digits of a commit.
const DIGITS: usize = 40;

/// A model of the Hub by its name there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    /// `ORG/NAME`.
    id: String,
    revision: Option<String>,
}

/// Whether a part of a name holds only what the Hub takes.
fn is_name(part: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !part.is_empty() && part.len() <= 96 && part.chars().all(allowed) && !part.starts_with('.')
}

impl Model {
    /// Reads `ORG/NAME` or `ORG/NAME@REVISION`; `None` for what can only be a path.
    fn parse(text: &str) -> Option<Self> {
        let (id, revision) = match text.split_once('@') {
            Some((id, revision)) => (id, Some(revision)),
            None => (text, None),
        };
        let (org, name) = id.split_once('/')?;
        // A revision is a path below refs/, which may not lead out of it.
        let is_revision = |text: &str| !text.is_empty() && text.split('/').all(is_name);
        if !is_name(org) || !is_name(name) || !revision.is_none_or(is_revision) {
            return None;
        }
        Some(Self { id: id.into(), revision: revision.map(Into::into) })
    }

    /// The command that fetches it.
    fn fetch_command(&self) -> String {
        let revision = self.revision.as_ref().map(|name| format!(" --revision {name}"));
        format!("hf download {}{}", self.id, revision.unwrap_or_default())
    }

    /// Its folder in the cache.
    fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("models--{}", self.id.replace('/', "--")))
    }

    /// Finds the snapshot of its revision, by default of `main`.
    fn find_snapshot(&self, folder: &Path) -> Result<PathBuf, String> {
        let snapshots = folder.join("snapshots");
        let revision = self.revision.as_deref().unwrap_or("main");
        let commits: Vec<String> = fs::read_dir(&snapshots)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().filter(|entry| entry.path().is_dir()))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let named = fs::read_to_string(folder.join("refs").join(revision)).unwrap_or_default();
        let is_wanted = |commit: &&String| {
            let digits = revision.len() >= LEAST_DIGITS && commit.starts_with(revision);
            // Names are compared, not opened: the text of a file may be any path.
            **commit == named.trim() || digits && revision.chars().all(|c| c.is_ascii_hexdigit())
        };
        let found: Vec<&String> = commits.iter().filter(is_wanted).collect();
        match (&found[..], &commits[..], &self.revision) {
            ([one], ..) => Ok(snapshots.join(one)),
            // What a commit alone was fetched of has no refs/main.
            ([], [only], None) if named.is_empty() => Ok(snapshots.join(only)),
            ([], [], _) => Err("no revision of it is complete".into()),
            ([], ..) => {
                let shown = commits.iter().take(3).map(|c| &c[..c.len().min(DIGITS)]);
                let shown = shown.collect::<Vec<_>>().join(", ");
                Err(format!("revision {revision} is not among those that are there ({shown})"))
            }
            _ => Err(format!("{revision} stands for several commits: give more digits")),
        }
    }
}

/// The folder of the cache, as `huggingface_hub` finds it.
fn find_cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME").or_else(|| folder("USERPROFILE"));
    let in_home = |path: PathBuf| match path.strip_prefix("~") {
        Ok(rest) => home().map_or_else(|| path.clone(), |home| home.join(rest)),
        Err(_) => path,
    };
    if let Some(cache) = folder("HF_HUB_CACHE").or_else(|| folder("HUGGINGFACE_HUB_CACHE")) {
        return Some(in_home(cache));
    }
    if let Some(hf) = folder("HF_HOME") {
        return Some(in_home(hf).join("hub"));
    }
    let cache = folder("XDG_CACHE_HOME").or_else(|| Some(home()?.join(".cache")))?;
    Some(cache.join("huggingface/hub"))
}

/// Finds what a path of the command line stands for: itself where it is there, else the snapshot
/// of a model in the Hub's cache.
///
/// # Errors
/// [`Error::BadFile`] where it is neither, with the command that fetches the model.
pub fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let Some(model) = path.to_str().and_then(Model::parse) else { return Ok(path.into()) };
    let cache = find_cache(|name| env::var_os(name));
    let folder = cache.as_deref().map(|cache| model.folder(cache));
    if path.exists() {
        if folder.is_some_and(|folder| folder.is_dir()) {
            tell_all(&format!(
                "{} is taken as the local folder; the Hub's cache has a model of this name, too",
                path.display()
            ));
        }
        return Ok(path.into());
    }
    let command = model.fetch_command();
    let missing = |what: String| Error::BadFile { file: path.display().to_string(), what };
    let Some((cache, folder)) = cache.zip(folder) else {
        return Err(missing(format!(
            "there is no such file, and no cache of the Hub (HF_HOME is not set): `{command}` \
             fetches a model"
        )));
    };
    if !folder.is_dir() {
        return Err(missing(format!(
            "there is no such file, and no model of this name in the Hub's cache ({}): \
             `{command}` fetches it",
            cache.display()
        )));
    }
    model.find_snapshot(&folder).map_err(|what| {
        missing(format!(
            "of this model in the Hub's cache ({}), {what}: `{command}` fetches it",
            cache.display()
        ))
    })
}
