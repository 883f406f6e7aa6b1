//! A checkpoint, known by the headers of its files.

use crate::checkpoint::attention::Attention;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::sparse_delta::{self, Delta};
use crate::checkpoint::formats::{self, distributed, fp8};
use crate::checkpoint::index;
use crate::checkpoint::layout::{self, Layout};
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
        let Layout { weights, left_out } = layout::choose_weights(name, &sources)
            .map_err(|error| distributed::explain_refused(name, &sources).unwrap_or(error))?;
        checkpoint.problems.extend(left_out);
        let (mut files, problems) = distributed::read_parts(&weights, &sources).await;
        checkpoint.problems.extend(problems);
        for shard in &weights {
            checkpoint.files.push(FileSummary { name: shard.name().into(), bytes: shard.len() });
            if distributed::is_part(shard.name()) {
                continue;
            }
            match formats::read_file(shard).await {
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
        let (files, problems) = distributed::join_slices(files);
        checkpoint.problems.extend(problems);
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
        for index in sources.iter().filter(|s| index::is_index(s.name())) {
            let (elsewhere, problems) = index::find_elsewhere(index.as_ref(), &weights).await;
            checkpoint.elsewhere.extend(elsewhere);
            checkpoint.problems.extend(problems);
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
