//! Plans an analysis, or Gate III alone.

use crate::native::faults::catch_panic;
use crate::native::left_out::print_left_out;
use crate::native::options::Only;
use gatescope::analysis::{self, Inputs, Task, Work};
use gatescope::error::Error;
use gatescope::settings::Settings;

/// Why no tensor of a report has spectra.
const NOT_ASKED: &str = "only Gate III was asked for";

/// Plans the tasks of an analysis. A panic on the way is an error, as is a plan without a task.
///
/// # Errors
/// Those of [`analysis::plan`], after what is left out was printed.
pub fn plan_tasks(
    inputs: &Inputs,
    settings: &Settings,
    only: Option<Only>,
) -> Result<Vec<Task>, Error> {
    let plan = catch_panic(|| analysis::plan(inputs, settings)).flatten();
    let mut tasks = plan.inspect_err(|_| print_left_out(inputs, settings))?.tasks;
    if only == Some(Only::Gate) {
        tasks.iter_mut().for_each(keep_gate);
        // Without spectra the costliest tasks are others.
        tasks.sort_by(|a, b| b.cost().total_cmp(&a.cost()));
    }
    Ok(tasks)
}

/// Takes from a task all passes beside the one that counts.
fn keep_gate(task: &mut Task) {
    let Work::Pairs(pairs) = &mut task.work else { return };
    for pair in pairs.iter_mut().map(|pair| &mut pair.value) {
        if pair.is_matrix() {
            pair.no_spectrum = Some(NOT_ASKED);
        }
        (pair.fisher, pair.heads, pair.outputs) = (None, None, None);
    }
}
