//! The wasm surface: one `Session` per worker, plain objects at the border.

use crate::analysis::{
    self, Assembly, CheckLimits, Estimate, Host, Inputs, Inventory, OnGpu, Stages, Task,
    TaskResults, analyze, analyze_on_gpu, check_results, fail_task,
};
use crate::checkpoint::formats::sparse_delta::summary::DeltaSummary;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::names::role::Module;
use crate::checkpoint::{
    Checkpoint, CheckpointSummary, Coverage, Delta, LayerSet, LeftOut, Renaming,
};
use crate::element::dtype::Dtype;
use crate::error::Error;
use crate::figures::tensor::TensorReport;
use crate::kernels::cpu::Cpu;
use crate::kernels::gpu::{Gpu, Prefer};
use crate::report::{self, BackendInfo, BackendKind, Check, Report, Shortened};
use crate::settings::{BackendChoice, Settings};
use crate::source::digest::{FileDigests, digest};
use crate::source::{BlobSource, Source, UnreadableSource};
use js_sys::{Array, Function, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Memory that one tensor may take: the wasm heap stays under 256 MiB with what else it holds.
const MEMORY: u64 = 176 << 20;

/// The error as JavaScript's, with a name of its own where input is not wrong, but incomplete, and
/// where the device is gone.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let out = js_sys::Error::new(&match &error {
            // What is to be done about it is done by the page.
            Error::Lost(why) => why.clone(),
            other => other.to_string(),
        });
        match error {
            Error::NeedsBase { .. } => out.set_name("NeedsBase"),
            Error::Lost(_) => out.set_name("DeviceLost"),
            _ => {}
        }
        out.into()
    }
}

/// Makes an error with a message.
fn make_error(what: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&what.to_string()).into()
}

fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(make_error)
}

fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(make_error)
}

fn get(object: &JsValue, key: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &key.into())
}

fn text(object: &JsValue, key: &str) -> Result<String, JsValue> {
    get(object, key)?.as_string().ok_or_else(|| make_error(format!("`{key}` must be text")))
}

async fn open(input: JsValue) -> Result<Checkpoint, JsValue> {
    let mut sources: Vec<Rc<dyn Source>> = Vec::new();
    for file in Array::from(&get(&input, "files")?).iter() {
        let name = text(&file, "name")?;
        if let Some(problem) = get(&file, "problem")?.as_string() {
            sources.push(Rc::new(UnreadableSource::new(name, problem)));
            continue;
        }
        let blob = get(&file, "blob")?
            .dyn_into::<web_sys::Blob>()
            .map_err(|_| make_error("`blob` must be a Blob or File"))?;
        sources.push(Rc::new(BlobSource::new(name, blob)));
    }
    let checkpoint = Checkpoint::open(&text(&input, "name")?, sources).await?;
    refuse_large_versions(&checkpoint)?;
    Ok(checkpoint)
}

/// The largest whole number that a page holds exactly.
const MOST_IN_JS: u64 = (1 << 53) - 1;

/// Refuses a delta whose version a page would show as another one.
fn refuse_large_versions(checkpoint: &Checkpoint) -> Result<(), Error> {
    let summary = checkpoint.delta.as_ref().map(Delta::summarize);
    let versions = summary.iter().flat_map(|s| [s.base_version, s.target_version]).flatten();
    match versions.max() {
        Some(version) if version > MOST_IN_JS => Err(Error::bad_file(
            &checkpoint.name,
            format!(
                "its version is {version}, but a page holds whole numbers up to {MOST_IN_JS}. \
                 Compare it with the native program"
            ),
        )),
        _ => Ok(()),
    }
}

/// Opens a checkpoint that may be left out.
async fn open_optional(input: JsValue) -> Result<Option<Checkpoint>, JsValue> {
    if input.is_null() || input.is_undefined() { Ok(None) } else { open(input).await.map(Some) }
}

#[derive(Serialize)]
struct Everything {
    base: Option<CheckpointSummary>,
    fisher: Option<CheckpointSummary>,
    runs: Vec<FoundRun>,
    /// What an analysis is expected to take; null where none can be planned.
    estimate: Option<Estimate>,
}

#[derive(Serialize)]
struct FoundRun {
    checkpoint: CheckpointSummary,
    compared: usize,
    parameters: u64,
    bytes: u64,
    left_out: Vec<LeftOut>,
    renamings: Vec<Renaming>,
    coverage: Option<Coverage>,
    /// The sparse delta, if it is one.
    delta: Option<DeltaSummary>,
}

#[derive(Serialize)]
struct TaskInfo<'a> {
    id: usize,
    name: &'a str,
    layer: Option<u32>,
    module: Module,
    shape: &'a [u64],
    has_spectrum: bool,
    transposed: bool,
    dtype: Dtype,
    parameters: u64,
    bytes: u64,
    cost: f64,
    /// The runs that have it.
    runs: Vec<usize>,
}

