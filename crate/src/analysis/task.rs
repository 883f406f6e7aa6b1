//! Tasks: the parts that an analysis is cut into.

use crate::checkpoint::in_run::InRun;
use crate::checkpoint::listing::Listing;
use crate::checkpoint::names::role::Role;
use crate::checkpoint::pairing::Pair;
use crate::element::dtype::Dtype;

/// One tensor, or a slice of one, in every run that has it.
pub struct Task {
    /// The tensor's place in the base; without a base, its place in the natural order of names.
    pub id: usize,
    /// The comparison, in every run that has the tensor.
    pub work: Work,
}

/// The comparison that a task makes.
pub enum Work {
    /// Tensors with their partner in the base.
    Pairs(Vec<InRun<Pair>>),
    /// Weights that sparse deltas list, without a base.
    Listings(Vec<InRun<Listing>>),
}

/// Properties that all runs of a task share.
pub struct Common<'a> {
    /// The tensor's name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: &'a str,
    /// Layer and module.
    pub role: &'a Role,
    /// One or two dimensions; empty if the shape is unknown.
    pub shape: &'a [u64],
    /// The first run's dtype.
    pub dtype: Dtype,
    /// Number of elements; 0 if the shape is unknown.
    pub parameters: u64,
}

impl Task {
    /// Properties that its runs share; `None` for a task without runs, which no plan makes.
    pub fn common(&self) -> Option<Common<'_>> {
        match &self.work {
            Work::Pairs(pairs) => {
                let p = &pairs.first()?.value;
                Some(Common {
                    name: &p.name,
                    role: &p.role,
                    shape: &p.shape,
                    dtype: p.dtype,
                    parameters: p.elements(),
                })
            }
            Work::Listings(listings) => {
                let l = &listings.first()?.value;
                Some(Common {
                    name: &l.name,
                    role: &l.role,
                    shape: &l.shape,
                    dtype: l.dtype,
                    parameters: l.elements().unwrap_or(0),
                })
            }
        }
    }

    /// The pairs of its runs; none without a base.
    pub(crate) fn pairs(&self) -> &[InRun<Pair>] {
        match &self.work {
            Work::Pairs(pairs) => pairs,
            Work::Listings(_) => &[],
        }
    }

    /// The tensor's name.
    pub fn name(&self) -> &str {
        self.common().map_or("", |c| c.name)
    }

    /// The runs that have the tensor.
    pub fn runs(&self) -> Vec<usize> {
        match &self.work {
            Work::Pairs(pairs) => pairs.iter().map(|pair| pair.run).collect(),
            Work::Listings(listings) => listings.iter().map(|listing| listing.run).collect(),
        }
    }

    /// A rough cost: elements that the products read, or bytes of lists. It can be compared with
    /// that of tasks of the same kind, so that costly tensors go first.
    pub fn cost(&self) -> f64 {
        match &self.work {
            Work::Pairs(pairs) => pairs
                .iter()
                .map(|InRun { value: p, .. }| {
                    p.elements() as f64 * if p.is_matrix() { 64.0 } else { 1.0 }
                })
                .sum(),
            Work::Listings(listings) => listings.iter().map(|l| l.value.bytes as f64).sum(),
        }
    }

    /// Bytes that are read at least once.
    pub fn bytes(&self) -> u64 {
        match &self.work {
            Work::Pairs(pairs) => pairs.iter().map(|p| p.value.stored_bytes()).sum(),
            Work::Listings(listings) => listings.iter().map(|l| l.value.bytes).sum(),
        }
    }
}
