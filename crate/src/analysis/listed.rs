//! All runs of one tensor as sparse deltas list it, without their base.

use crate::analysis::results::TaskResults;
use crate::checkpoint::in_run::InRun;
use crate::checkpoint::listing::Listing;
use crate::figures::listed::compute::summarize_listed;
use crate::figures::listed::pass::{ListCounts, read_lists};
use crate::figures::maps::compute::consensus_map;
use crate::figures::overlap::compute::compute_overlap_of_lists;
use crate::figures::overlap::report::Overlap;
use crate::figures::overlap::sums::OverlapCounts;
use crate::figures::tensor::TensorReport;
use crate::host::Host;
use crate::settings::Settings;
use std::cell::Cell;

/// The note of every report of this kind, in place of a geometry.
const NOTE: &str = "there is no base: the delta tells which weights changed, but not by how much, \
                    so there are no figures of the update, its spectrum and its geometry";

/// Analyses all runs of one tensor. A run whose list can't be read is reported as failed, and the
/// others are compared without it.
pub async fn analyze_listings(
    listings: &[InRun<Listing>],
    settings: &Settings,
    host: &Host<'_>,
) -> TaskResults {
    let start = (host.now)();
    // Lists are read again without a run that failed: progress must not go back then.
    let most = Cell::new(0.0);
    let progress = |stage: &str, share: f64| {
        most.set(share.max(most.get()));
        (host.progress)(stage, most.get());
    };
    let host = &Host { progress: &progress, ..*host };
    let mut tensors: Vec<_> = listings
        .iter()
        .map(|listing| InRun::new(listing.run, report_for(&listing.value)))
        .collect();
    let (good, counts) = read_good_lists(listings, &mut tensors, settings, host).await;
    let maps = settings.map_side > 0;
    for (place, counts) in good.iter().zip(&counts.runs) {
        let parameters = listings[*place].value.elements();
        tensors[*place].value.listed = Some(summarize_listed(counts, parameters, maps));
    }
    let runs: Vec<usize> = good.iter().map(|place| listings[*place].run).collect();
    let overlaps = match (&counts.overlap, listings.first()) {
        (Some(counts), Some(first)) => vec![compute_overlap(&first.value, runs, counts, maps)],
        _ => Vec::new(),
    };
    let seconds = ((host.now)() - start) / tensors.len().max(1) as f64;
    tensors.iter_mut().for_each(|report| report.value.seconds = seconds);
    (host.progress)("done", 1.0);
    TaskResults { tensors, overlaps }
}

/// Reads the lists of all runs that can be read, and marks the others as failed. Returns the places
/// of the good ones, and their counts.
async fn read_good_lists(
    listings: &[InRun<Listing>],
    tensors: &mut [InRun<TensorReport>],
    settings: &Settings,
    host: &Host<'_>,
) -> (Vec<usize>, ListCounts) {
    let mut good: Vec<usize> = (0..listings.len()).collect();
    loop {
        let read: Vec<&Listing> = good.iter().map(|place| &listings[*place].value).collect();
        match read_lists(&read, settings.map_side, host).await {
            Ok(counts) => return (good, counts),
            Err(failed) => tensors[good.remove(failed.place)].value.fail(&failed.error),
        }
    }
}

/// Compares the runs of a tensor with each other. All have the shape of the `first`.
fn compute_overlap(
    first: &Listing,
    runs: Vec<usize>,
    counts: &OverlapCounts,
    maps: bool,
) -> Overlap {
    let matrix = first.matrix();
    let mut found =
        compute_overlap_of_lists(&first.name, runs, counts, first.elements(), matrix.is_some());
    let shape = matrix.filter(|_| maps).map(|(m, n)| (m as usize, n as usize));
    found.consensus_map = shape.map(|shape| consensus_map(&counts.grid, shape, &counts.map_all));
    found
}

fn report_for(listing: &Listing) -> TensorReport {
    TensorReport { geometry_note: Some(NOTE.into()), ..TensorReport::for_listing(listing) }
}
