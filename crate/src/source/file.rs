//! A local file, opened for its reads.

use crate::error::Error;
use crate::source::{ReadFuture, Source, failed, inside};
use std::fs::{File, FileType, Metadata};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The most files that are kept open, by all threads together: a process may often hold 1024, and
/// checkpoints have hundreds of shards.
const MOST_OPEN: usize = 32;

/// A file as it was when it was opened: what was written since is not read as the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.into(), length: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Open files, those used last at the end.
static OPEN: Mutex<Vec<(Identity, Arc<File>)>> = Mutex::new(Vec::new());

/// A file, which is open only while it is read, or shortly after.
#[derive(Debug)]
pub struct FileSource {
    name: String,
    identity: Identity,
}

/// Says what something is that is no file; `None` for a file.
pub(crate) fn explain_type(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("it is a folder, not a file")
    } else {
        Some("it is a pipe or a device, not a file: only files can be read in ranges")
    }
}

impl FileSource {
    /// Takes the file at `path`, called `name` in messages. Nothing else is opened, since a pipe
    /// would wait for its writer.
    ///
    /// # Errors
    /// [`Error::BadFile`] with the system's reason, or where it is no file.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let bad = |what: String| Error::bad_file(&path.display().to_string(), what);
        let metadata = std::fs::metadata(path).map_err(|e| bad(e.to_string()))?;
        match explain_type(metadata.file_type()) {
            Some(what) => Err(bad(what.into())),
            None => Ok(Self { name: name.into(), identity: Identity::new(path, &metadata) }),
        }
    }

    /// The open file, which other threads may read, too.
    fn handle(&self) -> io::Result<Arc<File>> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = open.iter().position(|(identity, _)| *identity == self.identity) {
            let found = open.remove(place);
            open.push(found);
            return Ok(open[open.len() - 1].1.clone());
        }
        let file = Arc::new(File::open(&self.identity.path)?);
        if Identity::new(&self.identity.path, &file.metadata()?) != self.identity {
            return Err(io::Error::other("the file was changed since it was opened"));
        }
        if open.len() >= MOST_OPEN {
            open.remove(0);
        }
        open.push((self.identity.clone(), file.clone()));
        Ok(file)
    }
}

/// Reads from a place of a file without moving a cursor that others use.
#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, start)
}

/// Reads from a place of a file; the cursor is no one else's, since each read names its place.
#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut start: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, start)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                start += read as u64;
            }
        }
    }
    Ok(())
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        self.identity.length
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            inside(self, &range)?;
            let mut bytes = vec![0; (range.end - range.start) as usize];
            self.handle()
                .and_then(|file| read_at(&file, &mut bytes, range.start))
                .map_err(|e| failed(self, &range, e))?;
            Ok(bytes)
        })
    }
}
