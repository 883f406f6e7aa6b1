//! Shows how far an analysis is: a bar on a terminal, else a line for each tensor.

use crate::native::estimate::describe_time;
use crate::native::pace::Pace;
use crate::native::tell::{find_bar, show_bar, tell, tell_event, writes_json};
use gatescope::analysis::Task;
use gatescope::report::escape_line;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;

/// Draws a bar of `count` tensors of which `done` are finished, where stderr is a terminal and
/// lines are for people.
pub fn start_bar(done: usize, count: usize) {
    if writes_json() || !std::io::stderr().is_terminal() {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} tensors  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(done as u64);
    show_bar(bar);
}

/// Takes the bar away.
pub fn end_bar() {
    if let Some(bar) = find_bar() {
        bar.finish_and_clear();
    }
}

/// Says that a task is finished, as the `done`th of `count`, `elapsed` seconds after the start:
/// with the rate at which weights are analysed, and about how long the others take.
pub fn tell_finished(
    (done, count): (usize, usize),
    task: &Task,
    expected: f64,
    elapsed: f64,
    pace: &Pace,
) {
    let at = pace.finish(expected, task.bytes(), elapsed);
    if writes_json() {
        tell_event(&json!({
            "event": "progress",
            "done": done,
            "of": count,
            "tensor": task.name(),
            "seconds": elapsed,
            "bytes_per_second": at.rate,
            "seconds_left": at.left,
        }));
        return;
    }
    let left = at.left.map(|left| format!(", about {} left", describe_time(left)));
    let left = left.unwrap_or_default();
    let Some(bar) = find_bar() else {
        return tell(&format!("{done}/{count} {}{left}", task.name()));
    };
    let rate = at.rate.map(|rate| format!("{:.0} MB/s{left}  ", rate / 1e6));
    bar.set_position(done as u64);
    bar.set_message(format!("{}{}", rate.unwrap_or_default(), escape_line(task.name())));
}