#[derive(Serialize)]
struct Answer {
    results: TaskResults,
    stages: BTreeMap<String, f64>,
    /// Why the CPU computed what was given to a GPU; null where it did not.
    on_cpu: Option<String>,
}

/// Seconds of the clock that a page and a worker both have.
fn now() -> f64 {
    let clock = get(&js_sys::global(), "performance").expect("a global object has properties");
    clock.unchecked_into::<web_sys::Performance>().now() / 1000.0
}

/// Names an adapter; browsers may keep its name to themselves.
fn show_name(name: &str) -> &str {
    if name.is_empty() { "unnamed" } else { name }
}

/// The checkpoints of one comparison, opened by their headers.
#[wasm_bindgen]
pub struct Session {
    inputs: Inputs,
    /// Set where the long products go to WebGPU.
    gpu: Option<Gpu>,
    /// The plan last made, with its settings: of a model of many experts it takes longer than a
    /// small tensor.
    planned: RefCell<Option<(Settings, Rc<Vec<Task>>)>>,
    begun: Option<BegunReport>,
}

/// A report that takes in results.
struct BegunReport {
    assembly: Assembly,
    settings: Settings,
    shortened: Option<Shortened>,
    proof: RefCell<Proof>,
}

/// What a report holds to be checked by.
#[derive(Default)]
struct Proof {
    /// Digests of the files of each checkpoint.
    digests: Vec<Vec<Option<FileDigests>>>,
    /// Some tensors computed again; `None` where none was.
    check: Option<Check>,
}

#[wasm_bindgen]
impl Session {
    /// Reads the headers of `{base: {name, files: [{name, blob, problem}]} | null, tuned: [{name,
    /// files}], fisher: {name, files} | null}`. A file with a `problem` is there by its name alone.
    pub async fn open(input: JsValue) -> Result<Session, JsValue> {
        let base = open_optional(get(&input, "base")?).await?;
        let mut tuned = Vec::new();
        for checkpoint in Array::from(&get(&input, "tuned")?).iter() {
            tuned.push(open(checkpoint).await?);
        }
        let fisher = open_optional(get(&input, "fisher")?).await?;
        Ok(Session {
            inputs: Inputs::new(base, tuned, fisher)?,
            gpu: None,
            planned: RefCell::default(),
            begun: None,
        })
    }

    /// Lists what was found and what is left out, before anything is computed.
    pub fn inventory(&self, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: Settings = from_js(settings)?;
        let layers = settings.layers.as_deref().map(LayerSet::parse).transpose()?;
        let found = self.inputs.inventory(layers.as_ref(), &settings.rename);
        let found = self.inputs.tuned.iter().zip(found);
        let runs = found.map(
            |(tuned, Inventory { tensors, parameters, bytes, left_out, renamings, coverage })| {
                FoundRun {
                    checkpoint: tuned.summarize(),
                    compared: tensors,
                    parameters,
                    bytes,
                    left_out,
                    renamings,
                    coverage,
                    delta: tuned.delta.as_ref().map(Delta::summarize),
                }
            },
        );
        let summary =
            |checkpoint: &Option<Checkpoint>| checkpoint.as_ref().map(Checkpoint::summarize);
        to_js(&Everything {
            base: summary(&self.inputs.base),
            fisher: summary(&self.inputs.fisher),
            runs: runs.collect(),
            estimate: self
                .plan(&settings)
                .ok()
                .map(|tasks| analysis::estimate(&tasks, &settings, MEMORY)),
        })
    }

    fn plan(&self, settings: &Settings) -> Result<Rc<Vec<Task>>, JsValue> {
        if let Some((of, tasks)) = &*self.planned.borrow()
            && of == settings
        {
            return Ok(tasks.clone());
        }
        let tasks = Rc::new(analysis::plan(&self.inputs, settings)?.tasks);
        self.planned.replace(Some((settings.clone(), tasks.clone())));
        Ok(tasks)
    }

    /// `[{id, name, layer, module, shape, has_spectrum, transposed, dtype, parameters, bytes, cost,
    /// runs}]`, costly ones first.
    pub fn tasks(&self, settings: JsValue) -> Result<JsValue, JsValue> {
        let settings: Settings = from_js(settings)?;
        let tasks = self.plan(&settings)?;
        let infos: Vec<TaskInfo<'_>> = tasks
            .iter()
            .filter_map(|t| {
                let common = t.common()?;
                Some(TaskInfo {
                    id: t.id,
                    name: common.name,
                    layer: common.role.layer,
                    module: common.role.module,
                    shape: common.shape,
                    has_spectrum: common.has_spectrum,
                    transposed: common.role.transposed,
                    dtype: common.dtype,
                    parameters: common.parameters,
                    bytes: t.bytes(),
                    cost: analysis::estimate_seconds(t, &settings),
                    runs: t.runs(),
                })
            })
            .collect();
        to_js(&infos)
    }

