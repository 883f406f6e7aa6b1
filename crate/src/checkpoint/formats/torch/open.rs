//! One file of `torch.save`: what was saved, and where its storages lie.

use crate::checkpoint::content::Content;
use crate::checkpoint::formats::torch::legacy;
use crate::checkpoint::formats::torch::pickle::{self, ClassList, Value};
use crate::checkpoint::formats::torch::zip::Zip;
use crate::error::Error;
use crate::source::Source;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The entry of what was saved, in the file's folder.
const PICKLE: &str = "/data.pkl";

/// A file of `torch.save`.
pub struct TorchFile {
    /// The file.
    pub source: Rc<dyn Source>,
    /// What was saved.
    pub value: Value,
    storages: Storages,
}

/// Where storages lie.
enum Storages {
    /// In the folder of this name in a zip file.
    Zipped(Zip, String),
    /// At these places.
    Listed(HashMap<String, Range<u64>>),
}

impl TorchFile {
    /// Reads what was saved in a file, which may need the classes of `extra` beside the usual ones.
    /// No weights are read.
    ///
    /// # Errors
    /// [`Error::BadFile`] where `torch.save` did not write the file, it is damaged, or it needs
    /// another class.
    pub async fn open(source: &Rc<dyn Source>, extra: &ClassList) -> Result<Self, Error> {
        let head = source.read(0..source.len().min(512)).await?;
        if head.starts_with(b"PK\x03\x04") {
            return Self::open_zip(source, extra).await;
        }
        if head.starts_with(legacy::START) {
            let found = legacy::open(source, extra).await?;
            return Ok(Self {
                source: source.clone(),
                value: found.value,
                storages: Storages::Listed(found.storages),
            });
        }
        Err(Error::bad_file(source.name(), say_what_it_is(&head)))
    }

    async fn open_zip(source: &Rc<dyn Source>, extra: &ClassList) -> Result<Self, Error> {
        let refuse = |what: &str| Error::bad_file(source.name(), what);
        let zip = Zip::open(source).await?;
        let folder = zip
            .names()
            .filter_map(|name| name.strip_suffix(PICKLE))
            .filter(|folder| !folder.contains('/'))
            .min()
            .ok_or_else(|| {
                refuse("it is a zip file without data.pkl: torch.save did not write it")
            })?
            .to_string();
        if zip.find(&format!("{folder}/constants.pkl")).await?.is_some() {
            return Err(refuse(
                "it is a TorchScript program: load it with torch.jit.load and save its \
                state_dict() as safetensors",
            ));
        }
        if let Some(order) = zip.find(&format!("{folder}/byteorder")).await? {
            let order = source.read(order.start..order.end.min(order.start + 16)).await?;
            if order.trim_ascii() != b"little" {
                return Err(refuse(
                    "it was saved on a big-endian machine: load and save it on another",
                ));
            }
        }
        let place = zip.find(&format!("{folder}{PICKLE}")).await?;
        let place = place.ok_or_else(|| refuse("its data.pkl is missing"))?;
        if place.end - place.start > pickle::LARGEST {
            return Err(refuse(&format!(
                "its data.pkl has {} bytes, more than the {} that are read: it holds weights \
                itself, so save them as safetensors",
                place.end - place.start,
                pickle::LARGEST
            )));
        }
        let value = pickle::read(source.name(), &source.read(place).await?, extra)?;
        let storages = Storages::Zipped(zip, folder);
        Ok(Self { source: source.clone(), value, storages })
    }

    /// Finds the bytes of a storage in the file.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the file has no such storage, or a compressed or damaged one.
    pub async fn find_storage(&self, key: &str) -> Result<Range<u64>, Error> {
        let (found, name) = match &self.storages {
            Storages::Zipped(zip, folder) => {
                let name = format!("{folder}/data/{key}");
                (zip.find(&name).await?, name)
            }
            Storages::Listed(places) => (places.get(key).cloned(), format!("storage {key}")),
        };
        found.ok_or_else(|| Error::bad_file(self.source.name(), format!("it has no {name}")))
    }
}

/// What a file is that `torch.save` did not write, and what to do.
fn say_what_it_is(head: &[u8]) -> &'static str {
    match head {
        head if head.get(257..262) == Some(b"ustar") => {
            "it was saved by PyTorch before 0.2: load it with PyTorch and save it again"
        }
        [0x80, ..] => {
            "it is a pickle that torch.save did not write: load it in Python and save its weights \
            as safetensors"
        }
        _ => match Content::find(head) {
            Content::Gguf => "it is a GGUF file: name it .gguf",
            Content::Safetensors => "it is a safetensors file: name it .safetensors",
            other => other.explain().unwrap_or("torch.save did not write it, or it is damaged"),
        },
    }
}
