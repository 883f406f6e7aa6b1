//! A checkpoint, known by the headers of its files.

use crate::checkpoint::attention::Attention;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::fp8;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::sparse_delta::{self, Delta};
use crate::checkpoint::header;
use crate::checkpoint::names::natural;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{CheckpointSummary, FileSummary, LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::Source;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The file that makes a folder an adapter.
const ADAPTER: &str = "adapter_config.json";
/// The model's own description.
const CONFIG: &str = "config.json";
/// The end of a Hugging Face shard index.
pub(crate) const INDEX: &str = ".safetensors.index.json";

/// A checkpoint, known by its headers.
pub struct Checkpoint {
    /// The name that the user gave, or the folder's.
    pub name: String,
    /// The safetensors files.
    pub files: Vec<FileSummary>,
    /// The tensors in natural order: layer 2 before layer 10.
    pub tensors: Vec<TensorEntry>,
    /// The configuration of an adapter, whose tensors are factors; else `None`.
    pub adapter: Option<AdapterConfig>,
    /// The shape of attention; `None` where no config.json tells it.
    pub attention: Option<Attention>,
    /// The delta, if the files hold only changes; there are no tensors then until it is on its base
    /// ([`Checkpoint::put_on_base`]).
    pub delta: Option<Delta>,
    /// Files and tensors that can't be read, and why.
    pub problems: Vec<LeftOut>,
    pub(crate) places: HashMap<String, usize>,
    /// All tensors as they are stored; `tensors` are made from them with `blocks` and `elsewhere`.
    pub(crate) raw: Vec<RawTensor>,
    /// Rows and columns of a block that shares a scale, by config.json.
    pub(crate) blocks: Option<(u64, u64)>,
    /// Tensors, with their files, that the shard index names in files that were not given.
    pub(crate) elsewhere: HashMap<String, String>,
}

impl Checkpoint {
    /// Reads the headers of all safetensors files among `sources`; other files are passed over.
    ///
    /// A bad file among good ones is a problem in the list, not an error.
    ///
    /// # Errors
    /// [`Error::BadFile`] where there is no safetensors file at all, no tensor in any, or an
    /// adapter that can't be read.
    pub async fn open(name: &str, sources: Vec<Rc<dyn Source>>) -> Result<Self, Error> {
        let mut checkpoint = Self {
            name: name.into(),
            files: Vec::new(),
            tensors: Vec::new(),
            adapter: None,
            attention: None,
            delta: None,
            problems: Vec::new(),
            places: HashMap::new(),
            raw: Vec::new(),
            blocks: None,
            elsewhere: HashMap::new(),
        };
        let shards: Vec<_> =
            sources.iter().filter(|s| s.name().ends_with(".safetensors")).cloned().collect();
        if shards.is_empty() {
            return Err(Error::BadFile {
                file: name.into(),
                what: "there is no .safetensors file in it".into(),
            });
        }
        let mut files = Vec::new();
        for shard in &shards {
            checkpoint.files.push(FileSummary { name: shard.name().into(), bytes: shard.len() });
            match header::read_header(shard).await {
                Ok((file, problems)) => {
                    checkpoint.problems.extend(problems);
                    files.push(file);
                }
                Err(error) => checkpoint.problems.push(LeftOut::new(
                    shard.name(),
                    LeftOutReason::BadFile,
                    error.to_string(),
                )),
            }
        }
        checkpoint.delta = sparse_delta::find_delta(&files, &sources).await?;
        if checkpoint.delta.is_some() {
            return Ok(checkpoint);
        }
        let mut seen: HashMap<String, String> = HashMap::new();
        for t in files.into_iter().flat_map(|f| f.tensors) {
            if let Some(first) = seen.get(&t.name) {
                let detail =
                    format!("it is in {first} and again in {}: the first is used", t.source.name());
                checkpoint.problems.push(LeftOut::new(&t.name, LeftOutReason::Duplicate, detail));
            } else {
                seen.insert(t.name.clone(), t.source.name().into());
                checkpoint.raw.push(t);
            }
        }
        for index in sources.iter().filter(|s| s.name().ends_with(INDEX)) {
            let elsewhere = checkpoint.check_index(index.as_ref(), &shards).await;
            checkpoint.elsewhere.extend(elsewhere);
        }
        if let Some(config) = sources
            .iter()
            .find(|s| s.name() == ADAPTER || s.name().ends_with("/adapter_config.json"))
        {
            checkpoint.adapter =
                Some(AdapterConfig::parse(config.name(), &config.read(0..config.len()).await?)?);
        }
        if let Some(config) =
            sources.iter().find(|s| s.name() == CONFIG || s.name().ends_with("/config.json"))
        {
            // A config that can't be read takes nothing away but what it would tell of heads and of
            // scales.
            let json = config.read(0..config.len()).await.unwrap_or_default();
            checkpoint.attention = Attention::parse(&json);
            checkpoint.blocks = fp8::parse_block_size(&json);
        }
        let (tensors, problems) =
            fp8::find_tensors(&checkpoint.raw, checkpoint.blocks, &checkpoint.elsewhere);
        checkpoint.tensors = tensors;
        checkpoint.problems.extend(problems);
        if checkpoint.tensors.is_empty() {
            let why = checkpoint
                .problems
                .first()
                .map_or("it holds no tensors".into(), |p| p.detail.clone());
            return Err(Error::BadFile {
                file: name.into(),
                what: format!("no tensor can be read: {why}"),
            });
        }
        checkpoint.tensors.sort_by(|a, b| natural::compare_names(&a.name, &b.name));
        checkpoint.places =
            checkpoint.tensors.iter().enumerate().map(|(i, t)| (t.name.clone(), i)).collect();
        Ok(checkpoint)
    }

    /// Lists shards that the index names and nobody gave. Returns the tensors in them, with their
    /// files.
    async fn check_index(
        &mut self,
        index: &dyn Source,
        shards: &[Rc<dyn Source>],
    ) -> HashMap<String, String> {
        let bytes = match index.read(0..index.len()).await {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problems.push(LeftOut::new(
                    index.name(),
                    LeftOutReason::BadFile,
                    error.to_string(),
                ));
                return HashMap::new();
            }
        };
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: BTreeMap<String, String>,
        }
        let parsed: Index = match serde_json::from_slice(&bytes) {
            Ok(parsed) => parsed,
            Err(error) => {
                let detail = format!(
                    "{}: not a shard index ({error}); the shards are read without it",
                    index.name()
                );
                self.problems.push(LeftOut::new(index.name(), LeftOutReason::BadFile, detail));
                return HashMap::new();
            }
        };
        let given = |file: &str| {
            shards.iter().any(|s| s.name() == file || s.name().ends_with(&format!("/{file}")))
        };
        let elsewhere: HashMap<String, String> =
            parsed.weight_map.into_iter().filter(|(_, file)| !given(file)).collect();
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for file in elsewhere.values() {
            *missing.entry(file).or_default() += 1;
        }
        for (file, count) in missing {
            let detail = format!(
                "{} names it for {count} tensors, but the file was not given: add it",
                index.name()
            );
            self.problems.push(LeftOut::new(file, LeftOutReason::MissingShard, detail));
        }
        elsewhere
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&TensorEntry> {
        self.places.get(name).map(|i| &self.tensors[*i])
    }

    /// Summarizes the checkpoint for the report. A delta without its base has the tensors that it
    /// lists: their weights where it tells shapes, the bytes of its lists, and the dtypes of its
    /// values.
    pub fn summarize(&self) -> CheckpointSummary {
        if let Some(delta) = self.delta.as_ref().filter(|_| self.tensors.is_empty()) {
            return CheckpointSummary {
                name: self.name.clone(),
                files: self.files.clone(),
                ..delta.summarize_lists()
            };
        }
        let mut dtypes = BTreeMap::new();
        for t in &self.tensors {
            *dtypes.entry(t.stored.to_string()).or_insert(0) += 1;
        }
        CheckpointSummary {
            name: self.name.clone(),
            files: self.files.clone(),
            tensors: self.tensors.len(),
            parameters: self.tensors.iter().map(TensorEntry::elements).sum(),
            bytes: self.tensors.iter().map(TensorEntry::bytes).sum(),
            dtypes,
        }
    }
}
