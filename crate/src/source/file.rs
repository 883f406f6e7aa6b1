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
    place: Inode,
}

/// What tells a file from one that was put in its place with the same length and date.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg(unix)]
struct Inode {
    device: u64,
    number: u64,
    /// When its content or its metadata changed last, which no program sets back: seconds and
    /// nanoseconds.
    changed: (i64, i64),
}

/// Other systems tell no more than length and date.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg(not(unix))]
struct Inode;

#[cfg(unix)]
fn find_inode(metadata: &Metadata) -> Inode {
    use std::os::unix::fs::MetadataExt;
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    Inode { device: metadata.dev(), number: metadata.ino(), changed }
}

#[cfg(not(unix))]
fn find_inode(_: &Metadata) -> Inode {
    Inode
}

impl Identity {
    fn new(path: &Path, metadata: &Metadata) -> Self {
        Self {
            path: path.into(),
            length: metadata.len(),
            modified: metadata.modified().ok(),
            place: find_inode(metadata),
        }
    }

    /// Refuses a file that is not what it was when it was opened.
    fn check(&self, now: &Metadata) -> io::Result<()> {
        if Self::new(&self.path, now) == *self {
            return Ok(());
        }
        let what = if now.len() == self.length {
            "it was changed during the run: compare again when nothing writes to it".into()
        } else {
            format!(
                "it was changed during the run, from {} to {} bytes: compare again when nothing \
                 writes to it",
                self.length,
                now.len()
            )
        };
        Err(io::Error::other(what))
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
        self.identity.check(&file.metadata()?)?;
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
            let read = self.handle().and_then(|file| read_at(&file, &mut bytes, range.start));
            // Asked after each read, so that no figure is made of two states of a file; that it
            // was changed also explains why a read failed.
            std::fs::metadata(&self.identity.path)
                .map_err(|e| io::Error::other(format!("it was changed during the run: {e}")))
                .and_then(|now| self.identity.check(&now))
                .and(read)
                .map_err(|e| failed(self, &range, e))?;
            Ok(bytes)
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use pollster::block_on;
    use std::fs;
    use std::time::Duration;

    /// What may happen to a file while it is read.
    type Change = fn(&Path);

    fn overwrite(path: &Path) {
        use std::os::unix::fs::FileExt;
        let file = File::options().write(true).open(path).expect("a file");
        file.write_at(&[7; 4], 0).expect("written");
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_noticed_at_the_next_read() {
        let folder = std::env::temp_dir().join(format!("gatescope-file-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let changes: [(&str, Change); 6] = [
            ("overwritten", overwrite),
            ("date set back", |path| {
                let date = fs::metadata(path).and_then(|m| m.modified()).expect("a date");
                overwrite(path);
                let file = File::options().write(true).open(path).expect("a file");
                file.set_modified(date).expect("a date");
            }),
            ("cut", |path| {
                let file = File::options().write(true).open(path).expect("a file");
                file.set_len(5).expect("cut");
            }),
            ("longer", |path| {
                let file = File::options().write(true).open(path).expect("a file");
                file.set_len(500).expect("longer");
            }),
            ("replaced", |path| {
                let other = path.with_extension("other");
                fs::write(&other, [1; 64]).expect("written");
                fs::rename(other, path).expect("renamed");
            }),
            ("deleted", |path| fs::remove_file(path).expect("deleted")),
        ];
        for (what, change) in changes {
            let path = folder.join(what);
            fs::write(&path, [1; 64]).expect("written");
            let source = FileSource::open(&path, "shard").expect("a file");
            assert_eq!(block_on(source.read(0..4)), Ok(vec![1; 4]), "{what}");
            // File systems count time in steps.
            std::thread::sleep(Duration::from_millis(20));
            change(&path);
            let found = block_on(source.read(0..4)).expect_err(what).to_string();
            assert!(found.starts_with("shard: "), "{what}: {found}");
            assert!(found.contains("was changed during the run"), "{what}: {found}");
        }
        fs::remove_dir_all(folder).expect("removed");
    }
}
