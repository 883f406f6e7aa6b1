//! The places of the weights that a sparse delta lists.

use crate::figures::listed::report::Listed;
use crate::figures::listed::sums::ListedCounts;
use crate::figures::maps::compute::consensus;
use crate::figures::precision::profile::profile;

/// The report's figures of one listing; `parameters` where the shape is known, `maps` whether there
/// is to be a map.
pub fn listed(c: &ListedCounts, parameters: Option<u64>, maps: bool) -> Listed {
    let places = c.places.as_ref();
    Listed {
        changed: c.changed,
        density: parameters.map(|all| c.changed as f64 / all as f64),
        row_density: places.and_then(|p| profile(&p.row, p.column.len() as u64)),
        column_density: places.and_then(|p| profile(&p.column, p.row.len() as u64)),
        map: places
            .filter(|_| maps)
            .map(|p| consensus(&p.grid, (p.row.len(), p.column.len()), &p.map)),
    }
}
