//! A local file.

use crate::error::Error;
use crate::source::{ReadFuture, Source, failed, inside};
use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// An open file.
#[derive(Debug)]
pub struct FileSource {
    name: String,
    length: u64,
    file: RefCell<File>,
}

impl FileSource {
    /// Opens `path`, called `name` in messages.
    ///
    /// # Errors
    /// [`Error::BadFile`] with the system's reason.
    pub fn open(path: &Path, name: &str) -> Result<Self, Error> {
        let bad = |e: std::io::Error| Error::BadFile {
            file: path.display().to_string(),
            what: e.to_string(),
        };
        let file = File::open(path).map_err(bad)?;
        let length = file.metadata().map_err(bad)?.len();
        Ok(Self { name: name.into(), length, file: RefCell::new(file) })
    }
}

impl Source for FileSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        self.length
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            inside(self, &range)?;
            let mut bytes = vec![0; (range.end - range.start) as usize];
            let mut file = self.file.borrow_mut();
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(|e| failed(self, &range, e))?;
            Ok(bytes)
        })
    }
}