    /// How far the details of a report with these settings are shortened, or null.
    pub fn shortened(&self, settings: JsValue) -> Result<JsValue, JsValue> {
        let tasks = self.plan(&from_js(settings)?)?;
        to_js(&analysis::find_shortened(&tasks))
    }

    /// `{kind, adapter, detail, workers}` of the backend that `auto`, `cpu` or `gpu` gives here.
    ///
    /// Without a base it is always the CPU. `auto` takes WebGPU where there is a hardware adapter:
    /// a software one is several times slower than wasm SIMD.
    pub async fn choose_backend(&mut self, wanted: String) -> Result<JsValue, JsValue> {
        let wanted: BackendChoice = wanted.parse().map_err(make_error)?;
        self.gpu = None;
        let cpu = |detail: String| BackendInfo {
            kind: BackendKind::Cpu,
            adapter: None,
            detail,
            workers: 1,
        };
        if self.inputs.base.is_none() {
            return to_js(&cpu(analysis::NO_PRODUCTS.into()));
        }
        let info = match wanted {
            BackendChoice::Cpu => cpu("chosen by the user".into()),
            BackendChoice::Auto => match Gpu::new(Prefer::Fast).await {
                Ok(gpu) if !gpu.info().software => {
                    self.use_gpu(gpu, "a hardware WebGPU adapter was found")
                }
                Ok(gpu) => cpu(format!(
                    "the only WebGPU adapter ({}) is software, which is slower",
                    show_name(&gpu.info().name)
                )),
                Err(Error::Device(why)) => cpu(format!("in this browser {why}")),
                Err(error) => cpu(error.to_string()),
            },
            BackendChoice::Gpu => {
                let gpu = Gpu::new(Prefer::Fast).await?;
                self.use_gpu(gpu, "chosen by the user")
            }
        };
        to_js(&info)
    }

    /// Computes with this GPU from here on.
    fn use_gpu(&mut self, gpu: Gpu, detail: &str) -> BackendInfo {
        let adapter = Some(show_name(&gpu.info().name).to_string());
        self.gpu = Some(gpu);
        BackendInfo { kind: BackendKind::Gpu, adapter, detail: detail.into(), workers: 1 }
    }

    /// Analyses one task: `{results: {tensors: [[run], …], overlaps: [Overlap, …]}, stages: {name:
    /// seconds}, on_cpu: text | null}`; `progress(stage, share)` is called on the way. An error of
    /// the name `DeviceLost` says that another session may do it.
    pub async fn analyze(
        &self,
        id: usize,
        settings: JsValue,
        progress: Function,
    ) -> Result<JsValue, JsValue> {
        let settings: Settings = from_js(settings)?;
        let tasks = self.plan(&settings)?;
        let task = tasks
            .iter()
            .find(|t| t.id == id)
            .ok_or_else(|| make_error(format!("there is no task {id}")))?;
        let stages = Stages::new(&now);
        let tell = |stage: &str, share: f64| {
            stages.enter(stage);
            // A page that fails to draw progress must not fail the analysis.
            let _ = progress.call2(&JsValue::NULL, &stage.into(), &share.into());
        };
        let host = Host { memory: MEMORY, now: &now, progress: &tell };
        let shortened = analysis::find_shortened(&tasks);
        let settings = analysis::limit_maps(&settings, shortened);
        let OnGpu { mut results, on_cpu } = match &self.gpu {
            Some(gpu) => analyze_on_gpu(gpu, task, &settings, &host).await?,
            None => OnGpu { results: analyze(&Cpu, task, &settings, &host).await, on_cpu: None },
        };
        analysis::shorten_results(&mut results, shortened);
        to_js(&Answer { results, stages: stages.finish(), on_cpu })
    }

    /// Begins the report with these settings; what an earlier one took in is let go, and so is the
    /// GPU: a run asks for one when it begins.
    pub fn begin_report(&mut self, settings: JsValue) -> Result<(), JsValue> {
        self.gpu = None;
        let settings: Settings = from_js(settings)?;
        let shortened = analysis::find_shortened(&self.plan(&settings)?);
        let (assembly, proof) = (Assembly::default(), RefCell::default());
        self.begun = Some(BegunReport { assembly, settings, shortened, proof });
        Ok(())
    }

    /// Takes the results of a task, as the JSON of `{tensors, overlaps}`, into the report.
    pub fn add_results(&mut self, text: &str) -> Result<(), JsValue> {
        let mut begun = self.take_begun()?;
        let results = match serde_json::from_str(text) {
            Ok(results) => results,
            Err(_) => self.read_each(text, &begun.settings)?,
        };
        begun.assembly.add(results, begun.shortened);
        self.begun = Some(begun);
        Ok(())
    }

