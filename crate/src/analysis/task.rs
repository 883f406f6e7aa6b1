//! The parts that an analysis is cut into.

use crate::checkpoint::listing::Listing;
use crate::checkpoint::names::role::Role;
use crate::checkpoint::pairing::Pair;
use crate::element::dtype::Dtype;

/// One tensor, or a slice of one, in every run that has it.
pub struct Task {
    /// Its place in the base; without a base in the natural order of names.
    pub id: usize,
    /// What there is of it.
    pub work: Work,
}

/// What is compared.
pub enum Work {
    /// (run, pair with the base's tensor).
    Pairs(Vec<(usize, Pair)>),
    /// (run, weights that it lists), without a base.
    Listings(Vec<(usize, Listing)>),
}

/// What all runs of a task share.
pub struct Common<'a> {
    /// The tensor's name; `[e]` is appended for slice e of a 3-D tensor.
    pub name: &'a str,
    /// Layer and module.
    pub role: &'a Role,
    /// One or two dimensions; empty where it is not known.
    pub shape: &'a [u64],
    /// The first run's dtype.
    pub dtype: Dtype,
    /// Elements; 0 where they are not known.
    pub parameters: u64,
}

impl Task {
    /// What its runs share; `None` for a task without runs, which no plan makes.
    pub fn common(&self) -> Option<Common<'_>> {
        match &self.work {
            Work::Pairs(pairs) => {
                let (_, p) = pairs.first()?;
                Some(Common {
                    name: &p.name,
                    role: &p.role,
                    shape: &p.shape,
                    dtype: p.dtype,
                    parameters: p.elements(),
                })
            }
            Work::Listings(listings) => {
                let (_, l) = listings.first()?;
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

    /// Its tensor's name.
    pub fn name(&self) -> &str {
        self.common().map_or("", |c| c.name)
    }

    /// The runs that have it.
    pub fn runs(&self) -> Vec<usize> {
        match &self.work {
            Work::Pairs(pairs) => pairs.iter().map(|(run, _)| *run).collect(),
            Work::Listings(listings) => listings.iter().map(|(run, _)| *run).collect(),
        }
    }

    /// Rough cost, to be compared with that of tasks of the same kind, so that the costly tensors
    /// go first: what the products read, or what is read.
    pub fn cost(&self) -> f64 {
        match &self.work {
            Work::Pairs(pairs) => pairs
                .iter()
                .map(|(_, p)| p.elements() as f64 * if p.is_matrix() { 64.0 } else { 1.0 })
                .sum(),
            Work::Listings(listings) => listings.iter().map(|(_, l)| l.bytes as f64).sum(),
        }
    }

    /// Bytes read at least once.
    pub fn bytes(&self) -> u64 {
        match &self.work {
            Work::Pairs(pairs) => pairs.iter().map(|(_, p)| p.stored_bytes()).sum(),
            Work::Listings(listings) => listings.iter().map(|(_, l)| l.bytes).sum(),
        }
    }
}
