//! Analyses all tasks on a GPU or on threads.

use crate::native::gathered::Gathered;
use crate::native::open::open_inputs;
use crate::native::options::Options;
use crate::native::pace::Pace;
use gatescope::analysis::{self, Host, Stages, Task, TaskResults, analyze, fail_task};
use gatescope::error::Error;
use gatescope::kernels::Backend;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::report::{BackendInfo, BackendKind, Shortened};
use gatescope::settings::{BackendChoice, Settings};
use std::any::Any;
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Results of a task, and the seconds that each stage took.
pub struct Found {
    pub results: TaskResults,
    pub stages: BTreeMap<String, f64>,
}

/// What every task is analysed with.
pub struct Work<'a> {
    pub options: &'a Options,
    /// The user's, with maps as small as the report wants them.
    pub settings: &'a Settings,
    pub shortened: Option<Shortened>,
    /// Number of tasks.
    pub count: usize,
    pub pace: &'a Pace,
    pub now: &'a (dyn Fn() -> f64 + Sync),
}

/// Says something to the user. A terminal that is gone ends no analysis.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The message of a panic.
fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

/// Calls `compute`; a panic in it is an error.
pub fn catch_panic<T>(compute: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(compute)).map_err(|panic| {
        let what = message_of(&*panic);
        Error::Numerics(format!("the program has a fault, which ended this step: {what}"))
    })
}

/// Analyses one task. A panic fails its tensor, and no other.
fn analyze_task<B: Backend>(device: &B, task: &Task, work: &Work<'_>) -> Found {
    let stages = Stages::new(&work.now);
    let host = Host {
        memory: work.options.memory << 20,
        now: &work.now,
        progress: &|stage, _| stages.enter(stage),
    };
    let analyzed = catch_panic(|| pollster::block_on(analyze(device, task, work.settings, &host)));
    let mut results = analyzed.unwrap_or_else(|error| fail_task(task, &error));
    // At once, so that no more is kept in memory than is written.
    analysis::shorten_results(&mut results, work.shortened);
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
pub fn analyze_on_gpu(gpu: &Gpu, tasks: &[Task], work: &Work<'_>) -> (BackendInfo, Gathered) {
    let mut gathered = Gathered::default();
    for (done, task) in tasks.iter().enumerate() {
        let Found { results, stages } = analyze_task(gpu, task, work);
        gathered.add(results, stages, work.shortened);
        tell_finished(done + 1, task, work);
    }
    let info = BackendInfo {
        kind: BackendKind::Gpu,
        adapter: Some(gpu.info().name.clone()),
        detail: format!("backend {}", work.options.backend),
        workers: 1,
    };
    (info, gathered)
}

/// Says that a task is finished, and about how long the others take.
fn tell_finished(done: usize, task: &Task, work: &Work<'_>) {
    let expected = analysis::estimate_seconds(task, work.settings);
    let left = work.pace.finish(expected, (work.now)());
    tell(&format!("{done}/{} {}{left}", work.count, task.name()));
}

/// The counters that threads share.
#[derive(Default)]
struct Counters {
    /// The place of the next task that nobody took.
    next: AtomicUsize,
    done: AtomicUsize,
}

/// Takes tasks until none is left.
fn take_tasks(tasks: &[Task], work: &Work<'_>, counters: &Counters) -> Gathered {
    let mut gathered = Gathered::default();
    while let Some(task) = tasks.get(counters.next.fetch_add(1, Ordering::Relaxed)) {
        let Found { results, stages } = analyze_task(&Cpu, task, work);
        gathered.add(results, stages, work.shortened);
        tell_finished(counters.done.fetch_add(1, Ordering::Relaxed) + 1, task, work);
    }
    gathered
}

/// Opens the checkpoints for a thread of its own, since sources are not shared between threads,
/// and takes tasks.
fn open_and_take_tasks(work: &Work<'_>, counters: &Counters) -> Result<Gathered, Error> {
    let inputs = open_inputs(work.options)?;
    let tasks = analysis::plan(&inputs, work.settings)?.tasks;
    if tasks.len() != work.count {
        return Err(Error::Setting("the checkpoints changed since they were opened first".into()));
    }
    Ok(take_tasks(&tasks, work, counters))
}

/// The number of threads that compute.
pub fn count_threads(tasks: usize) -> usize {
    rayon::current_num_threads().clamp(1, tasks.max(1))
}

/// Analyses all tasks on the CPU, each on one thread. A thread that fails leaves its tasks to the
/// others, and this one goes on in any case.
pub fn analyze_on_threads(tasks: &[Task], work: &Work<'_>) -> (BackendInfo, Gathered) {
    let counters = Counters::default();
    let threads = count_threads(tasks.len());
    let mut workers = threads;
    let mut gathered = Gathered::default();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(|| catch_panic(|| open_and_take_tasks(work, &counters))))
            .collect();
        gathered.join(take_tasks(tasks, work, &counters));
        for other in others {
            // A thread's own panics are caught in it.
            match other.join().unwrap_or_else(|_| Err(Error::Numerics("it ended".into()))) {
                Ok(Ok(part)) => gathered.join(part),
                Ok(Err(error)) | Err(error) => {
                    workers -= 1;
                    tell(&format!("one of {threads} threads could not begin: {error}"));
                }
            }
        }
    });
    let detail = match (&work.options.base, work.options.backend) {
        (None, _) => analysis::NO_PRODUCTS,
        (_, BackendChoice::Cpu) => "chosen by the user",
        _ => "no hardware GPU was found",
    };
    let info = BackendInfo {
        kind: BackendKind::Cpu,
        adapter: None,
        detail: detail.into(),
        workers: workers as u32,
    };
    (info, gathered)
}
