//! How long an analysis will still take, measured while it runs.

use std::sync::Mutex;

/// Before so many seconds too little is measured.
const FIRST: f64 = 5.0;

/// Times below this are not worth a word.
const SHORT: f64 = 10.0;

/// The pace of an analysis: what tasks were expected to take, beside what they take.
pub struct Pace {
    /// Seconds that all tasks were expected to take, on one core.
    expected: f64,
    finished: Mutex<Finished>,
}

/// What tasks are finished.
#[derive(Default)]
struct Finished {
    /// Seconds that they were expected to take.
    seconds: f64,
    /// Bytes of their tensors.
    bytes: f64,
}

/// How an analysis goes on, as far as that is known yet.
#[derive(Debug, PartialEq)]
pub struct Going {
    /// Bytes of tensors per second.
    pub rate: Option<f64>,
    /// Seconds that are left; `None` also where they are few.
    pub left: Option<f64>,
}

impl Pace {
    /// Begins to measure tasks that are `expected` to take so many seconds.
    pub fn new(expected: f64) -> Self {
        Self { expected, finished: Mutex::default() }
    }

    /// Counts a task of so many bytes as finished that was expected to take `seconds`, after
    /// `elapsed` seconds of the analysis.
    pub fn finish(&self, seconds: f64, bytes: u64, elapsed: f64) -> Going {
        // Nothing that holds it can panic, and a wrong pace would do no harm.
        let mut finished = self.finished.lock().unwrap_or_else(|broken| broken.into_inner());
        finished.seconds += seconds;
        finished.bytes += bytes as f64;
        let left = elapsed * (self.expected - finished.seconds) / finished.seconds;
        let rate = finished.bytes / elapsed;
        Going {
            rate: Some(rate).filter(|rate| rate.is_finite() && *rate > 0.0),
            left: Some(left).filter(|left| elapsed >= FIRST && left.is_finite() && *left >= SHORT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_what_was_measured() {
        let pace = Pace::new(100.0);
        assert_eq!(pace.finish(0.5, 10, 1.0), Going { rate: Some(10.0), left: None }, "too early");
        // A tenth took 720 s where 10 were expected.
        assert_eq!(pace.finish(9.5, 710, 720.0), Going { rate: Some(1.0), left: Some(6480.0) });
        assert_eq!(pace.finish(89.95, 0, 7200.0).left, None, "nearly nothing is left");
        assert_eq!(Pace::new(0.0).finish(0.0, 0, 10.0), Going { rate: None, left: None });
    }
}
