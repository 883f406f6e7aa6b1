//! One pass over the base and all runs of a tensor, tile by tile, which compares the runs with each
//! other.

use crate::checkpoint::in_run::InRun;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::maps::compute::consensus_map;
use crate::figures::overlap::compute::compute_overlap;
use crate::figures::overlap::report::Overlap;
use crate::figures::overlap::sums::{OverlapCounts, Work as OverlapWork};
use crate::host::Host;
use crate::settings::{Comparison, Settings};

/// Bytes of all sides together that are in memory at a time: more runs make lower tiles, not more
/// memory.
const TILE: u64 = 8 << 20;

/// Compares the runs of a tensor with each other; `None` for a single run. The base is read once
/// for all of them.
///
/// The pass is a stream of comparisons, bound by reading, so it runs on the CPU whatever the
/// backend.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn compare_runs(
    pairs: &[InRun<Pair>],
    settings: &Settings,
    host: &Host<'_>,
) -> Result<Option<Overlap>, Error> {
    let Some(InRun { value: first, .. }) = pairs.first().filter(|_| pairs.len() > 1) else {
        return Ok(None);
    };
    let (rows, cols) = (first.rows(), first.cols());
    let tuned_size: usize = pairs.iter().map(|pair| pair.value.dtype.size()).sum();
    let row_bytes = cols * (first.dtype.size() + tuned_size) as u64;
    let step = (TILE / row_bytes.max(1)).max(1);
    let shape = (rows as usize, cols as usize);
    let grid = Grid::new(shape.0, shape.1, settings.map_side);
    let steps = settings.comparison == Some(Comparison::Steps);
    let empty = if steps { OverlapCounts::zero_of_steps } else { OverlapCounts::zero };
    let mut counts = empty(pairs.len(), shape.1, grid);
    let mut work = OverlapWork::default();
    let mut start = 0;
    while start < rows {
        (host.progress)("overlaps", start as f64 / rows as f64);
        let range = start..rows.min(start + step);
        let read = async |pair: &Pair, side| pair.decode_rows(side, range.clone()).await;
        let base = read(first, Side::Base).await?;
        let mut tuned = Vec::with_capacity(pairs.len());
        for pair in pairs {
            tuned.push(read(&pair.value, Side::Tuned).await?);
        }
        counts.add(
            &base,
            &tuned,
            (range.end - range.start) as usize,
            settings.eta as f32,
            &mut work,
        );
        start = range.end;
    }
    let runs = pairs.iter().map(|pair| pair.run).collect();
    let mut found =
        compute_overlap(&first.name, runs, &counts, first.elements(), first.is_matrix());
    found.consensus_map = (first.is_matrix() && settings.map_side > 0)
        .then(|| consensus_map(&grid, shape, &counts.map_all));
    Ok(Some(found))
}
