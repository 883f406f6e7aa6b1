//! Where a tensor's time goes: seconds by stage, under the same names in the page and in the native
//! program.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// The stage that an analysis is in before it first tells one.
const FIRST: &str = "read";

struct Current {
    name: String,
    since: f64,
}

/// Adds up the seconds between the stages that an analysis tells.
pub struct Stages<'a> {
    now: &'a dyn Fn() -> f64,
    current: RefCell<Current>,
    spent: RefCell<BTreeMap<String, f64>>,
}

impl<'a> Stages<'a> {
    /// Starts counting.
    pub fn new(now: &'a dyn Fn() -> f64) -> Self {
        let current = RefCell::new(Current { name: FIRST.into(), since: now() });
        Self { now, current, spent: RefCell::default() }
    }

    /// What has passed belongs to the stage so far; what follows, to `stage`.
    pub fn enter(&self, stage: &str) {
        let now = (self.now)();
        let mut current = self.current.borrow_mut();
        let seconds = now - current.since;
        *self
            .spent
            .borrow_mut()
            .entry(std::mem::replace(&mut current.name, stage.into()))
            .or_default() += seconds;
        current.since = now;
    }

    /// Seconds by stage, up to now.
    pub fn finish(self) -> BTreeMap<String, f64> {
        self.enter(FIRST);
        self.spent.into_inner()
    }
}

/// Adds the seconds of one tensor to those of others.
pub fn add_stages(sum: &mut BTreeMap<String, f64>, one: BTreeMap<String, f64>) {
    for (stage, seconds) in one {
        *sum.entry(stage).or_default() += seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn time_goes_to_the_stage_it_was_spent_in() {
        let clock = Cell::new(10.0);
        let now = || clock.get();
        let stages = Stages::new(&now);
        for (at, stage) in [(10.5, "diff"), (12.5, "spectra"), (13.5, "diff")] {
            clock.set(at);
            stages.enter(stage);
        }
        clock.set(17.5);
        let mut sum = stages.finish();
        assert_eq!(
            sum,
            BTreeMap::from([("read".into(), 0.5), ("diff".into(), 6.0), ("spectra".into(), 1.0)])
        );
        add_stages(&mut sum, BTreeMap::from([("diff".into(), 1.0), ("masks".into(), 2.0)]));
        assert_eq!((sum["diff"], sum["masks"]), (7.0, 2.0));
    }
}
