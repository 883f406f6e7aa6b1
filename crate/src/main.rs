//! The native program: the same library on local files, with threads or a native GPU.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use clap::Parser;
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    use gatescope::analysis::{self, Host, Inputs, Stages, Task, TaskResults, add_stages, analyze};
    use gatescope::checkpoint::Checkpoint;
    use gatescope::error::Error;
    use gatescope::kernels::Backend;
    use gatescope::kernels::cpu::Cpu;
    use gatescope::kernels::gpu::{Gpu, Prefer};
    use gatescope::report::{BackendInfo, BackendKind, Report, Timings, to_csv, to_html, to_json};
    use gatescope::settings::{BackendChoice, Comparison, Settings};
    use gatescope::source::{FileSource, Source};
    use gatescope::words::list_words;
    use jiff::Timestamp;
    use rayon::prelude::*;
    use schemars::JsonSchema;
    use std::cell::OnceCell;
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::rc::Rc;
    use std::str::FromStr;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    /// Compares tuned checkpoints with their base, or sparse deltas with each other, and writes a
    /// report.
    #[derive(Parser, Debug, Clone)]
    #[command(version, about)]
    pub struct Options {
        /// The base checkpoint: a folder of safetensors, or one file. Sparse deltas that list
        /// weights can be read without it.
        #[arg(long)]
        base: Option<PathBuf>,
        /// A tuned checkpoint; repeat for more.
        #[arg(long, required = true)]
        tuned: Vec<PathBuf>,
        /// A diagonal Fisher of the base, or Adam's exp_avg_sq: safetensors with the base's tensor
        /// names.
        #[arg(long)]
        fisher: Option<PathBuf>,
        /// The file that the report is written to: as JSON, or with the ending .html as a page of
        /// its own.
        #[arg(long)]
        out: PathBuf,
        /// A file for the table as CSV.
        #[arg(long)]
        csv: Option<PathBuf>,
        /// Rank of the principal subspaces.
        #[arg(long, default_value_t = Settings::default().k)]
        k: usize,
        /// Mask fractions, separated by commas.
        #[arg(long, value_delimiter = ',', default_values_t = Settings::default().alphas)]
        alpha: Vec<f64>,
        /// Relative tolerance of the bf16 gate.
        #[arg(long, default_value_t = Settings::default().eta)]
        eta: f64,
        /// Matrices up to this shorter side are decomposed exactly.
        #[arg(long, default_value_t = Settings::default().exact_limit)]
        exact_limit: usize,
        /// Layers, as 0-3,7.
        #[arg(long)]
        layers: Option<String>,
        /// The largest number of cells along a side of a map; 0 for no maps.
        #[arg(long, default_value_t = Settings::default().map_side)]
        map_side: usize,
        /// The kind of comparison: with the result of a whole run, over one step of a run, or step
        /// by step of one run, whose saves are the tuned checkpoints in their order.
        #[arg(long, alias = "span", value_parser = words_parser::<Comparison>())]
        comparison: Option<Comparison>,
        /// Do not look for changes of value and output projections that leave the function as it
        /// was.
        #[arg(long)]
        no_function_preserving: bool,
        /// The backend; auto takes a GPU only if it is a hardware adapter.
        #[arg(long, default_value_t = Settings::default().backend,
              value_parser = words_parser::<BackendChoice>())]
        backend: BackendChoice,
        /// Memory for one tensor, in MiB.
        #[arg(long, default_value_t = 4096)]
        memory: u64,
    }

    /// Makes a parser that takes the words of a set.
    fn words_parser<T>() -> impl TypedValueParser<Value = T>
    where
        T: JsonSchema
            + FromStr<Err: std::error::Error + Send + Sync>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        // The parser of the command line lives as long as the program.
        let words = list_words::<T>().into_iter().map(|word| &*word.leak());
        PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
    }

    /// Opens the checkpoint in a folder or in one file.
    fn open(path: &Path) -> Result<Checkpoint, Error> {
        let bad = |what: String| Error::BadFile { file: path.display().to_string(), what };
        let mut files: Vec<PathBuf> = if path.is_dir() {
            std::fs::read_dir(path)
                .map_err(|e| bad(e.to_string()))?
                .filter_map(|e| Some(e.ok()?.path()))
                .filter(|p| p.is_file())
                .collect()
        } else {
            vec![path.to_path_buf()]
        };
        files.sort();
        let mut sources: Vec<Rc<dyn Source>> = Vec::new();
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".safetensors") || name.ends_with(".json") {
                sources.push(Rc::new(FileSource::open(&file, &name)?));
            }
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pollster::block_on(Checkpoint::open(&name, sources))
    }

    /// Opens all checkpoints.
    fn open_inputs(options: &Options) -> Result<Inputs, Error> {
        let tuned = options.tuned.iter().map(|p| open(p)).collect::<Result<_, _>>()?;
        let fisher = options.fisher.as_deref().map(open).transpose()?;
        Inputs::new(options.base.as_deref().map(open).transpose()?, tuned, fisher)
    }

    /// The page of a report, which `npm run build` makes.
    #[cfg(feature = "html")]
    const TEMPLATE: Option<&str> = Some(include_str!("../../dist/standalone.html"));
    #[cfg(not(feature = "html"))]
    const TEMPLATE: Option<&str> = None;

    /// Whether the file's ending asks for HTML.
    fn is_html(file: &Path) -> bool {
        file.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"))
    }

    /// Says what to do where HTML is asked for and the page is not in the program.
    fn check_template(out: &Path) -> Result<(), Error> {
        if TEMPLATE.is_some() || !is_html(out) {
            return Ok(());
        }
        let what = "this program was built without the page that it needs for HTML. Run `npm run \
                    build` and then `cargo build --release --features html`, or write .json and \
                    export it from the page";
        Err(Error::BadFile { file: out.display().to_string(), what: what.into() })
    }

    /// Writes a text to a file.
    fn write(path: &Path, text: &str) -> Result<(), Error> {
        std::fs::write(path, text)
            .map_err(|e| Error::BadFile { file: path.display().to_string(), what: e.to_string() })
    }

    /// Results of some tasks, and the seconds that each stage took.
    #[derive(Default)]
    struct Found {
        results: TaskResults,
        stages: BTreeMap<String, f64>,
    }

    impl Found {
        fn add(&mut self, other: Found) {
            self.results.extend(other.results);
            add_stages(&mut self.stages, other.stages);
        }
    }

    /// Analyses one task.
    fn analyze_task<B: Backend>(
        device: &B,
        task: &Task,
        options: &Options,
        settings: &Settings,
        now: &dyn Fn() -> f64,
    ) -> Found {
        let stages = Stages::new(now);
        let host =
            Host { memory: options.memory << 20, now, progress: &|stage, _| stages.enter(stage) };
        let results = pollster::block_on(analyze(device, task, settings, &host));
        Found { results, stages: stages.finish() }
    }

    /// Opens the GPU that the user asks for; `None` where the CPU is to compute.
    fn open_gpu(wanted: BackendChoice) -> Result<Option<Gpu>, Error> {
        let open = || pollster::block_on(Gpu::new(Prefer::Fast));
        match wanted {
            BackendChoice::Cpu => Ok(None),
            BackendChoice::Gpu => open().map(Some),
            BackendChoice::Auto => Ok(open().ok().filter(|gpu| !gpu.info().software)),
        }
    }

    /// Analyses all tasks on the GPU, one after the other.
    fn analyze_on_gpu(
        gpu: &Gpu,
        all: &Inputs,
        options: &Options,
        settings: &Settings,
        now: &dyn Fn() -> f64,
    ) -> Result<(BackendInfo, Found), Error> {
        let (tasks, _) = analysis::plan(all, settings)?;
        let mut found = Found::default();
        for (done, task) in tasks.iter().enumerate() {
            found.add(analyze_task(gpu, task, options, settings, now));
            eprintln!("{}/{} {}", done + 1, tasks.len(), task.name());
        }
        let adapter = Some(gpu.info().name.clone());
        Ok((
            BackendInfo {
                kind: BackendKind::Gpu,
                adapter,
                detail: format!("backend {}", options.backend),
                workers: 1,
            },
            found,
        ))
    }

    thread_local! {
        /// Each thread opens the checkpoints itself, once: sources are not shared between threads,
        /// and headers are small.
        static OPENED: OnceCell<Result<(Vec<Task>, Inputs), Error>> = const { OnceCell::new() };
    }

    /// Analyses all tasks on the CPU, each on one thread.
    fn analyze_on_threads(
        count: usize,
        options: &Options,
        settings: &Settings,
        now: &(dyn Fn() -> f64 + Sync),
    ) -> Result<(BackendInfo, Found), Error> {
        let done = AtomicUsize::new(0);
        let open =
            || open_inputs(options).and_then(|all| Ok((analysis::plan(&all, settings)?.0, all)));
        let analyzed = |place: usize| {
            OPENED.with(|opened| {
                let (tasks, _) = opened.get_or_init(open).as_ref().map_err(Clone::clone)?;
                let found = analyze_task(&Cpu, &tasks[place], options, settings, &now);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                eprintln!("{done}/{count} {}", tasks[place].name());
                Ok(found)
            })
        };
        let parts: Vec<Found> = (0..count)
            .into_par_iter()
            .with_max_len(1)
            .map(analyzed)
            .collect::<Result<_, Error>>()?;
        let mut found = Found::default();
        parts.into_iter().for_each(|part| found.add(part));
        let workers = rayon::current_num_threads() as u32;
        let detail = match (&options.base, options.backend) {
            (None, _) => analysis::NO_PRODUCTS,
            (_, BackendChoice::Cpu) => "chosen by the user",
            _ => "no hardware GPU was found",
        };
        Ok((
            BackendInfo { kind: BackendKind::Cpu, adapter: None, detail: detail.into(), workers },
            found,
        ))
    }

    /// Reads the command line and writes the report.
    pub fn run() -> Result<(), Error> {
        let options = Options::parse();
        // Before anything is computed that could not be written.
        check_template(&options.out)?;
        let settings = Settings {
            k: options.k,
            alphas: options.alpha.clone(),
            eta: options.eta,
            exact_limit: options.exact_limit,
            layers: options.layers.clone(),
            map_side: options.map_side,
            comparison: options.comparison,
            function_preserving: !options.no_function_preserving,
            backend: options.backend,
            ..Settings::default()
        };
        let start = Instant::now();
        let all = open_inputs(&options)?;
        let (tasks, _) = analysis::plan(&all, &settings)?;
        let now = || start.elapsed().as_secs_f64();
        let device = if all.base.is_some() { open_gpu(options.backend)? } else { None };
        let shortened = analysis::find_shortened(&tasks);
        let limited = analysis::limit_maps(&settings, shortened).into_owned();
        let (info, mut found) = match device {
            Some(gpu) => analyze_on_gpu(&gpu, &all, &options, &limited, &now)?,
            None => analyze_on_threads(tasks.len(), &options, &limited, &now)?,
        };
        analysis::shorten_results(&mut found.results, shortened);
        let timings = Timings { total: now(), stages: found.stages };
        let report = analysis::assemble(
            &all,
            &settings,
            info,
            found.results,
            timings,
            Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )?;
        let text = to_json(&report).map_err(|e| Error::Numerics(e.to_string()))?;
        match TEMPLATE.filter(|_| is_html(&options.out)) {
            Some(template) => {
                let html = to_html(template, &report, &text).ok_or_else(|| Error::BadFile {
                    file: "dist/standalone.html".into(),
                    what: "the page that was built in is of another version".into(),
                })?;
                write(&options.out, &html)?;
            }
            None => write(&options.out, &text)?,
        }
        if let Some(csv) = &options.csv {
            // From the text, as in the page: both tables then hold the report's own digits.
            let report: Report =
                serde_json::from_str(&text).map_err(|e| Error::Numerics(e.to_string()))?;
            write(csv, &to_csv(&report))?;
        }
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    if let Err(error) = native::run() {
        eprintln!("gatescope: {error}");
        std::process::exit(1);
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}
