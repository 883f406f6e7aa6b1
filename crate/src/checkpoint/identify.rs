//! Digests of a checkpoint's files: by them a report tells which files it is of.

use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::summary::LeftOutReason;
use crate::error::Error;
use crate::source::Source;
use crate::source::digest::{FileDigests, digest, digest_file};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Files of so many bytes are digested whole: configurations decide figures, too.
const SMALL: u64 = 1 << 20;

impl Checkpoint {
    /// Reads the digests of its files of weights, in their order.
    pub async fn digest_files(&self) -> Vec<Result<FileDigests, Error>> {
        let by_name: HashMap<&str, &Rc<dyn Source>> =
            self.given.iter().map(|source| (source.name(), source)).collect();
        let mut found = Vec::with_capacity(self.files.len());
        for file in &self.files {
            found.push(match by_name.get(file.name.as_str()) {
                Some(source) => digest_file(source.as_ref()).await,
                None => Err(Error::bad_file(&file.name, "it was not given")),
            });
        }
        found
    }

    /// Takes digests of its files of weights, in their order, which its summary then has.
    pub fn set_digests(&mut self, digests: impl IntoIterator<Item = Option<FileDigests>>) {
        for (file, digests) in self.files.iter_mut().zip(digests) {
            (file.header_digest, file.sampled_digest) =
                digests.map(|found| (found.header, found.sampled)).unzip();
        }
    }

    /// Reads the digests of its files of weights, which its summary then has. A file that could
    /// not be read for its header, and is listed so, has none.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn identify_files(&mut self) -> Result<(), Error> {
        let bad = self.problems.iter().filter(|p| p.reason == LeftOutReason::BadFile);
        let bad: HashSet<&str> = bad.map(|p| p.name.as_str()).collect();
        let mut digests = Vec::with_capacity(self.files.len());
        for (file, found) in self.files.iter().zip(self.digest_files().await) {
            digests.push(match found {
                Err(_) if bad.contains(file.name.as_str()) => None,
                found => Some(found?),
            });
        }
        self.set_digests(digests);
        Ok(())
    }

    /// The identity of all that its figures depend on: its name, its files of weights with their
    /// digests, and the small files beside them. [`Checkpoint::identify_files`] goes before.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn identify(&self) -> Result<String, Error> {
        let mut lines = vec![self.name.clone()];
        for file in &self.files {
            lines.push(format!("{file:?}"));
        }
        let is_weights = |name: &str| self.files.iter().any(|file| file.name == name);
        for source in self.given.iter().filter(|source| !is_weights(source.name())) {
            let length = source.len();
            // Nothing is read of what has no bytes, as a link to nothing.
            let content = if (1..=SMALL).contains(&length) {
                digest(&source.read(0..length).await?)
            } else {
                String::new()
            };
            lines.push(format!("{} {length} {content}", source.name()));
        }
        Ok(digest(lines.join("\n").as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::FileBuilder;
    use crate::source::{MemorySource, Source, UnreadableSource};
    use pollster::block_on;

    fn identity(weight: f32, config: &str) -> (Option<String>, String) {
        let bytes = FileBuilder::new().bf16s("w", &[2], &[1.0, weight]).bytes();
        let sources: Vec<Rc<dyn Source>> = vec![
            Rc::new(MemorySource::new("model.safetensors", bytes)),
            Rc::new(MemorySource::new("config.json", config.as_bytes().to_vec())),
        ];
        let mut checkpoint = block_on(Checkpoint::open("base", sources)).expect("a checkpoint");
        block_on(checkpoint.identify_files()).expect("digests");
        let summary = checkpoint.summarize();
        assert!(summary.files[0].header_digest.is_some());
        let identity = block_on(checkpoint.identify()).expect("an identity");
        (summary.files[0].sampled_digest.clone(), identity)
    }

    #[test]
    fn weights_and_what_is_beside_them_are_part_of_the_identity() {
        let first = identity(2.0, "{}");
        assert_eq!(first, identity(2.0, "{}"));
        assert_ne!(first.0, identity(3.0, "{}").0);
        assert_ne!(first.1, identity(3.0, "{}").1);
        assert_eq!(first.0, identity(2.0, "[]").0);
        assert_ne!(first.1, identity(2.0, "[]").1);
    }

    #[test]
    fn what_cannot_be_read_takes_nothing_from_the_rest() {
        let good = FileBuilder::new().bf16s("w", &[2], &[1.0; 2]).source("a.safetensors");
        let bad = |name: &str| -> Rc<dyn Source> {
            Rc::new(UnreadableSource::new(name, "it is a folder"))
        };
        let sources = vec![good, bad("b.safetensors"), bad("notes.txt")];
        let mut checkpoint = block_on(Checkpoint::open("base", sources)).expect("a checkpoint");
        block_on(checkpoint.identify_files()).expect("digests of what can be read");
        let told: Vec<bool> = checkpoint.files.iter().map(|f| f.header_digest.is_some()).collect();
        assert_eq!(told, [true, false]);
        block_on(checkpoint.identify()).expect("an identity");
    }
}
