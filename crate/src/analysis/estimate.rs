//! What an analysis is expected to take, before anything is computed.

use crate::analysis::details::find_shortened;
use crate::analysis::task::{Task, Work};
use crate::checkpoint::pairing::Pair;
use crate::settings::Settings;
use serde::Serialize;

/// What an analysis is expected to take: about, since it goes by shapes alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Number of matrices, those of all runs together.
    pub matrices: usize,
    /// Bytes of the report.
    pub report_bytes: f64,
    /// Bytes of memory that the largest task takes.
    pub task_bytes: f64,
    /// Seconds of one core of the native program.
    pub core_seconds: f64,
}

/// Elements of a matrix that one core decomposes in a second at k = 64, and elements that it only
/// compares (docs/performance.md: two layers of Qwen2.5-0.5B in 2.3 s on two cores).
const DECOMPOSED: f64 = 7e6;
const COMPARED: f64 = 2e8;

/// Seconds of a matrix beside that, by k²: chance levels of single angles and masks at every rank.
/// 18,867 matrices of 48×48 took 0.023 s each, those of 64×64 0.045 s.
const OF_RANK: f64 = 1.1e-5;

/// Bytes of the figures of a tensor that is no matrix, and of a matrix beside its lists.
const VECTOR: f64 = 2_500.0;
const MATRIX: f64 = 4_900.0;
const WITHOUT_LISTS: f64 = 4_100.0;
const WITHOUT_SUBSPACES: f64 = 1_150.0;

/// Bytes of a number in the report, and of a rank of its sweeps.
const NUMBER: f64 = 13.0;
const OF_SWEEP: f64 = 1_500.0;

/// Bytes of what several runs share of a tensor, and of each pair of them.
const SHARED: f64 = 1_000.0;
const OF_PAIR: f64 = 60.0;

/// Seconds that one core of the native program takes for a pair.
fn estimate_pair(pair: &Pair, settings: &Settings) -> f64 {
    let elements = pair.elements() as f64;
    if !pair.is_matrix() {
        return elements / COMPARED;
    }
    let k = (settings.k as f64).min(pair.rows() as f64).min(pair.cols() as f64);
    elements / COMPARED + elements * (k / 64.0) / DECOMPOSED + OF_RANK * k * k
}

/// Seconds that one core of the native program takes for a task: about, and right in proportion
/// to others. What a run takes in truth is measured by it.
pub fn estimate_seconds(task: &Task, settings: &Settings) -> f64 {
    match &task.work {
        Work::Pairs(pairs) => pairs.iter().map(|pair| estimate_pair(&pair.value, settings)).sum(),
        Work::Listings(listings) => {
            listings.iter().map(|listing| listing.value.bytes as f64 / COMPARED).sum()
        }
    }
}

/// Estimates what the tasks of a plan take, each with at most `memory` bytes.
pub fn estimate(tasks: &[Task], settings: &Settings, memory: u64) -> Estimate {
    let shortened = find_shortened(tasks);
    let mut sum = Estimate { matrices: 0, report_bytes: 0.0, task_bytes: 0.0, core_seconds: 0.0 };
    for task in tasks {
        sum.core_seconds += estimate_seconds(task, settings);
        let runs = task.runs().len() as f64;
        if runs > 1.0 {
            sum.report_bytes += SHARED + OF_PAIR * runs * runs;
        }
        match &task.work {
            Work::Pairs(pairs) => {
                for pair in pairs.iter().map(|pair| &pair.value) {
                    let bytes = estimate_memory(pair, settings, memory);
                    sum.task_bytes = sum.task_bytes.max(bytes);
                    if !pair.is_matrix() {
                        sum.report_bytes += VECTOR;
                        continue;
                    }
                    let (rows, cols) = (pair.rows() as f64, pair.cols() as f64);
                    let k = (settings.k as f64).min(rows).min(cols);
                    sum.matrices += 1;
                    let length = shortened.map_or(f64::INFINITY, |s| s.curve_length as f64);
                    let side = settings.map_side.min(shortened.map_or(usize::MAX, |s| s.map_side));
                    let side = side as f64;
                    let cells = side.min(rows) * side.min(cols);
                    let spectrum = rows.min(cols).min(settings.exact_limit as f64).min(length);
                    let curves = match shortened {
                        Some(shortened) if !shortened.subspaces => spectrum,
                        _ => {
                            3.0 * spectrum
                                + 9.0 * k.min(length)
                                + 2.0 * rows.min(cols).min(256.0).min(length)
                        }
                    };
                    let sweep = match shortened {
                        Some(shortened) if !shortened.sweeps => 0.0,
                        _ => OF_SWEEP * (k.max(1.0).log2() + 1.0),
                    };
                    let figures = match shortened {
                        Some(shortened) if !shortened.subspaces => WITHOUT_SUBSPACES,
                        Some(shortened) if !shortened.lists => WITHOUT_LISTS,
                        _ => MATRIX,
                    };
                    // Three maps in base64.
                    sum.report_bytes += figures + 4.0 * cells + NUMBER * curves + sweep;
                }
            }
            Work::Listings(listings) => {
                for listing in listings {
                    sum.report_bytes += VECTOR;
                    sum.task_bytes = sum.task_bytes.max(listing.value.bytes as f64);
                }
            }
        }
    }
    sum
}

/// Bytes that the pair takes: both sides, or what is read of them at a time, and the blocks or Gram
/// matrices of its decomposition (docs/numerics.md §13).
fn estimate_memory(pair: &Pair, settings: &Settings, memory: u64) -> f64 {
    let memory = memory as f64;
    let sides = 2.0 * pair.bytes() as f64;
    let sides = if sides > memory / 2.0 { 64e6 } else { sides };
    if !pair.is_matrix() {
        return sides.min(memory);
    }
    let (rows, cols) = (pair.rows() as f64, pair.cols() as f64);
    let (short, k) = (rows.min(cols), settings.k as f64);
    let decomposition = if short <= settings.exact_limit as f64 {
        56.0 * short * short
    } else {
        40.0 * k * (rows + cols)
    };
    (sides + decomposition).min(memory)
}
