//! A checkpoint, known by the headers of its files.

use crate::checkpoint::attention::Attention;
use crate::checkpoint::duplicates::drop_duplicates;
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::quantized::{self, config::QuantizationConfig};
use crate::checkpoint::formats::sparse_delta::{self, Delta};
use crate::checkpoint::formats::{self, distributed, lora};
use crate::checkpoint::index::{self, Shard};
use crate::checkpoint::layout::{self, Layout};
use crate::checkpoint::model_config::ModelConfig;
use crate::checkpoint::names::natural;
use crate::checkpoint::names::renaming::Rule;
use crate::checkpoint::names::wrappers::{take_off_wrappers, unwrap_names};
use crate::checkpoint::placed::Placed;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{CheckpointSummary, FileSummary, LeftOut, LeftOutReason};
use crate::error::Error;
use crate::source::{MOST_CONFIG, Source, is_called, read_whole};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

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
    /// What config.json tells of the model beside its attention.
    pub model: ModelConfig,
    /// The rules by which names of its files were changed: wrappers taken off, and names of a delta
    /// that are others in its base.
    pub renamed: Vec<Rule>,
    /// The delta, if the files hold only changes; there are no tensors then until it is on its base
    /// ([`Checkpoint::put_on_base`]).
    pub delta: Option<Delta>,
    /// Files and tensors that can't be read, and why.
    pub problems: Vec<LeftOut>,
    /// What else there is to say of a delta on its base, whose tensors are `tensors`.
    pub(crate) placed: Placed,
    /// All files that were given: weights, and what is beside them.
    pub(crate) given: Vec<Rc<dyn Source>>,
    /// All tensors as they are stored; `tensors` are made from them with `quantization`
    /// and `elsewhere`.
    pub(crate) raw: Vec<RawTensor>,
    /// What config.json tells of the quantisation of the weights.
    pub(crate) quantization: QuantizationConfig,
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
            model: ModelConfig::default(),
            renamed: Vec::new(),
            delta: None,
            problems: Vec::new(),
            placed: Placed::default(),
            given: sources.clone(),
            raw: Vec::new(),
            quantization: QuantizationConfig::default(),
            elsewhere: HashMap::new(),
        };
        let layout = layout::choose_weights(name, &sources)
            .await
            .map_err(|error| distributed::explain_refused(name, &sources).unwrap_or(error))?;
        let Layout { weights, left_out, is_model, .. } = &layout;
        checkpoint.problems.extend(left_out.iter().cloned());
        let (mut files, problems) = distributed::read_parts(weights, &sources).await;
        checkpoint.problems.extend(problems);
        let mut unreadable = HashSet::new();
        let mut listed = HashSet::new();
        for shard in weights {
            checkpoint.files.push(FileSummary::new(shard.name(), shard.len()));
            if distributed::is_part(shard.name()) {
                continue;
            }
            match formats::read_file(shard).await {
                Ok((file, problems)) => {
                    listed.extend(problems.iter().map(|p| p.name.clone()));
                    checkpoint.problems.extend(problems);
                    files.push(file);
                }
                Err(error) => {
                    unreadable.insert(shard.name());
                    checkpoint.problems.push(LeftOut::new(
                        shard.name(),
                        LeftOutReason::BadFile,
                        error.to_string(),
                    ));
                }
            }
        }
        let (mut files, problems) = distributed::join_slices(files);
        checkpoint.problems.extend(problems);
        checkpoint.delta = sparse_delta::find_delta(&files, &sources).await?;
        if let Some(delta) = &mut checkpoint.delta {
            checkpoint.renamed = delta.unwrap_names();
            return Ok(checkpoint);
        }
        if !layout.indices.is_empty() {
            let stored = files.iter().flat_map(|f| &f.tensors).map(|t| t.name.as_str());
            let read: HashSet<&str> = listed.iter().map(String::as_str).chain(stored).collect();
            checkpoint.compare_indices(&layout, &unreadable, &read);
        }
        drop(listed);
        let names = files.iter_mut().flat_map(|f| &mut f.tensors).map(|t| &mut t.name);
        checkpoint.renamed = unwrap_names(names);
        let names = files.iter_mut().flat_map(|f| &mut f.tensors).map(|t| &mut t.name);
        checkpoint.renamed.extend(lora::base_layers::unwrap_base_layers(names));
        let tensors = files.into_iter().flat_map(|f| f.tensors).collect();
        let (raw, problems) = drop_duplicates(name, tensors, *is_model)?;
        checkpoint.raw = raw;
        checkpoint.problems.extend(problems);
        checkpoint.adapter = lora::find::find_config(&sources, &checkpoint.raw).await?;
        if let Some(config) = sources.iter().find(|s| is_called(s.as_ref(), CONFIG)) {
            // A config that can't be read takes nothing away but what it would tell of heads and of
            // scales.
            let json = read_whole(config.as_ref(), MOST_CONFIG).await.unwrap_or_else(|error| {
                let problem =
                    LeftOut::new(config.name(), LeftOutReason::BadFile, error.to_string());
                checkpoint.problems.push(problem);
                Vec::new()
            });
            checkpoint.attention = Attention::parse(&json);
            checkpoint.model = ModelConfig::parse(&json);
            checkpoint.quantization = QuantizationConfig::parse(&json);
        }
        let (tensors, problems) = quantized::find_tensors(
            &checkpoint.raw,
            &checkpoint.quantization,
            &checkpoint.elsewhere,
        );
        checkpoint.tensors = tensors;
        checkpoint.problems.extend(problems);
        if checkpoint.tensors.is_empty() {
            let why = checkpoint
                .problems
                .iter()
                .find(|p| p.reason.is_error())
                .or(checkpoint.problems.first())
                .map_or("it holds no tensors".into(), |p| p.detail.clone());
            return Err(Error::BadFile {
                file: name.into(),
                what: format!("no tensor can be read: {why}"),
            });
        }
        checkpoint.sort_tensors();
        Ok(checkpoint)
    }

    /// Compares the indices beside the weights with what was read: finds tensors that lie in files
    /// which are not here or can't be read, and lists them with their files.
    fn compare_indices(
        &mut self,
        layout: &Layout,
        unreadable: &HashSet<&str>,
        read: &HashSet<&str>,
    ) {
        let given: HashSet<&str> = layout.weights.iter().map(|w| w.name()).collect();
        for index in &layout.indices {
            let find = |file: &String| {
                let path = format!("{}{file}", index.folder());
                match () {
                    () if unreadable.contains(path.as_str()) => Shard::Unreadable,
                    () if given.contains(path.as_str()) => Shard::Read,
                    () => Shard::Missing,
                }
            };
            let shards: Vec<_> = index.files.iter().map(find).collect();
            let (elsewhere, problems) =
                index::compare_index(index, &shards, layout.is_whole, |name| read.contains(name));
            let bare = |(name, file): (String, String)| (take_off_wrappers(&name).into(), file);
            self.elsewhere.extend(elsewhere.into_iter().map(bare));
            self.problems.extend(problems);
        }
        let mut tensors: Vec<_> = self.elsewhere.iter().collect();
        tensors.sort_by(|a, b| natural::compare_names(a.0, b.0));
        self.problems.extend(tensors.into_iter().map(|(tensor, file)| {
            let (reason, why) = if unreadable.iter().any(|name| name.ends_with(file.as_str())) {
                (LeftOutReason::BadFile, "can't be read")
            } else {
                (LeftOutReason::MissingShard, "was not given")
            };
            LeftOut::new(tensor, reason, format!("it is in {file}, which {why}"))
        }));
    }

    /// Lets go of what is known of tensors as they are stored, but for those that can't be read,
    /// whose weights are counted: names and shapes of a million tensors are held once less.
    pub(crate) fn forget_stored(&mut self) {
        let unread: HashSet<&str> = self
            .problems
            .iter()
            .filter(|problem| problem.reason.is_error())
            .map(|problem| problem.name.as_str())
            .collect();
        self.raw.retain(|t| unread.contains(t.name.as_str()));
        self.raw.shrink_to_fit();
    }

    /// Brings the tensors into natural order, in which [`Checkpoint::get`] finds them.
    pub(crate) fn sort_tensors(&mut self) {
        self.tensors.sort_by(|a, b| natural::compare_names(&a.name, &b.name));
    }

    /// The tensor of this name. Their order finds it: a map would hold a million names again.
    pub fn get(&self, name: &str) -> Option<&TensorEntry> {
        let found = self.tensors.binary_search_by(|t| natural::compare_names(&t.name, name));
        found.ok().map(|place| &self.tensors[place])
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