    /// Reads the digests of all files for the report that was begun, and computes some of the
    /// tensors that it has taken in again, in a small share of the `seconds` that the run took.
    /// Neither is worth losing the report: a file that can't be read any more has no digest, and a
    /// check that fails is none.
    pub async fn prove_report(&self, seconds: f64) -> Result<(), JsValue> {
        let begun = self.begun.as_ref().ok_or_else(|| make_error("no report was begun"))?;
        let BegunReport { assembly, settings, proof, .. } = begun;
        let digests = self.inputs.digest_files().await;
        let tasks = self.plan(settings)?;
        let seed = digest(format!("{} {settings:?} {digests:?}", report::GENERATOR).as_bytes());
        let limits = CheckLimits::of_run(seconds, MEMORY);
        let check = check_results(&tasks, assembly.results(), settings, limits, &seed).await;
        proof.replace(Proof { digests, check: check.ok().flatten() });
        Ok(())
    }

    /// Makes the report of all results that were taken in, and hands its JSON text to
    /// `write(bytes)` piece by piece: no string holds all of it.
    pub fn finish_report(
        &mut self,
        backend: JsValue,
        timings: JsValue,
        created: String,
        write: Function,
    ) -> Result<(), JsValue> {
        let BegunReport { mut assembly, settings, proof, .. } = self.take_begun()?;
        let (backend, timings) = (from_js(backend)?, from_js(timings)?);
        let Proof { digests, check } = proof.into_inner();
        self.inputs.set_digests(digests);
        let mut report = assembly.finish(&self.inputs, &settings, backend, timings, created)?;
        report.check = check;
        let mut out = BufWriter::with_capacity(PIECE_BYTES, Pieces { write });
        report::write_json(&report, &mut out).map_err(make_error)?;
        out.flush().map_err(make_error)
    }

    fn take_begun(&mut self) -> Result<BegunReport, JsValue> {
        self.begun.take().ok_or_else(|| make_error("no report was begun"))
    }

    /// Reads the results of a task that are not all as they have to be. A tensor that can't be
    /// read, as one kept by another build, failed; the others stay.
    fn read_each(&self, text: &str, settings: &Settings) -> Result<TaskResults, JsValue> {
        use serde_json::{Value, from_value};
        let mut value: Value = serde_json::from_str(text).map_err(make_error)?;
        let mut take = |list: &str| match value[list].take() {
            Value::Array(entries) => entries,
            _ => Vec::new(),
        };
        let (tensors, overlaps) = (take("tensors"), take("overlaps"));
        let overlaps = overlaps.into_iter().filter_map(|entry| from_value(entry).ok()).collect();
        let mut read = TaskResults { tensors: Vec::new(), overlaps };
        for entry in tensors {
            let (run, name) = (entry[0].as_u64(), entry[1]["name"].as_str().map(str::to_string));
            match from_value::<InRun<TensorReport>>(entry) {
                Ok(tensor) => read.tensors.push(tensor),
                Err(error) => {
                    let tasks = self.plan(settings)?;
                    let task = tasks.iter().find(|task| Some(task.name()) == name.as_deref());
                    let what = Error::Numerics(format!("its results can't be read back: {error}"));
                    let failed = task.map(|task| fail_task(task, &what)).unwrap_or_default();
                    let of_run = |tensor: &InRun<TensorReport>| Some(tensor.run as u64) == run;
                    read.tensors.extend(failed.tensors.into_iter().filter(of_run));
                }
            }
        }
        let runs = self.inputs.tuned.len();
        read.tensors.retain(|tensor| tensor.run < runs);
        Ok(read)
    }
}

/// Bytes of the report's text that cross to JavaScript at a time.
const PIECE_BYTES: usize = 4 << 20;

/// Hands what is written to a function.
struct Pieces {
    write: Function,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A copy: the heap may move while the function keeps it.
        let piece = Uint8Array::from(bytes);
        let refused = |_| io::Error::other("the page did not take the report");
        self.write.call1(&JsValue::NULL, &piece).map_err(refused)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The default settings.
#[wasm_bindgen]
pub fn default_settings() -> Result<JsValue, JsValue> {
    to_js(&Settings::default())
}

/// The value of [`Report::generator`]: results of one generator are not taken for another's.
#[wasm_bindgen]
pub fn generator() -> String {
    report::GENERATOR.into()
}

/// The table of a report as CSV.
#[wasm_bindgen]
pub fn report_csv(json: &str) -> Result<String, JsValue> {
    let report: Report = serde_json::from_str(json)
        .map_err(|e| make_error(format!("not a Gatescope report: {e}")))?;
    Ok(report::to_csv(&report))
}

/// Panics reach the console with their message.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
