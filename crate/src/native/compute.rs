//! Analyses all tasks on a GPU or on threads.

use crate::native::faults::{catch_panic, describe_panic};
use crate::native::gate::plan_tasks;
use crate::native::gathered::Gathered;
use crate::native::interrupt::{Stopped, is_asked, stop_if_asked};
use crate::native::kept::{Found, Kept};
use crate::native::open::Places;
use crate::native::options::Options;
use crate::native::pace::Pace;
use crate::native::progress::tell_finished;
use crate::native::tell::tell;
use gatescope::analysis::{self, Host, Stages, Task, analyze};
use gatescope::error::Error;
use gatescope::kernels::Backend;
use gatescope::kernels::cpu::Cpu;
use gatescope::kernels::gpu::{Gpu, Prefer};
use gatescope::report::{BackendInfo, BackendKind, Shortened};
use gatescope::settings::{BackendChoice, Settings};
use std::any::Any;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What every task is analysed with.
pub struct Work<'a> {
    pub options: &'a Options,
    pub places: &'a Places,
    /// The user's, with maps as small as the report wants them.
    pub settings: &'a Settings,
    pub shortened: Option<Shortened>,
    /// Number of tasks.
    pub count: usize,
    /// Tasks, by their places, that an earlier run finished.
    pub finished: &'a HashSet<usize>,
    /// Where finished tasks are kept.
    pub kept: &'a Kept,
    pub pace: &'a Pace,
    pub now: &'a (dyn Fn() -> f64 + Sync),
}

/// Analyses one task and keeps what was found. A panic fails its tensor, and no other; `None` where
/// the user ended the analysis meanwhile.
fn analyze_task<B: Backend>(device: &B, task: &Task, work: &Work<'_>) -> Option<Found> {
    let stages = Stages::new(&work.now);
    let host = Host {
        memory: work.options.memory << 20,
        now: &work.now,
        progress: &|stage, _| {
            stages.enter(stage);
            stop_if_asked();
        },
    };
    let compute = || pollster::block_on(analyze(device, task, work.settings, &host));
    let describe = |panic: &(dyn Any + Send)| match panic.is::<Stopped>() {
        true => None,
        false => Some(describe_panic(panic)),
    };
    let mut results = analysis::contain_panic(task, compute, describe)?;
    // At once, so that no more is kept in memory than is written.
    analysis::shorten_results(&mut results, work.shortened);
    let mut found = Found { results, stages: stages.finish() };
    work.kept.add(task, &mut found);
    Some(found)
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
pub fn analyze_on_gpu(gpu: &Gpu, tasks: &[Task], work: &Work<'_>) -> Gathered {
    take_tasks(gpu, tasks, work, &Counters::new(work))
}

/// Describes the GPU that computes.
pub fn describe_gpu(gpu: &Gpu, options: &Options) -> BackendInfo {
    BackendInfo {
        kind: BackendKind::Gpu,
        adapter: Some(gpu.info().name.clone()),
        detail: format!("backend {}", options.backend),
        workers: 1,
    }
}

/// The counters that threads share.
struct Counters {
    /// The place of the next task that nobody took.
    next: AtomicUsize,
    done: AtomicUsize,
}

impl Counters {
    fn new(work: &Work<'_>) -> Self {
        Self { next: AtomicUsize::new(0), done: AtomicUsize::new(work.finished.len()) }
    }
}

/// Takes tasks until none is left, or the user ends the analysis.
fn take_tasks<B: Backend>(
    device: &B,
    tasks: &[Task],
    work: &Work<'_>,
    counters: &Counters,
) -> Gathered {
    let mut gathered = Gathered::default();
    while let Some(task) = tasks.get(counters.next.fetch_add(1, Ordering::Relaxed)) {
        if work.finished.contains(&task.id) {
            continue;
        }
        if is_asked() {
            break;
        }
        let Some(found) = analyze_task(device, task, work) else { break };
        gathered.add(found, work.shortened);
        let done = counters.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !work.options.quiet {
            let expected = analysis::estimate_seconds(task, work.settings);
            tell_finished((done, work.count), task, expected, (work.now)(), work.pace);
        }
    }
    gathered
}

/// Held by the thread that opens the checkpoints: opening them takes several times the memory of
/// the tasks that are left of it.
static OPENING: Mutex<()> = Mutex::new(());

/// Opens the checkpoints for a thread of its own, since sources are not shared between threads, and
/// plans its tasks.
fn plan_again(work: &Work<'_>) -> Result<Vec<Task>, Error> {
    let _alone = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    plan_tasks(&work.places.open()?, work.settings, work.options.only)
}

/// Plans the tasks for a thread of its own, and takes some.
fn open_and_take_tasks(work: &Work<'_>, counters: &Counters) -> Result<Gathered, Error> {
    let tasks = plan_again(work)?;
    if tasks.len() != work.count {
        return Err(Error::Setting("the checkpoints changed since they were opened first".into()));
    }
    Ok(take_tasks(&Cpu, &tasks, work, counters))
}

/// The most tasks that all threads together keep, each a copy of its own: of a kilobyte or less
/// each. Those of the largest models of experts, of 100 000 tensors, leave room for 10 threads.
const MOST_COPIES: usize = 1_000_000;

/// The number of threads that compute.
pub fn count_threads(tasks: usize) -> usize {
    let most = (MOST_COPIES / tasks.max(1)).max(1);
    rayon::current_num_threads().min(most).clamp(1, tasks.max(1))
}

/// Analyses all tasks on the CPU, each on one thread. A thread that fails leaves its tasks to the
/// others, and this one goes on in any case. Returns also how many threads computed.
pub fn analyze_on_threads(tasks: &[Task], work: &Work<'_>) -> (Gathered, usize) {
    let counters = Counters::new(work);
    let threads = count_threads(tasks.len());
    let mut workers = threads;
    let mut gathered = Gathered::default();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|_| scope.spawn(|| catch_panic(|| open_and_take_tasks(work, &counters))))
            .collect();
        gathered.join(take_tasks(&Cpu, tasks, work, &counters));
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
    (gathered, workers)
}

/// Describes the CPU with its number of threads.
pub fn describe_cpu(options: &Options, threads: usize) -> BackendInfo {
    let detail = match (&options.base, options.backend) {
        (None, _) => analysis::NO_PRODUCTS,
        (_, BackendChoice::Cpu) => "chosen by the user",
        _ => "no hardware GPU was found",
    };
    BackendInfo {
        kind: BackendKind::Cpu,
        adapter: None,
        detail: detail.into(),
        workers: threads as u32,
    }
}
