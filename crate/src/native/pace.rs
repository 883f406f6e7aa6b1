//! How long an analysis will still take, measured while it runs.

use crate::native::estimate::describe_time;
use std::sync::Mutex;

/// Before so many seconds too little is measured.
const FIRST: f64 = 5.0;

/// Times below this are not worth a word.
const SHORT: f64 = 10.0;

/// The pace of an analysis: what tasks were expected to take, beside what they take.
pub struct Pace {
    /// Seconds that all tasks were expected to take, on one core.
    expected: f64,
    /// Those of the tasks that are finished.
    finished: Mutex<f64>,
}

impl Pace {
    /// Begins to measure tasks that are `expected` to take so many seconds.
    pub fn new(expected: f64) -> Self {
        Self { expected, finished: Mutex::new(0.0) }
    }

    /// Counts a task as finished that was expected to take `seconds`, after `elapsed` seconds of
    /// the analysis. Returns what is left, in words; nothing where that is little, or not known
    /// yet.
    pub fn finish(&self, seconds: f64, elapsed: f64) -> String {
        // Nothing that holds it can panic, and a wrong pace would do no harm.
        let mut finished = self.finished.lock().unwrap_or_else(|broken| broken.into_inner());
        *finished += seconds;
        let left = elapsed * (self.expected - *finished) / *finished;
        if elapsed < FIRST || !left.is_finite() || left < SHORT {
            return String::new();
        }
        format!(", about {} left", describe_time(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_what_was_measured() {
        let pace = Pace::new(100.0);
        assert_eq!(pace.finish(0.5, 1.0), "", "too early");
        // A tenth took 720 s where 10 were expected.
        assert_eq!(pace.finish(9.5, 720.0), ", about 1.8 h left");
        assert_eq!(pace.finish(89.95, 7200.0), "", "nearly nothing is left");
        assert_eq!(Pace::new(0.0).finish(0.0, 10.0), "");
    }
}
