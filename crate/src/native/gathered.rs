//! What all tasks found, gathered as they finish.

use crate::native::kept::Found;
use gatescope::analysis::{Assembly, add_stages};
use gatescope::report::Shortened;
use std::collections::BTreeMap;

/// Results of tasks, ready for the report, and the seconds that each stage took. Details that no
/// report holds are let go at once.
#[derive(Default)]
pub struct Gathered {
    pub results: Assembly,
    pub stages: BTreeMap<String, f64>,
}

impl Gathered {
    /// Takes in what one task found.
    pub fn add(&mut self, found: Found, shortened: Option<Shortened>) {
        self.results.add(found.results, shortened);
        add_stages(&mut self.stages, found.stages);
    }

    /// Takes in what another thread gathered.
    pub fn join(&mut self, other: Self) {
        self.results.join(other.results);
        add_stages(&mut self.stages, other.stages);
    }
}
