//! What the sums of a group and those at one rank are made of.

use crate::figures::masks::report::MaskOverlap;
use crate::figures::registry::{Figure, RollupBy, figures};
use std::collections::BTreeMap;

/// The values of figures and of their chance levels, by the names that these have in a rollup.
pub(crate) type Values = BTreeMap<&'static str, Vec<f64>>;

/// The figures of the registry whose rollup is a mean.
pub(crate) fn averaged() -> impl Iterator<Item = &'static Figure> {
    figures().filter(|figure| figure.rollup == RollupBy::Mean)
}

/// Adds a value to those of a name.
pub(crate) fn add_value(values: &mut Values, name: &'static str, value: Option<f64>) {
    values.entry(name).or_default().extend(value);
}

/// Sizes of a mask and of what it has in common with the update mask, summed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MaskCounts {
    pub(crate) size: u64,
    pub(crate) both: u64,
}

impl MaskCounts {
    pub(crate) fn add(&mut self, mask: &MaskOverlap) {
        self.join(Self { size: mask.size, both: mask.both });
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.size += other.size;
        self.both += other.both;
    }

    pub(crate) fn overlap(self, changed: u64, total: u64) -> MaskOverlap {
        MaskOverlap::new(self.size, self.both, changed, total)
    }
}

/// Joins lists that have one entry for each α, of which the first may still be empty.
pub(crate) fn join_each<T: Default + Clone>(
    sums: &mut Vec<T>,
    other: &[T],
    join: impl Fn(&mut T, &T),
) {
    if sums.len() < other.len() {
        sums.resize(other.len(), T::default());
    }
    sums.iter_mut().zip(other).for_each(|(sum, one)| join(sum, one));
}

/// Takes in the values of other matrices.
pub(crate) fn join_values(values: &mut Values, other: &Values) {
    for (name, more) in other {
        values.entry(name).or_default().extend(more);
    }
}
