//! A summary of a report.

use gatescope::report::Report;

/// TODO
pub fn summarize(_report: &Report) -> Vec<String> {
    Vec::new()
}
