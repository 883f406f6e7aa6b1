//! Says before an analysis what it is expected to take.

use gatescope::analysis::Estimate;

/// An analysis of more seconds than this is warned of.
const LONG: f64 = 3600.0;

/// A report of more bytes than this is warned of: beyond it files are hard to send and slow to
/// open.
const LARGE: f64 = 100e6;

/// Describes seconds with the unit that they are read in.
pub fn describe_time(seconds: f64) -> String {
    match seconds {
        ..90.0 => format!("{:.0} s", seconds.max(1.0)),
        90.0..5400.0 => format!("{:.0} min", seconds / 60.0),
        5400.0..172_800.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} days", seconds / 86_400.0),
    }
}

/// Describes bytes with the unit that they are read in.
fn describe_bytes(bytes: f64) -> String {
    match bytes {
        ..1e6 => format!("{:.0} kB", (bytes / 1e3).max(1.0)),
        1e6..1e9 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

/// One line on what an analysis takes on `threads` threads, or on a GPU (`None`), and a second one
/// where that is much.
pub fn describe_estimate(estimate: &Estimate, threads: Option<usize>) -> Vec<String> {
    let Estimate { matrices, report_bytes, task_bytes, core_seconds } = *estimate;
    let workers = threads.unwrap_or(1) as f64;
    let seconds = core_seconds / workers;
    // Results stay in memory until they are written, and parsed ones take about twice their text.
    let memory = describe_bytes(task_bytes * workers + 2.0 * report_bytes);
    let time = match threads {
        Some(1) => format!("about {} on 1 thread", describe_time(seconds)),
        Some(threads) => format!("about {} on {threads} threads", describe_time(seconds)),
        None => "a time that only the GPU can tell".into(),
    };
    let size = describe_bytes(report_bytes);
    let mut lines = vec![format!(
        "{matrices} matrices: {time}, up to {memory} of memory, a report of about {size}"
    )];
    if (threads.is_some() && seconds > LONG) || report_bytes > LARGE {
        lines.push(
            "warning: that is much. --layers 0-3 compares some layers alone, a smaller --k and \
             --map-side 0 take less, and fewer --tuned at once give smaller reports, as does an \
             --out that ends in .json.gz: about a tenth"
                .into(),
        );
    }
    lines
}
