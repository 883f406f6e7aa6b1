//! Analyses all tasks on a GPU or on threads.

use crate::native::open::open_inputs;
use crate::native::options::Options;
use gatescope::analysis::{self, Host, Inputs, Stages, Task, TaskResults, add_stages, analyze};
use gatescope::error::Error;
use gatescope::kernels::Backend;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::report::{BackendInfo, BackendKind};
use gatescope::settings::{BackendChoice, Settings};
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Results of some tasks, and the seconds that each stage took.
#[derive(Default)]
pub struct Found {
    pub results: TaskResults,
    pub stages: BTreeMap<String, f64>,
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
pub fn open_gpu(wanted: BackendChoice) -> Result<Option<Gpu>, Error> {
    let open = || pollster::block_on(Gpu::new(Prefer::Fast));
    match wanted {
        BackendChoice::Cpu => Ok(None),
        BackendChoice::Gpu => open().map(Some),
        BackendChoice::Auto => Ok(open().ok().filter(|gpu| !gpu.info().software)),
    }
}

/// Analyses all tasks on the GPU, one after the other.
pub fn analyze_on_gpu(
    gpu: &Gpu,
    all: &Inputs,
    options: &Options,
    settings: &Settings,
    now: &dyn Fn() -> f64,
) -> Result<(BackendInfo, Found), Error> {
    let tasks = analysis::plan(all, settings)?.tasks;
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
pub fn analyze_on_threads(
    count: usize,
    options: &Options,
    settings: &Settings,
    now: &(dyn Fn() -> f64 + Sync),
) -> Result<(BackendInfo, Found), Error> {
    let done = AtomicUsize::new(0);
    let open =
        || open_inputs(options).and_then(|all| Ok((analysis::plan(&all, settings)?.tasks, all)));
    let analyzed = |place: usize| {
        OPENED.with(|opened| {
            let (tasks, _) = opened.get_or_init(open).as_ref().map_err(Clone::clone)?;
            let found = analyze_task(&Cpu, &tasks[place], options, settings, &now);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            eprintln!("{done}/{count} {}", tasks[place].name());
            Ok(found)
        })
    };
    let parts: Vec<Found> =
        (0..count).into_par_iter().with_max_len(1).map(analyzed).collect::<Result<_, Error>>()?;
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
