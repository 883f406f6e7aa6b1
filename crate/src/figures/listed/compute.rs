//! Number and places of the weights that a sparse delta lists.

use crate::figures::listed::report::Listed;
use crate::figures::listed::sums::ListedCounts;
use crate::figures::maps::compute::consensus_map;
use crate::figures::precision::profile::compute_profile;

/// Summarizes the counts of one listing. `parameters` is the number of weights where the shape is
/// known, and `maps` says whether the report has a map.
pub fn summarize_listed(c: &ListedCounts, parameters: Option<u64>, maps: bool) -> Listed {
    let places = c.places.as_ref();
    Listed {
        changed: c.changed,
        density: parameters.map(|all| c.changed as f64 / all as f64),
        row_density: places.and_then(|p| compute_profile(&p.row, p.column.len() as u64)),
        column_density: places.and_then(|p| compute_profile(&p.column, p.row.len() as u64)),
        map: places
            .filter(|_| maps)
            .map(|p| consensus_map(&p.grid, (p.row.len(), p.column.len()), &p.map)),
    }
}
