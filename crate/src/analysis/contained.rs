//! A panic in a task is a fault of this program: it fails the task's tensor, and no other.

use crate::analysis::results::TaskResults;
use crate::analysis::runs::fail_task;
use crate::analysis::task::Task;
use crate::error::Error;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls `compute`, which analyses `task`. Where it panics, the tensor failed in every run with
/// what `describe` makes of the panic; `None` where that is nothing, as of a panic by which the
/// user ends the analysis.
pub fn contain_panic(
    task: &Task,
    compute: impl FnOnce() -> TaskResults,
    describe: impl FnOnce(&(dyn Any + Send)) -> Option<Error>,
) -> Option<TaskResults> {
    match catch_unwind(AssertUnwindSafe(compute)) {
        Ok(results) => Some(results),
        Err(panic) => describe(&*panic).map(|error| fail_task(task, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::inputs::Inputs;
    use crate::analysis::plan::plan;
    use crate::analysis::runs::analyze;
    use crate::checkpoint::testing::{FileBuilder, open};
    use crate::figures::tensor::Status;
    use crate::host::Host;
    use crate::kernels::cpu::Cpu;
    use crate::settings::Settings;
    use crate::source::MemorySource;
    use crate::source::testing::WatchedSource;
    use pollster::block_on;
    use std::cell::Cell;
    use std::ops::Range;
    use std::rc::Rc;

    fn bytes(step: f32) -> Vec<u8> {
        let values: Vec<f32> =
            (0..80).map(|i| (i as f32).sin() + step * (i as f32).cos()).collect();
        FileBuilder::new()
            .f32s("a", &[10, 8], &values)
            .bf16s("b", &[8, 10], &values)
            .f32s("c", &[80], &values)
            .bytes()
    }

    #[test]
    fn a_panic_anywhere_fails_one_tensor_and_leaves_the_others_as_they_are() {
        // Reads that go before the one that panics.
        let left = Rc::new(Cell::new(usize::MAX));
        let file = MemorySource::new("tuned.safetensors", bytes(0.1));
        let still = left.clone();
        let see = move |range: &Range<u64>| {
            let before = still.replace(still.get().wrapping_sub(1));
            assert!(before != 0, "a read of {range:?}");
        };
        let tuned = open("tuned", vec![Rc::new(WatchedSource { file, see })]);
        let base = MemorySource::new("base.safetensors", bytes(0.0));
        let base = open("base", vec![Rc::new(base)]).expect("a base");
        let inputs = Inputs::new(Some(base), vec![tuned.expect("a tuned one")], None);
        let (inputs, settings) =
            (inputs.expect("inputs"), Settings { k: 4, ..Settings::default() });
        let tasks = plan(&inputs, &settings).expect("tasks").tasks;
        let host = Host { memory: 1 << 20, now: &|| 0.0, progress: &|_, _| {} };
        let describe =
            |panic: &(dyn Any + Send)| panic.downcast_ref::<String>().cloned().map(Error::Numerics);
        let run = |reads: usize| -> Vec<_> {
            left.set(reads);
            let compute = |task| block_on(analyze(&Cpu, task, &settings, &host));
            tasks
                .iter()
                .filter_map(|task| contain_panic(task, || compute(task), describe))
                .map(|found| format!("{found:?}"))
                .collect()
        };
        let whole = run(usize::MAX);
        let reads = usize::MAX - left.get();
        assert!(reads >= tasks.len(), "{reads} reads");
        let failed = format!("{:?}", Status::Failed);
        for place in 0..reads {
            let found = run(place);
            let differ: Vec<_> =
                found.iter().zip(&whole).filter(|(found, whole)| found != whole).collect();
            assert_eq!((found.len(), differ.len()), (tasks.len(), 1), "read {place} of {reads}");
            let (found, _) = differ[0];
            assert!(found.contains(&failed) && found.contains("a read of"), "{found}");
        }
        left.set(0);
        let nothing = contain_panic(&tasks[0], || panic!("the user's"), |_| None);
        assert!(nothing.is_none());
    }
}
