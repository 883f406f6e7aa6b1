//! How much detail the report of a plan has: less, the more matrices there are.

use crate::analysis::results::TaskResults;
use crate::analysis::task::Task;
use crate::report::Shortened;
use crate::settings::Settings;
use std::borrow::Cow;

/// How far the details of the report of these tasks are shortened; `None` where they are whole.
pub fn find_shortened(tasks: &[Task]) -> Option<Shortened> {
    let matrices = tasks
        .iter()
        .filter(|task| task.common().is_some_and(|common| common.shape.len() == 2))
        .map(|task| task.runs().len())
        .sum();
    Shortened::for_matrices(matrices)
}

/// The settings with which a task is analysed: maps are made as small as the report wants them.
pub fn limit_maps(settings: &Settings, shortened: Option<Shortened>) -> Cow<'_, Settings> {
    match shortened {
        Some(Shortened { map_side, .. }) if map_side < settings.map_side => {
            Cow::Owned(Settings { map_side, ..settings.clone() })
        }
        _ => Cow::Borrowed(settings),
    }
}

/// Shortens the curves of a task's results.
pub fn shorten_results(results: &mut TaskResults, shortened: Option<Shortened>) {
    let Some(shortened) = shortened else { return };
    results.tensors.iter_mut().for_each(|tensor| shortened.shorten_curves(&mut tensor.value));
    results.overlaps.iter_mut().for_each(|overlap| shortened.shorten_overlap(overlap));
}
